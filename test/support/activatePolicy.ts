import type { PolicyDocument } from '../../core/model/policy.ts'
import { parsePolicy } from '../../policies/document.ts'
import type { TestApp } from './app.ts'

/** Puts a policy in force as another node would: without a word to this one. */
export async function activatePolicy(
  { sql, workspaceId }: TestApp,
  document: PolicyDocument,
  number: number,
): Promise<void> {
  const { hash } = parsePolicy(document)
  await sql`update policy_version set status = 'retired' where status = 'active'`
  await sql`
    insert into policy_version (workspace_id, number, status, title, document, document_sha256, author,
      reason, created_at)
    values (${workspaceId}, ${number}, 'active', ${document.title},
      ${JSON.stringify(document)}::text::jsonb, ${hash}, 'test', 'test', now())`
}
