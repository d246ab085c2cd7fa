/** From claimed reactions to the inputs that their agent is handed. Nothing here is the worker's alone. */
import { loadEvents } from '../../../blackboard/query/loadEvents.ts'
import { loadSlices, type SliceRow } from '../../../blackboard/query/loadSlices.ts'
import { loadStates, type StateRow } from '../../../blackboard/query/loadStates.ts'
import type { Handle } from '../../../blackboard/statement.ts'
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
  agent: Pick<RunnableAgent, 'workspaceId' | 'pluginId'>
  keys: readonly string[]
  state: PluginState | undefined
  claimed: readonly Claimed[]
}

export const wantedBy = (
  { agent, permission }: Pick<Call, 'agent' | 'permission'>,
  claimed: readonly Claimed[],
): Wanted => ({
  agent,
  keys: [...new Set([...keysOf(agent.manifest), ...permission.asked])],
  state: agent.state,
  claimed,
})

export interface Material {
  rows: ReadonlyMap<string, SliceRow>
  events: ReadonlyMap<string, StoredEvent>
  states: readonly StateRow[]
}

/** What batches of one workspace are prepared from, one each: every profile is read once for all of them. */
export async function loadMaterials({ db }: Board, wanted: readonly Wanted[]): Promise<Material[]> {
  const workspaceId = wanted[0]?.agent.workspaceId ?? 0
  const events = eventsAmong(wanted.flatMap(({ claimed }) => claimed))
  const keys = keysByProfile(wanted)
  const [slices, found, states] = await Promise.all([
    loadSlices(db.sql, {
      workspaceId,
      ids: [...keys.keys()],
      keys: [...keys.values()].map((own) => JSON.stringify([...own])),
    }),
    events.length > 0
      ? loadEvents(db.sql, { workspaceId, events: JSON.stringify(events) })
      : Promise.resolve([]),
    Promise.all(wanted.map((each) => statesOf(db.sql, each))),
  ])
  const rows = new Map(slices.map((row) => [row.profileId, row]))
  const byId = new Map(found.map((event) => [event.id, event]))
  return wanted.map((_, at) => ({ rows, events: byId, states: states[at] ?? [] }))
}

function keysByProfile(wanted: readonly Wanted[]): Map<string, Set<string>> {
  const keys = new Map<string, Set<string>>()
  for (const each of wanted) {
    for (const { profileId } of each.claimed) {
      const own = keys.get(profileId) ?? new Set()
      for (const key of each.keys) own.add(key)
      keys.set(profileId, own)
    }
  }
  return keys
}

function statesOf(
  handle: Handle,
  { agent: { workspaceId, pluginId: plugin }, state, claimed }: Wanted,
): Promise<StateRow[]> {
  if (!state) return Promise.resolve([])
  const ids = state.profile.length > 0 ? claimed.map(({ profileId }) => profileId) : []
  return loadStates(handle, { workspaceId, plugin, ids, keys: state.plugin })
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
