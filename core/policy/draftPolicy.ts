import type { TransactionSql } from 'postgres'
import { insertPolicyDraft } from '../../blackboard/query/insertPolicyDraft.ts'
import type { Policy } from '../../policies/document.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { draftPolicyInput } from '../model/policyLife.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { changePolicy } from './changePolicy.ts'
import { parseCandidate } from './checkCandidate.ts'
import { authorOf, nowOf } from './version.ts'

/**
 * Stores a document under a number of its own. A draft binds nobody and never changes: what is edited
 * becomes another draft.
 *
 * @throws forbidden, bad_input, policy_invalid
 */
export async function draftPolicy(reader: Reader, input: unknown): Promise<number> {
  demand(reader, 'write', 'Policy')
  const { document, reason } = parseInput(draftPolicyInput, input)
  const policy = await parseCandidate(reader, document)
  const done = await changePolicy(reader, async (tx) => {
    const number = await storeDraft(tx, reader, policy, reason)
    return { action: 'policy.draft', number, payload: { hash: policy.hash } }
  })
  return done.number
}

/** In the caller's transaction, which holds the lock. */
export async function storeDraft(
  tx: TransactionSql,
  reader: Reader,
  { document, hash }: Policy,
  reason: string,
): Promise<number> {
  const [row] = await insertPolicyDraft(tx, {
    workspaceId: reader.principal.workspaceId,
    title: document.title,
    document: JSON.stringify(document),
    hash,
    author: authorOf(reader),
    reason,
    at: nowOf(reader.board),
  })
  if (row) return row.number
  throw fail('internal')
}
