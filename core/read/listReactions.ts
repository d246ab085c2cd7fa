import { pageReactions, type ReactionRow } from '../../blackboard/query/pageReactions.ts'
import type { AskedReactions } from '../../blackboard/reactions.ts'
import { listInService } from '../host/inService.ts'
import { fail } from '../errors.ts'
import { readCause, type CauseReference } from '../flow/notice.ts'
import {
  reasonOf,
  type InService,
  type ParkedReason,
  type ReactionState,
} from '../model/reaction.ts'
import { asPage, fillPage, pageSize, type Page, type PageInput } from './page.ts'
import { demand, type Reader } from './reader.ts'
import { visibility } from './visibility.ts'

/** A reaction as operators see it: nothing of the person but the profile's id. */
export interface ReactionView extends Omit<ReactionRow, 'causes' | 'trail'> {
  /** Why it waits and what to do, in sentences; null where it only waits for its turn. */
  reason: string | null
  causes: { kind: CauseReference['kind']; count: number }[]
  trail: string[]
}

export interface ReactionFilter {
  /** `plugin/agent`. */
  agent?: string | null | undefined
  plugin?: string | null | undefined
  state?: ReactionState | null | undefined
  parked?: ParkedReason | null | undefined
  profileId?: string | null | undefined
}

export const askedOf = (filter: ReactionFilter): AskedReactions => ({
  agent: filter.agent ?? null,
  plugin: filter.plugin ?? null,
  state: filter.state ?? null,
  parked: filter.parked ?? null,
  profileId: filter.profileId ?? null,
  keys: null,
})

/**
 * Reactions on the agenda, in the order in which they were put there. Whose profiles the policy hides from the
 * reader, their reactions are hidden too.
 *
 * @throws forbidden, bad_input
 */
export async function listReactions(
  reader: Reader,
  filter: ReactionFilter,
  page: PageInput,
): Promise<Page<ReactionView>> {
  const size = pageSize(page)
  demand(reader, 'read', 'Plugin')
  const { workspaceId } = reader.principal
  const asked = askedOf(filter)
  const found = await fillPage(
    { size, after: positionOf(page.after) },
    {
      read: (after, limit) =>
        pageReactions(reader.board.db.sql, { workspaceId, asked, after, limit }),
      show: (rows) => visible(reader, rows),
      cursorOf: ({ position }) => position,
    },
  )
  const views = await told(reader, found)
  return asPage(views, size)
}

/** Null when there is none that the reader may see. @throws forbidden */
export async function findReaction(
  reader: Reader,
  { profileId, agent }: { profileId: string; agent: string },
): Promise<ReactionView | null> {
  demand(reader, 'read', 'Plugin')
  const asked = { ...askedOf({}), keys: [{ profileId, agent }] }
  const { workspaceId } = reader.principal
  const limits = { after: null, limit: 1 }
  const rows = await pageReactions(reader.board.db.sql, { workspaceId, asked, ...limits })
  const [view] = await told(reader, await visible(reader, rows))
  return view ?? null
}

/** @throws bad_input for a cursor that no page ended with */
function positionOf(after: string | null | undefined): number | null {
  if (after === null || after === undefined) return null
  const position = Number(after)
  if (/^\d{1,19}$/.test(after) && Number.isSafeInteger(position)) return position
  throw fail('bad_input', { path: 'after', reason: 'it is not a cursor of this list' })
}

async function visible(reader: Reader, rows: readonly ReactionRow[]): Promise<ReactionRow[]> {
  const keys = rows.map(({ profileId, agent }) => ({ profileId, id: agent }))
  const isVisible = await visibility(reader, keys)
  return rows.filter(isVisible)
}

async function told(reader: Reader, rows: readonly ReactionRow[]): Promise<ReactionView[]> {
  if (rows.length === 0) return []
  const service = await agentsInService(reader)
  return rows.map((row) => {
    const trail = row.trail.split(' ').filter((name) => name !== '')
    const reason = reasonOf({ ...row, trail }, service.get(row.agent) ?? null)
    return { ...row, trail, reason, causes: causesOf(row) }
  })
}

async function agentsInService({
  board,
  principal,
}: Reader): Promise<ReadonlyMap<string, InService>> {
  const { workspaceId } = principal
  const plugins = await listInService(board.db.sql, workspaceId)
  return new Map(
    plugins.flatMap(({ id, state, manifest }) =>
      manifest.agents.map(({ id: agent, needs }) => [`${id}/${agent}`, { state, needs }] as const),
    ),
  )
}

function causesOf({ causes }: ReactionRow): ReactionView['causes'] {
  const counts = new Map<CauseReference['kind'], number>()
  for (const [tag, count] of Object.entries(causes)) {
    const { kind } = readCause(`${tag}:`)
    counts.set(kind, (counts.get(kind) ?? 0) + count)
  }
  return [...counts]
    .map(([kind, count]) => ({ kind, count }))
    .toSorted((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1))
}
