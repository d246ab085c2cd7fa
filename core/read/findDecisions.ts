import * as statements from '../../blackboard/query/findDecisions.ts'
import { visibility } from './visibility.ts'
import type { RowKey } from './visibility.ts'
import type { Reader } from './reader.ts'

export type DecisionView = Awaited<ReturnType<typeof statements.findDecisions>>[number]

/** Decisions by key, in order; null where there is none that the reader may see. */
export async function findDecisions(
  reader: Reader,
  keys: readonly RowKey[],
): Promise<(DecisionView | null)[]> {
  if (!reader.ability.may('read', 'Decision').allowed) return keys.map(() => null)
  const [rows, isVisible] = await Promise.all([
    statements.findDecisions(reader.board.db.sql, {
      workspaceId: reader.principal.workspaceId,
      keys: JSON.stringify(keys),
    }),
    visibility(reader, keys),
  ])
  const byId = new Map(rows.filter(isVisible).map((row) => [`${row.profileId} ${row.id}`, row]))
  return keys.map(({ profileId, id }) => byId.get(`${profileId} ${id}`) ?? null)
}
