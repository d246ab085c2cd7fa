import { asDatabaseError, refusesData } from '../../../blackboard/failure.ts'
import { loadEvents } from '../../../blackboard/query/loadEvents.ts'
import { loadSlices, type SliceRow } from '../../../blackboard/query/loadSlices.ts'
import { loadStates, type StateRow } from '../../../blackboard/query/loadStates.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Board } from '../../board.ts'
import { fail, type ErrorCode, type ErrorValues } from '../../errors.ts'
import type { Egress } from '../../egress/egress.ts'
import type { ItemOutcome, PluginHost } from '../../host/host.ts'
import type { Configs } from '../../host/configs.ts'
import type { JsonObject } from '../../model/json.ts'
import {
  commitReactions,
  type Committed,
  type Committer,
  type Ended,
  type Again,
  type Ending,
} from './commit.ts'
import { keep } from './keep.ts'
import { recall, viewOf, type Memories, type Memory, type Trouble } from './memory.ts'
import { noteRan, noteRead, noteWritten } from './observe.ts'
import { effectsOf, type Done } from './effects.ts'
import type { Permission, Permissions } from './permission.ts'
import type { Claimed, RunnableAgent } from './reaction.ts'
import { eventsAmong, inputOf, keysOf, premiseOf, type StoredEvent } from './slice.ts'

/** Attempts before a reaction is parked as dead. */
const attemptsMax = 6
const backoffBaseMs = 200
const backoffMaxMs = 60_000
/** A plugin version that knows its state may come back at any moment; its installation wakes what waits. */
const stateWaitMs = 30_000

export interface BatchDeps {
  board: Board
  host: PluginHost
  permissions: Permissions
  configs: Configs
  egress: Egress
  /** This worker's id, which its leases name. */
  owner: string
}

/**
 * Runs claimed reactions of one agent: load the declared and permitted slice, call the plugin with no
 * transaction open, commit. Whatever fails gives the reactions back with what is known of the cause.
 */
export async function runBatch(
  { board, host, permissions, configs, owner, egress }: BatchDeps,
  agent: RunnableAgent,
  claimed: readonly Claimed[],
): Promise<Committed> {
  const permission = await permissions.of(agent)
  const config = configs.of(agent)
  const ended = await react({ board, host, egress, agent, permission, config }, claimed)
  const { policyNumber } = permission
  const committed = await commitParts({ board, owner, agent, policyNumber }, ended)
  noteWritten(board, agent, ended)
  countPinned(board, ended)
  if (committed.full) tellFull(board, agent, 'plugin_state_full', committed.full)
  // Another node activated it: without this all of them would run in vain until the memory of it fades.
  if (committed.outdated) board.signals.send('policy')
  if (committed.woke) board.signals.send('agenda')
  if (committed.proposed) board.signals.send('proposed')
  if (committed.changed.length > 0) {
    board.signals.send('audit')
    board.signals.profileChanged(agent.workspaceId, committed.changed)
  }
  return committed
}

/** What an agent would have written over a person's word is not written, and not passed over in silence either. */
function countPinned({ signals }: Board, ended: readonly Ended[]): void {
  for (const { ending } of ended) {
    const pinned = ending.kind === 'done' ? ending.effects.pinned : []
    for (const trait of pinned) {
      signals.count({ what: 'refusal', trait, code: 'trait_pinned', count: 1 })
    }
  }
}

/**
 * Commits all together. When the database refuses a value that one of them wrote, the halves commit apart,
 * and so on down to the guilty one, which then counts as failed.
 */
async function commitParts(by: Committer, ended: readonly Ended[]): Promise<Committed> {
  const { board, agent } = by
  const commit = (part: readonly Ended[]): Promise<Committed> =>
    transact(board.db, (tx) => commitReactions(tx, by, part))
  try {
    return await commit(ended)
  } catch (thrown) {
    const [first] = ended
    if (!first || !refusesData(thrown)) throw thrown
    if (ended.length === 1) {
      const ending = failure(agent, first, 'plugin_result_invalid', false, board.clock.now())
      return commit([{ ...first, ending }])
    }
    const half = ended.length >> 1
    const parts = [ended.slice(0, half), ended.slice(half)] as const
    const one = await commitParts(by, parts[0])
    const other = await commitParts(by, parts[1])
    return {
      committed: one.committed + other.committed,
      stale: one.stale + other.stale,
      lost: one.lost + other.lost,
      outdated: one.outdated || other.outdated,
      woke: one.woke || other.woke,
      proposed: one.proposed || other.proposed,
      full: one.full ?? other.full,
      changed: [...one.changed, ...other.changed],
    }
  }
}

interface Call {
  board: Board
  host: PluginHost
  egress: Egress
  agent: RunnableAgent
  permission: Permission
  config: JsonObject | undefined
}

