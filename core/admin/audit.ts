import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import type { Handle } from '../../blackboard/statement.ts'
import type { Board } from '../board.ts'
import type { JsonObject } from '../model/json.ts'

export interface AuditAct {
  workspaceId: number
  /** `principal:<id>`, `agent:<plugin>/<agent>`, `source:<id>` or `system`. */
  actor: string
  /** Such as `principal.revoke`. */
  action: string
  /** `<noun>:<id>`, such as `principal:01J…`. */
  object: string
  /** Ids, counts and names of roles; never personal data, never a key. */
  payload: JsonObject
}

/** Writes an act down in the transaction that does it: neither can happen without the other. */
export async function audit(tx: Handle, { clock }: Board, act: AuditAct): Promise<void> {
  const { workspaceId, ...entry } = act
  const entries = JSON.stringify([{ ...entry, id: clock.id(), at: clock.now() }])
  await appendAudit(tx, { workspaceId, entries })
}
