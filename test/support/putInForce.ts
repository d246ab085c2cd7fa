import type { Sql } from 'postgres'
import type { PolicyDocument } from '../../core/model/policy.ts'
import { parsePolicy } from '../../policies/document.ts'

interface Wanted {
  workspaceId: number
  number: number
  document: PolicyDocument
  at?: Date
}

/** Puts a policy in force by the shortest way that the database lets through, without a word to any node. */
export async function putInForce(sql: Sql, wanted: Wanted): Promise<void> {
  const { workspaceId, number, document, at = new Date() } = wanted
  const { hash } = parsePolicy(document)
  await sql.begin(async (tx) => {
    const key = tx`workspace_id = ${workspaceId} and number = ${number}`
    const [before] = await tx<{ number: number }[]>`
      update policy_version set status = 'retired'
      where workspace_id = ${workspaceId} and status = 'active' returning number`
    const previous = before?.number ?? null
    await tx`
      insert into policy_version (workspace_id, number, status, title, document, document_sha256, author,
        reason, created_at)
      values (${workspaceId}, ${number}, 'draft', ${document.title},
        ${JSON.stringify(document)}::text::jsonb, ${hash}, 'test', 'test', ${at})`
    await tx`
      update policy_version set status = 'proposed', widens = false, compared_with = ${previous}
      where ${key}`
    await tx`
      insert into policy_approval (workspace_id, number, approver, author, approved_at)
      values (${workspaceId}, ${number}, 'principal:approver', 'test', ${at})`
    await tx`update policy_version set status = 'approved' where ${key}`
    await tx`
      update policy_version set status = 'active', activated_at = ${at}, previous = ${previous}
      where ${key}`
  })
}