async function react(call: Call, claimed: readonly Claimed[]): Promise<Ended[]> {
  const { board, host, egress, agent, permission, config } = call
  const { rows, events, states } = await load(board, agent, permission, claimed)
  const memories = agent.state && (await recall(host, agent, agent.state, states))
  const now = board.clock.now()
  const present = claimed.flatMap((item) => {
    const row = rows.get(item.profileId)
    return row && row.canonical === row.profileId ? [{ item, row }] : []
  })
  const troubled = new Map<string, Trouble>()
  for (const { item } of memories ? present : []) {
    const trouble = memories?.(item.profileId).trouble
    if (trouble) troubled.set(item.profileId, trouble)
  }
  const runnable = present.filter(({ item }) => !troubled.has(item.profileId))
  const outside = egress.begin(agent)
  const { allows: visible, allowsEvents, allowsProperty, handles } = permission
  const handleOf = outside.handleOf.bind(outside)
  const state = memories && stateViews(agent, permission, memories)
  const seen = { events, visible, allowsEvents, allowsProperty, handles, handleOf }
  const view = { ...seen, now, config, state }
  const inputs = runnable.map(({ item, row }) => inputOf(agent.manifest, row, item, view))
  noteRead(board, agent, inputs)
  const startedAt = performance.now()
  const outcomes =
    inputs.length > 0
      ? await host.react(agent.hostKey, agent.manifest.id, inputs, outside.callsOf(inputs))
      : []
  const ended = runnable.map(({ item, row }, at): Ended => {
    const ending = endingOf(call, item, row, outcomes[at], memories?.(item.profileId))
    return { ...item, ending }
  })
  const ms = performance.now() - startedAt
  noteRan(board, agent, { inputs, outcomes, ended, ms, sums: outside.sums() })
  const isPresent = new Set(present.map(({ item }) => item.profileId))
  const moved = claimed.filter(({ profileId }) => !isPresent.has(profileId))
  return [
    ...ended,
    ...present.flatMap(({ item }): Ended[] => {
      const trouble = troubled.get(item.profileId)
      return trouble ? [{ ...item, ending: troubledEnding(call, item, trouble) }] : []
    }),
    ...moved.map((item): Ended => ({ ...item, ending: { kind: 'moved' } })),
  ]
}

const stateViews =
  ({ state }: RunnableAgent, { allowsState }: Permission, memories: Memories) =>
  (row: SliceRow) => {
    const memory = memories(row.profileId)
    const shown = allowsState(row) ? memory : { ...memory, profile: {} }
    return viewOf(shown, state ?? { version: 1, profile: [], plugin: [] })
  }

/** Of state that is not there: it waits where it can be there later, and is a failure where it was not migrated. */
function troubledEnding({ board, agent }: Call, item: Claimed, trouble: Trouble): Ending {
  const { code, message, waits } = trouble
  board.log.warn({ agent: agent.name, code }, message)
  if (!waits) return failure(agent, item, code, true, board.clock.now())
  const dueAt = new Date(board.clock.now().getTime() + stateWaitMs)
  return { kind: 'again', dueAt, parked: null, error: code, free: true }
}

