import { asDatabaseError } from '../../../blackboard/failure.ts'
import type { Board } from '../../board.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Egress } from '../../egress/egress.ts'
import type { Configs } from '../../host/configs.ts'
import type { PluginHost } from '../../host/host.ts'
import type { Committed, Ended, Ending } from './commit.ts'
import type { Committer } from './committer.ts'
import { endingOf, failure, tellFull } from './ending.ts'
import { noteRan, noteRead, noteWritten } from './observe.ts'
import type { Permissions } from './permission.ts'
import { loadMaterials, prepare, wantedBy, type Call, type Material } from './prepare.ts'
import type { Claimed, RunnableAgent } from './reaction.ts'
import { traceCalls, traceReactions } from './trace.ts'

export interface BatchDeps {
  board: Board
  host: PluginHost
  permissions: Permissions
  configs: Configs
  egress: Egress
  committer: Committer
}

/** Reactions of one agent that are run together. */
export interface Batch {
  agent: RunnableAgent
  claimed: readonly Claimed[]
}

/** A batch, and what it is run with. */
export interface Loaded {
  call: Call
  material: Material
  claimed: readonly Claimed[]
}

/** Loads the declared and permitted slices for batches of one workspace, in their order. */
export async function loadBatches(
  { board, host, permissions, configs }: BatchDeps,
  batches: readonly Batch[],
): Promise<Loaded[]> {
  const calls = await Promise.all(
    batches.map(async ({ agent, claimed }) => {
      const permission = await permissions.of(agent)
      return { claimed, call: { board, host, agent, permission, config: configs.of(agent) } }
    }),
  )
  const wanted = calls.map(({ call, claimed }) => wantedBy(call, claimed))
  const materials = await loadMaterials(board, wanted)
  return calls.flatMap((each, at) => {
    const material = materials[at]
    return material ? [{ ...each, material }] : []
  })
}

/** What became of a batch. */
export interface Ran extends Committed {
  failed: number
  /** How long the agent's code had it, in milliseconds. */
  agentMs: number
}

/**
 * Runs claimed reactions of one agent: call the plugin with no transaction open, commit. Who calls gives the reactions
 * back with what is known of the cause when it fails.
 */
export async function runBatch(
  { board, egress, committer }: BatchDeps,
  { call, material, claimed }: Loaded,
): Promise<Ran> {
  const { agent, permission } = call
  using spans = traceReactions(board.tracing, agent, claimed)
  const { ended, ms: agentMs } = await react(call, egress, material, spans.items)
  const { policyNumber } = permission
  const committed = await committer.commit({ agent, policyNumber, ended })
  spans.committed(ended)
  noteWritten(board, agent, ended)
  countPinned(board, ended)
  countConflicts(board, ended)
  if (committed.full) tellFull(board, agent, 'plugin_state_full', committed.full)
  // Another node activated it: without this all of them would run in vain until the memory of it fades.
  if (committed.outdated) board.signals.send('policy')
  if (speaksOfIntents(ended)) board.signals.send('intent')
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

/** What was vetoed, or is opposed, is told of at once. */
const speaksOfIntents = (ended: readonly Ended[]): boolean =>
  ended.some(
    ({ ending }) =>
      ending.kind === 'done' && ending.effects.intents.length + ending.effects.vetoes.length > 0,
  )

/** How often agents contradict each other, and what was promised. */
function countConflicts({ signals }: Board, ended: readonly Ended[]): void {
  for (const { ending } of ended) {
    if (ending.kind !== 'done') continue
    for (const { rule, state } of ending.effects.conflicts) {
      signals.count({ what: 'conflict', rule, state })
    }
  }
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

/** How they ended, and how long the agent's code had them. */
async function react(
  call: Call,
  egress: Egress,
  material: Material,
  claimed: readonly Claimed[],
): Promise<{ ended: Ended[]; ms: number }> {
  const { board, host, agent } = call
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
  { board, committer }: BatchDeps,
  { agent, claimed }: Batch,
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
  await committer.commit({ agent, policyNumber: 0, ended })
}
