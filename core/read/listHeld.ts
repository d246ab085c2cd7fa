import * as approvals from '../../blackboard/query/listApprovals.ts'
import type { ApprovalRow } from '../../blackboard/query/listApprovals.ts'
import * as statements from '../../blackboard/query/listHeld.ts'
import type { ActivationRow } from '../../blackboard/query/listActivations.ts'
import { asView, type ActivationView } from './listActivations.ts'
import { asPage, pageSize } from './page.ts'
import type { Page, PageInput } from './page.ts'
import { demand } from './reader.ts'
import type { Reader } from './reader.ts'
import { visibility } from './visibility.ts'
import type { RowKey } from './visibility.ts'

export type ApprovalView = ApprovalRow

/** Steps by which a page is filled where the policy hides most of the profiles. */
const stepsMax = 20

/** The newest activations that wait to be released or approved, of all profiles that the reader may see. */
export async function listHeld(reader: Reader, input: PageInput): Promise<Page<ActivationView>> {
  const size = pageSize(input)
  demand(reader, 'read', 'Activation')
  const found: ActivationRow[] = []
  let after = input.after ?? null
  for (let step = 0; step < stepsMax && found.length <= size; step += 1) {
    const rows = await statements.listHeld(reader.board.db.sql, {
      workspaceId: reader.principal.workspaceId,
      after,
      limit: size + 1,
    })
    const isVisible = await visibility(reader, rows)
    found.push(...rows.filter(isVisible))
    after = rows.at(-1)?.id ?? null
    if (rows.length <= size) break
  }
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
