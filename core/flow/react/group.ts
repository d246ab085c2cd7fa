/** From claimed rows to batches, and to what is loaded together. */
import type { ClaimedRow } from '../../../blackboard/query/claimReactions.ts'
import type { Batch } from './batch.ts'
import type { Crew, RunnableAgent } from './reaction.ts'

/** A batch that was claimed. */
export interface ClaimedBatch extends Batch {
  claimed: readonly ClaimedRow[]
}

/** Batches of each agent, no larger than `itemsMax`. */
export const inBatches = (
  groups: ReadonlyMap<RunnableAgent, ClaimedRow[]>,
  itemsMax: number,
): ClaimedBatch[] =>
  [...groups].flatMap(([agent, own]) =>
    inParts(own, itemsMax).map((claimed) => ({ agent, claimed })),
  )

const inParts = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, nth) =>
    all.slice(nth * size, (nth + 1) * size),
  )

/** Batches that are loaded together: no more reactions than a whole one has, so that the first need not wait for all. */
export function inLoads(batches: readonly ClaimedBatch[], itemsMax: number): ClaimedBatch[][] {
  const loads: ClaimedBatch[][] = []
  let room = 0
  for (const batch of batches) {
    const load = room >= batch.claimed.length ? loads.at(-1) : undefined
    if (load) load.push(batch)
    else loads.push([batch])
    room = (load ? room : itemsMax) - batch.claimed.length
  }
  return loads
}

/** Rows by their agent; `strangers` are of agents that went away while the claim was under way. */
export function byAgent(
  crew: Crew,
  rows: readonly ClaimedRow[],
): { groups: Map<RunnableAgent, ClaimedRow[]>; strangers: ClaimedRow[] } {
  const groups = new Map<RunnableAgent, ClaimedRow[]>()
  const strangers: ClaimedRow[] = []
  for (const row of rows) {
    const agent = crew.find(row.workspaceId, row.agent, row.profileId)
    const group = agent && groups.get(agent)
    if (group) group.push(row)
    else if (agent) groups.set(agent, [row])
    else strangers.push(row)
  }
  return { groups, strangers }
}
