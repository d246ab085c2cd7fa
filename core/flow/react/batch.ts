import { asDatabaseError, refusesData } from '../../../blackboard/failure.ts'
import { loadEvents } from '../../../blackboard/query/loadEvents.ts'
import { loadSlices, type SliceRow } from '../../../blackboard/query/loadSlices.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Board } from '../../board.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Egress } from '../../egress/egress.ts'
import type { ItemOutcome, PluginHost } from '../../host/host.ts'
import {
  commitReactions,
  type Committed,
  type Committer,
  type Ended,
  type Ending,
} from './commit.ts'
import { noteRead, noteWritten } from './observe.ts'
import { effectsOf, type Done } from './effects.ts'
import type { Permission, Permissions } from './permission.ts'
import type { Claimed, RunnableAgent } from './reaction.ts'
import { eventsAmong, inputOf, keysOf, premiseOf, type StoredEvent } from './slice.ts'

/** Attempts before a reaction is parked as dead. */
const attemptsMax = 6
const backoffBaseMs = 200
const backoffMaxMs = 60_000

export interface BatchDeps {
  board: Board
  host: PluginHost
  permissions: Permissions
  egress: Egress
  /** This worker's id, which its leases name. */
  owner: string
}

/**
 * Runs claimed reactions of one agent: load the declared and permitted slice, call the plugin with no
 * transaction open, commit. Whatever fails gives the reactions back with what is known of the cause.
 */
export async function runBatch(
  { board, host, permissions, owner, egress }: BatchDeps,
  agent: RunnableAgent,
  claimed: readonly Claimed[],
): Promise<Committed> {
  const permission = await permissions.of(agent)
  const ended = await react({ board, host, egress }, agent, permission, claimed)
  const { policyNumber } = permission
  const committed = await commitParts({ board, owner, agent, policyNumber }, ended)
  noteWritten(board, agent, ended)
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
      changed: [...one.changed, ...other.changed],
    }
  }
}

async function react(
  { board, host, egress }: Pick<BatchDeps, 'board' | 'host' | 'egress'>,
  agent: RunnableAgent,
  permission: Permission,
  claimed: readonly Claimed[],
): Promise<Ended[]> {
  const { rows, events } = await load(board, agent, permission, claimed)
  const now = board.clock.now()
  const present = claimed.flatMap((item) => {
    const row = rows.get(item.profileId)
    return row && row.canonical === row.profileId ? [{ item, row }] : []
  })
  const outside = egress.begin(agent)
  const { allows: visible, allowsEvents, allowsProperty, handles } = permission
  const handleOf = outside.handleOf.bind(outside)
  const view = { events, visible, allowsEvents, allowsProperty, handles, handleOf, now }
  const inputs = present.map(({ item, row }) => inputOf(agent.manifest, row, item, view))
  noteRead(board, agent, inputs)
  const outcomes =
    inputs.length > 0
      ? await host.react(agent.hostKey, agent.manifest.id, inputs, outside.callsOf(inputs))
      : []
  const ended = present.map(({ item, row }, at): Ended => {
    const outcome = outcomes[at]
    return { ...item, ending: endingOf({ board, agent, permission }, item, row, outcome) }
  })
  const isPresent = new Set(present.map(({ item }) => item.profileId))
  const moved = claimed.filter(({ profileId }) => !isPresent.has(profileId))
  return [...ended, ...moved.map((item): Ended => ({ ...item, ending: { kind: 'moved' } }))]
}

async function load(
  { db }: Board,
  { workspaceId, manifest }: RunnableAgent,
  { asked }: Permission,
  claimed: readonly Claimed[],
): Promise<{ rows: Map<string, SliceRow>; events: Map<string, StoredEvent> }> {
  const wanted = eventsAmong(claimed)
  const [rows, events] = await Promise.all([
    loadSlices(db.sql, {
      workspaceId,
      ids: claimed.map(({ profileId }) => profileId),
      keys: [...new Set([...keysOf(manifest), ...asked])],
    }),
    wanted.length > 0
      ? loadEvents(db.sql, { workspaceId, events: JSON.stringify(wanted) })
      : Promise.resolve([]),
  ])
  return {
    rows: new Map(rows.map((row) => [row.profileId, row])),
    events: new Map(events.map((event) => [event.id, event])),
  }
}

interface Call {
  board: Board
  agent: RunnableAgent
  permission: Permission
}

function endingOf(
  { board, agent, permission }: Call,
  item: Claimed,
  row: SliceRow,
  outcome: ItemOutcome | undefined,
): Ending {
  const { clock } = board
  if (outcome?.ok) {
    const { kind } = outcome.outcome
    const premise = premiseOf(agent.manifest, row)
    if (kind === 'done') {
      const isRefused = Object.keys(outcome.outcome.writes).some(
        (key) => !permission.writes(key, row),
      )
      if (isRefused) return failure(agent, item, 'forbidden', false, clock.now())
      const misfit = misfitOf(permission, outcome.outcome.writes)
      if (misfit) {
        tell(board, agent, misfit)
        return failure(agent, item, 'trait_value_invalid', false, clock.now())
      }
      const { definition } = permission
      return {
        kind,
        premise,
        effects: effectsOf(agent, item, row, outcome.outcome, { clock, definition }),
      }
    }
    if (kind === 'cancel') {
      const nothing = {
        profileId: item.profileId,
        patch: null,
        changes: [],
        activations: [],
        holds: null,
      }
      return { kind: 'done', premise, effects: nothing }
    }
    const dueAt = new Date(clock.now().getTime() + outcome.outcome.ms)
    return { kind: 'again', dueAt, parked: null, error: null, free: true }
  }
  const code = outcome?.code ?? 'internal'
  return failure(agent, item, code, outcome?.retryable ?? true, clock.now())
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

/** What a failed reaction comes to: tried again with back-off, skipped, halted or, at the end, dead. */
export function failure(
  { manifest }: RunnableAgent,
  item: Claimed,
  code: string,
  retryable: boolean,
  now: Date,
): Ending {
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
