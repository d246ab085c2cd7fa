/** From claimed reactions to the inputs that their agent is handed. Nothing here is the worker's alone. */
import { loadEvents } from '../../../blackboard/query/loadEvents.ts'
import { loadSlices, type SliceRow } from '../../../blackboard/query/loadSlices.ts'
import { loadStates, type StateRow } from '../../../blackboard/query/loadStates.ts'
import type { Board } from '../../board.ts'
import type { Handled } from '../../egress/handle.ts'
import type { ReactInput } from '../../host/contract.ts'
import { shownTo } from '../../host/precondition.ts'
import type { PluginHost } from '../../host/host.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PluginState } from '../../model/pluginState.ts'
import type { Ending } from './commit.ts'
import { staleEnding, troubledEnding } from './ending.ts'
import { recall, viewOf, type Memories, type Memory } from './memory.ts'
import type { Permission } from './permission.ts'
import type { Claimed, RunnableAgent } from './reaction.ts'
import { eventsAmong, inputOf, keysOf, type StoredEvent } from './slice.ts'

/** Who reacts, and what it may see now. */
export interface Call {
  board: Board
  host: PluginHost
  agent: RunnableAgent
  permission: Permission
  config: JsonObject | undefined
}

/** What is loaded for a batch. */
export interface Wanted {
  keys: readonly string[]
  state: PluginState | undefined
}

export const wantedBy = ({ agent, permission }: Pick<Call, 'agent' | 'permission'>): Wanted => ({
  keys: [...new Set([...keysOf(agent.manifest), ...permission.asked])],
  state: agent.state,
})

export interface Material {
  rows: ReadonlyMap<string, SliceRow>
  events: ReadonlyMap<string, StoredEvent>
  states: readonly StateRow[]
}

export async function loadMaterial(
  { db }: Board,
  { workspaceId, pluginId: plugin }: Pick<RunnableAgent, 'workspaceId' | 'pluginId'>,
  { keys, state }: Wanted,
  claimed: readonly Claimed[],
): Promise<Material> {
  const wanted = eventsAmong(claimed)
  const ids = claimed.map(({ profileId }) => profileId)
  const [rows, events, states] = await Promise.all([
    loadSlices(db.sql, { workspaceId, ids, keys }),
    wanted.length > 0
      ? loadEvents(db.sql, { workspaceId, events: JSON.stringify(wanted) })
      : Promise.resolve([]),
    state
      ? loadStates(db.sql, {
          workspaceId,
          plugin,
          ids: state.profile.length > 0 ? ids : [],
          keys: state.plugin,
        })
      : Promise.resolve([]),
  ])
  return {
    states,
    rows: new Map(rows.map((row) => [row.profileId, row])),
    events: new Map(events.map((event) => [event.id, event])),
  }
}

/** A reaction that can run, and what it is handed. */
export interface Runnable {
  item: Claimed
  row: SliceRow
  memory: Memory | undefined
  input: ReactInput
}

export interface Prepared {
  runnable: Runnable[]
  /** The others: their profile has moved, their precondition does not hold, or what they need is not there or not fresh. */
  idle: { item: Claimed; ending: Ending; message?: string }[]
}

/** @param handleOf gives a handle for personal data that the agent does not see */
export async function prepare(
  call: Call,
  { rows, events, states }: Material,
  claimed: readonly Claimed[],
  handleOf: (handled: Handled) => string,
): Promise<Prepared> {
  const { board, host, agent, permission, config } = call
  const memories = agent.state && (await recall(host, agent, agent.state, states))
  const now = board.clock.now()
  const { allows: visible, allowsEvents, allowsProperty, handles } = permission
  const state = memories && stateViews(agent, permission, memories)
  const seen = { events, visible, allowsEvents, allowsProperty, handles, handleOf }
  const view = { ...seen, now, config, state }
  const prepared: Prepared = { runnable: [], idle: [] }
  for (const item of claimed) {
    const row = rows.get(item.profileId)
    const memory = memories?.(item.profileId)
    if (!row || row.canonical !== row.profileId) {
      prepared.idle.push({ item, ending: { kind: 'moved' } })
    } else if (memory?.trouble) {
      const { trouble } = memory
      const ending = troubledEnding(call, item, trouble)
      prepared.idle.push({ item, ending, message: trouble.message })
    } else {
      const input = inputOf(agent.manifest, row, item, view)
      const ending = isMet(agent, item, input)
        ? staleEnding(call, input)
        : { kind: 'unmet' as const }
      if (ending) prepared.idle.push({ item, ending })
      else prepared.runnable.push({ item, row, memory, input })
    }
  }
  return prepared
}

/** Of what the agent may see: what policies or a refusal hide from it is missing, and so is that it crossed something. */
function isMet(
  { when, manifest }: RunnableAgent,
  { isWhole }: Claimed,
  { causes, profile }: ReactInput,
): boolean {
  if (!isWhole && manifest.join?.onTimeout === 'drop') return false
  if (causes.length === 0 && manifest.triggers.crossings.length > 0) return false
  return when === undefined || when(shownTo(profile))
}

const stateViews =
  ({ state }: RunnableAgent, { allowsState }: Permission, memories: Memories) =>
  (row: SliceRow) => {
    const memory = memories(row.profileId)
    const shown = allowsState(row) ? memory : { ...memory, profile: {} }
    return viewOf(shown, state ?? { version: 1, profile: [], plugin: [] })
  }
