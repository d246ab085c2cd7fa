import type { PolicyDocument } from '../../core/model/policy.ts'
import type { TestApp } from './app.ts'
import { putInForce } from './putInForce.ts'

/** Puts a policy in force as another node would: without a word to this one. */
export const activatePolicy = (
  { sql, workspaceId }: TestApp,
  document: PolicyDocument,
  number: number,
): Promise<void> => putInForce(sql, { workspaceId, number, document })
