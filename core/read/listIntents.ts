import { pageIntents, type IntentView } from '../../blackboard/query/pageIntents.ts'
import type { IntentState } from '../model/intent.ts'
import { asPage, fillPage, pageSize, type Page, type PageInput } from './page.ts'
import { demand, type Reader } from './reader.ts'
import { visibility, type RowKey } from './visibility.ts'

export type { IntentView }

export interface IntentFilter {
  state?: IntentState | null | undefined
  kind?: string | null | undefined
  /** `plugin/agent` that announced it. */
  agent?: string | null | undefined
}

/** The newest intents about all persons whose rows the reader may see. @throws forbidden, bad_input */
export async function listIntents(
  reader: Reader,
  { state, kind, agent }: IntentFilter,
  page: PageInput,
): Promise<Page<IntentView>> {
  const size = pageSize(page)
  demand(reader, 'read', 'Activation')
  const { workspaceId } = reader.principal
  const asked = { state: state ?? null, kind: kind ?? null, agent: agent ?? null }
  const found = await fillPage(
    { size, after: page.after ?? null },
    {
      read: (after, limit) =>
        pageIntents(reader.board.db.sql, {
          workspaceId,
          profileId: null,
          id: null,
          ...asked,
          after,
          limit,
        }),
      show: async (rows) => rows.filter(await visibility(reader, rows)),
      cursorOf: ({ id }) => id,
    },
  )
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
