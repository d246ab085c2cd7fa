import { asDatabaseError, refusesData } from '../../../blackboard/failure.ts'
import { transact } from '../../../blackboard/transact.ts'
import type { Board } from '../../board.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Egress } from '../../egress/egress.ts'
import type { Configs } from '../../host/configs.ts'
import type { PluginHost } from '../../host/host.ts'
import {
  commitReactions,
  type Committed,
  type Committer,
  type Ended,
  type Ending,
} from './commit.ts'
import { endingOf, failure, tellFull } from './ending.ts'
import { noteRan, noteRead, noteWritten } from './observe.ts'
import type { Permissions } from './permission.ts'
import { loadMaterial, prepare, wantedBy, type Call } from './prepare.ts'
import type { Claimed, RunnableAgent } from './reaction.ts'
import { traceCalls, traceReactions } from './trace.ts'

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
): Promise<Committed & { failed: number; agentMs: number }> {
  using spans = traceReactions(board.tracing, agent, claimed)
  const permission = await permissions.of(agent)
  const config = configs.of(agent)
  const call = { board, host, agent, permission, config }
  const { ended, ms: agentMs } = await react(call, egress, spans.items)
  const { policyNumber } = permission
  const committed = await commitParts({ board, owner, agent, policyNumber }, ended)
  spans.committed(ended)
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
  const failed = ended.filter(({ ending }) => ending.kind === 'again' && isTrouble(ending.error))
  return { ...committed, failed: failed.length, agentMs }
}

/** What it waits for is no failure of the agent. */
const isTrouble = (error: string | null): boolean => error !== null && error !== 'trait_stale'

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

/** How they ended, and how long the agent's code had them. */
async function react(
  call: Call,
  egress: Egress,
  claimed: readonly Claimed[],
): Promise<{ ended: Ended[]; ms: number }> {
  const { board, host, agent } = call
  const material = await loadMaterial(board, agent, wantedBy(call), claimed)
  const outside = egress.begin(agent)
  const { runnable, idle } = await prepare(call, material, claimed, (handled) =>
    outside.handleOf(handled),
  )
  const inputs = runnable.map(({ input }) => input)
  noteRead(board, agent, inputs)
  const startedAt = performance.now()
  const spans = traceCalls(
    board.tracing,
    agent,
    runnable.map(({ item }) => item),
  )
  const calls = outside.callsOf(inputs, spans.traces)
  const outcomes =
    inputs.length > 0 ? await host.react(agent.hostKey, agent.manifest.id, inputs, calls) : []
  spans.end(outcomes)
  const ended = runnable.map((one, at): Ended => ({
    ...one.item,
    ending: endingOf(call, one, outcomes[at]),
  }))
  const without = idle.map(({ item, ...rest }) => ({ ...item, ...rest }))
  const ms = performance.now() - startedAt
  noteRan(board, agent, { inputs, outcomes, ended, without, ms, sums: outside.sums() })
  return { ended: [...ended, ...without], ms }
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