async function load(
  { db }: Board,
  { workspaceId, pluginId: plugin, manifest, state }: RunnableAgent,
  { asked }: Permission,
  claimed: readonly Claimed[],
): Promise<{
  rows: Map<string, SliceRow>
  events: Map<string, StoredEvent>
  states: readonly StateRow[]
}> {
  const wanted = eventsAmong(claimed)
  const ids = claimed.map(({ profileId }) => profileId)
  const [rows, events, states] = await Promise.all([
    loadSlices(db.sql, {
      workspaceId,
      ids,
      keys: [...new Set([...keysOf(manifest), ...asked])],
    }),
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

function endingOf(
  call: Call,
  item: Claimed,
  row: SliceRow,
  outcome: ItemOutcome | undefined,
  memory: Memory | undefined,
): Ending {
  const { board, agent } = call
  const { clock } = board
  if (!outcome?.ok) {
    const code = outcome?.code ?? 'internal'
    return failure(agent, item, code, outcome?.retryable ?? true, clock.now())
  }
  const { kind } = outcome.outcome
  if (kind === 'done') return doneEnding(call, item, row, outcome.outcome, memory)
  if (kind === 'cancel') {
    const nothing: Done = { kind: 'done', writes: {}, activations: [], holds: [], releases: [] }
    return doneEnding(call, item, row, nothing, memory)
  }
  const dueAt = new Date(clock.now().getTime() + outcome.outcome.ms)
  return { kind: 'again', dueAt, parked: null, error: null, free: true }
}

function doneEnding(
  { board, agent, permission }: Call,
  item: Claimed,
  row: SliceRow,
  outcome: Done,
  memory: Memory | undefined,
): Ending {
  const { clock } = board
  const { definition } = permission
  const fails = (code: ErrorCode): Again => failure(agent, item, code, false, clock.now())
  const isRefused = Object.keys(outcome.writes).some((key) => !permission.writes(key, row))
  if (isRefused) return fails('forbidden')
  const misfit = misfitOf(permission, outcome.writes)
  if (misfit) {
    tell(board, agent, misfit)
    return fails('trait_value_invalid')
  }
  const premise = premiseOf(agent.manifest, row)
  if (!memory) {
    const effects = effectsOf(agent, item, row, outcome, { clock, definition })
    return { kind: 'done', premise, effects }
  }
  const isShown = (agent.state?.profile.length ?? 0) > 0 && permission.allowsState(row)
  const kept = keep(memory, outcome.state ?? {}, isShown)
  if ('full' in kept) {
    tellFull(board, agent, 'plugin_state_profile_full', kept.full)
    return fails('plugin_state_profile_full')
  }
  const state = kept.effect
  const effects = effectsOf(agent, item, row, outcome, { clock, definition, state })
  const read = { profile: isShown ? memory.revision : null, keys: memory.revisions }
  const full = state && state.keys.length > 0 ? { full: fails('plugin_state_full') } : {}
  return { kind: 'done', premise: { ...premise, state: read }, effects, ...full }
}

interface Misfit {
  trait: string
  /** The place in the trait's schema that refuses; nothing of the value. */
  path: string
}

/** The first write that the trait's definition does not take; an officer's may say more than the manifest. */
function misfitOf({ definition }: Permission, writes: Done['writes']): Misfit | undefined {
  for (const [trait, write] of Object.entries(writes)) {
    const path = write === null ? undefined : definition(trait)?.check?.(write.value)
    if (path !== undefined) return { trait, path }
  }
  return undefined
}

function tell({ log, signals }: Board, { name }: RunnableAgent, { trait, path }: Misfit): void {
  const code = 'trait_value_invalid'
  log.warn(
    { agent: name, trait, path, code },
    'an agent wrote a value that its trait does not take',
  )
  signals.count({ what: 'refusal', trait, code, count: 1 })
}

function tellFull(
  { log }: Board,
  { name, pluginId, manifest }: RunnableAgent,
  code: ErrorCode,
  values: ErrorValues,
): void {
  const { message } = fail(code, { ...values, plugin: pluginId, agent: manifest.id })
  log.warn({ agent: name, code, ...values }, message)
}

/** What a failed reaction comes to: tried again with back-off, skipped, halted or, at the end, dead. */
export function failure(
  { manifest }: RunnableAgent,
  item: Claimed,
  code: string,
  retryable: boolean,
  now: Date,
): Again {
  const base = { kind: 'again' as const, error: code, free: false }
  if (manifest.onFailure === 'halt') return { ...base, dueAt: null, parked: 'halted' }
  if (manifest.onFailure === 'skip' && !retryable) {
    return { ...base, dueAt: null, parked: 'dead' }
  }
  if (item.attempts >= attemptsMax) return { ...base, dueAt: null, parked: 'dead' }
  const waitMs = Math.min(backoffMaxMs, backoffBaseMs * 2 ** item.attempts)
  return { ...base, dueAt: new Date(now.getTime() + waitMs), parked: null }
}

// Not the plugin's doing: the database, a swap under way, a policy still missing.
const outside: ReadonlySet<ErrorCode> = new Set([
  'database_unavailable',
  'database_full',
  'database_conflict',
  'database_timeout',
  'write_conflict',
  'no_active_policy',
  'plugin_not_loaded',
  'plugin_not_configured',
  'host_closed',
])
const outsideRetryMs = 250

/**
 * Gives a whole batch back after something around the plugin failed. What is outside costs no attempt and
 * halts nothing; what repeats with these very reactions counts until they are parked.
 */
export async function giveBack(
  { board, owner }: BatchDeps,
  agent: RunnableAgent,
  claimed: readonly Claimed[],
  thrown: unknown,
): Promise<void> {
  const { code } = asDatabaseError(thrown)
  const now = board.clock.now()
  const dueAt = code === 'plugin_not_loaded' ? null : new Date(now.getTime() + outsideRetryMs)
  const ended = claimed.map((item): Ended => {
    const ending: Ending = outside.has(code)
      ? { kind: 'again', dueAt, parked: null, error: code, free: true }
      : failure(agent, item, code, true, now)
    return { ...item, ending }
  })
  const by = { board, owner, agent, policyNumber: 0 }
  await transact(board.db, (tx) => commitReactions(tx, by, ended))
}
