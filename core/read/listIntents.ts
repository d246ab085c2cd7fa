import { pageIntents, type IntentView } from '../../blackboard/query/pageIntents.ts'
import type { IntentState } from '../model/intent.ts'
import { asPage, pageSize, type Page, type PageInput } from './page.ts'
import { demand, type Reader } from './reader.ts'
import { visibility, type RowKey } from './visibility.ts'

export type { IntentView }

export interface IntentFilter {
  state?: IntentState | null | undefined
  kind?: string | null | undefined
  /** `plugin/agent` that announced it. */
  agent?: string | null | undefined
}

/** Steps by which a page is filled where the policy hides most of the profiles. */
const stepsMax = 20

/** The newest intents about all persons whose rows the reader may see. @throws forbidden, bad_input */
export async function listIntents(
  reader: Reader,
  { state, kind, agent }: IntentFilter,
  page: PageInput,
): Promise<Page<IntentView>> {
  const size = pageSize(page)
  demand(reader, 'read', 'Activation')
  const found: IntentView[] = []
  let after = page.after ?? null
  for (let step = 0; step < stepsMax && found.length <= size; step += 1) {
    const rows = await pageIntents(reader.board.db.sql, {
      workspaceId: reader.principal.workspaceId,
      profileId: null,
      id: null,
      state: state ?? null,
      kind: kind ?? null,
      agent: agent ?? null,
      after,
      limit: size + 1,
    })
    found.push(...rows.filter(await visibility(reader, rows)))
    after = rows.at(-1)?.id ?? null
    if (rows.length <= size) break
  }
  return asPage(found, size)
}

/** Null when there is none that the reader may see. @throws forbidden */
export async function findIntent(reader: Reader, key: RowKey): Promise<IntentView | null> {
  demand(reader, 'read', 'Activation')
  const { workspaceId } = reader.principal
  const any = { state: null, kind: null, agent: null, after: null, limit: 1 }
  const rows = await pageIntents(reader.board.db.sql, { workspaceId, ...key, ...any })
  return rows.find(await visibility(reader, rows)) ?? null
}
