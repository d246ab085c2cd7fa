import { loadEvents } from '../../../blackboard/query/loadEvents.ts'
import { loadSlices, type SliceRow } from '../../../blackboard/query/loadSlices.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Board } from '../../board.ts'
import { asSlateboardError } from '../../errors.ts'
import type { ItemOutcome, PluginHost } from '../../host/host.ts'
import { commitReactions, type Committed, type Ended, type Ending } from './commit.ts'
import { effectsOf } from './effects.ts'
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
  /** This worker's id, which its leases name. */
  owner: string
}

/**
 * Runs claimed reactions of one agent: load the declared and permitted slice, call the plugin with no
 * transaction open, commit. Whatever fails gives the reactions back with what is known of the cause.
 */
export async function runBatch(
  { board, host, permissions, owner }: BatchDeps,
  agent: RunnableAgent,
  claimed: readonly Claimed[],
): Promise<Committed> {
  const permission = await permissions.of(agent)
  const ended = await react(board, host, agent, permission, claimed)
  const committed = await transact(board.db, (tx) =>
    commitReactions(tx, board, owner, agent, permission.policyNumber, ended),
  )
  if (committed.woke) board.signals.send('agenda')
  if (committed.proposed) board.signals.send('proposed')
  if (committed.changed.length > 0) {
    board.signals.send('audit')
    board.signals.profileChanged(agent.workspaceId, committed.changed)
  }
  return committed
}

async function react(
  board: Board,
  host: PluginHost,
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
  const inputs = present.map(({ item, row }) =>
    inputOf(agent.manifest, row, item, events, permission.allows, now),
  )
  const outcomes =
    inputs.length > 0 ? await host.react(agent.hostKey, agent.manifest.id, inputs) : []
  const ended = present.map(({ item, row }, at): Ended => {
    const outcome = outcomes[at]
    return { ...item, ending: endingOf(board, agent, item, row, outcome) }
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

function endingOf(
  { clock }: Board,
  agent: RunnableAgent,
  item: Claimed,
  row: SliceRow,
  outcome: ItemOutcome | undefined,
): Ending {
  if (outcome?.ok) {
    const { kind } = outcome.outcome
    const premise = premiseOf(agent.manifest, row)
    if (kind === 'done') {
      return { kind, premise, effects: effectsOf(agent, item, row, outcome.outcome, clock) }
    }
    if (kind === 'cancel') {
      const nothing = { profileId: item.profileId, patch: null, changes: [], activations: [], holds: null }
      return { kind: 'done', premise, effects: nothing }
    }
    const dueAt = new Date(clock.now().getTime() + outcome.outcome.ms)
    return { kind: 'again', dueAt, parked: null, error: null, free: true }
  }
  const code = outcome?.code ?? 'internal'
  return failure(agent, item, code, outcome?.retryable ?? true, clock.now())
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

/** Gives a whole batch back after something outside the plugin failed, such as the database. */
export async function giveBack(
  { board, owner }: BatchDeps,
  agent: RunnableAgent,
  claimed: readonly Claimed[],
  thrown: unknown,
): Promise<void> {
  const { code } = asSlateboardError(thrown)
  const now = board.clock.now()
  const ended = claimed.map((item): Ended => ({ ...item, ending: failure(agent, item, code, true, now) }))
  await transact(board.db, (tx) => commitReactions(tx, board, owner, agent, 0, ended))
}
