/** What the answer of an agent comes to: effects to commit, another try, or a failure. */
import type { SliceRow } from '../../../blackboard/query/loadSlices.ts'
import type { Board } from '../../board.ts'
import { fail, type ErrorCode, type ErrorValues } from '../../errors.ts'
import type { ReactInput } from '../../host/contract.ts'
import { staleNeed } from '../../host/precondition.ts'
import type { ItemOutcome } from '../../host/host.ts'
import type { Again, Ending } from './commit.ts'
import { effectsOf, type Done } from './effects.ts'
import { keep } from './keep.ts'
import type { Memory, Trouble } from './memory.ts'
import type { Permission } from './permission.ts'
import type { Call, Runnable } from './prepare.ts'
import type { Claimed, RunnableAgent } from './reaction.ts'
import { premiseOf } from './slice.ts'

/** Attempts before a reaction is parked as dead. */
const attemptsMax = 6
const backoffBaseMs = 200
const backoffMaxMs = 60_000
/** A plugin version that knows its state may come back at any moment; its installation wakes what waits. */
const stateWaitMs = 30_000

export function endingOf(
  call: Call,
  { item, row, memory }: Pick<Runnable, 'item' | 'row' | 'memory'>,
  outcome: ItemOutcome | undefined,
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

/** Of state that is not there: it waits where it can be there later, and is a failure where it was not migrated. */
export function troubledEnding({ board, agent }: Call, item: Claimed, trouble: Trouble): Ending {
  const { code, message, waits } = trouble
  board.log.warn({ agent: agent.name, code }, message)
  if (!waits) return failure(agent, item, code, true, board.clock.now())
  const dueAt = new Date(board.clock.now().getTime() + stateWaitMs)
  return { kind: 'again', dueAt, parked: null, error: code, free: true }
}

/** Of what the agent needs and may not see, or that is too old; undefined where nothing is. */
export function staleEnding(
  { board: { signals }, agent }: Pick<Call, 'board' | 'agent'>,
  input: ReactInput,
): Ending | undefined {
  const need = staleNeed(agent.manifest, input)
  if (need === undefined) return undefined
  const { trait, onStale } = need
  signals.count({ what: 'refusal', trait, code: 'trait_stale', count: 1 })
  if (onStale === 'skip') return { kind: 'unmet' }
  const parked = onStale === 'halt' ? 'halted' : 'stale'
  return { kind: 'again', dueAt: null, parked, error: 'trait_stale', free: true }
}

export function tellFull(
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
