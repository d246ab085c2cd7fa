import * as approvals from '../../blackboard/query/listApprovals.ts'
import type { ApprovalRow } from '../../blackboard/query/listApprovals.ts'
import * as statements from '../../blackboard/query/listHeld.ts'
import { asView, type ActivationView } from './listActivations.ts'
import { asPage, fillPage, pageSize } from './page.ts'
import type { Page, PageInput } from './page.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'
import { visibility } from './visibility.ts'
import type { RowKey } from './visibility.ts'

export type ApprovalView = ApprovalRow

/** The newest activations that wait to be released or approved, of all profiles that the reader may see. */
export async function listHeld(reader: Reader, input: PageInput): Promise<Page<ActivationView>> {
  const size = pageSize(input)
  demand(reader, 'read', 'Activation')
  const { workspaceId } = reader.principal
  const found = await fillPage(
    { size, after: input.after ?? null },
    {
      read: (after, limit) =>
        statements.listHeld(reader.board.db.sql, { workspaceId, after, limit }),
      show: async (rows) => rows.filter(await visibility(reader, rows)),
      cursorOf: ({ id }) => id,
    },
  )
  return asPage(found.map(asView), size)
}

/** What persons said to activations that the reader has found. */
export async function listApprovals(
  reader: Reader,
  keys: readonly RowKey[],
): Promise<ApprovalView[][]> {
  const rows = await approvals.listApprovals(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    keys: JSON.stringify(keys),
  })
  const byActivation = Map.groupBy(rows, (row) => `${row.profileId} ${row.activationId}`)
  return keys.map(({ profileId, id }) => byActivation.get(`${profileId} ${id}`) ?? [])
}
