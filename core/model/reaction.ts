import type { AgentManifest } from './manifest.ts'
import type { StateInService } from './pluginLife.ts'

/**
 * `pending`: it comes to its turn; `running`: a worker has it; `snoozed`: it waits for its time; `parked`: it waits
 * for something to happen, or for somebody.
 */
export const reactionStates = ['pending', 'running', 'snoozed', 'parked'] as const
export type ReactionState = (typeof reactionStates)[number]

/**
 * `dead`: it failed too often; `loop`: agents woke each other in a ring; `halted`: its agent stops where it cannot go
 * on; `stale`: what it needs is not there or not fresh.
 */
export const parkedReasons = ['dead', 'loop', 'halted', 'stale'] as const
export type ParkedReason = (typeof parkedReasons)[number]

/** Of what a reaction's reason is told. */
export interface Waiting {
  /** `plugin/agent`. */
  agent: string
  state: ReactionState
  parked: ParkedReason | null
  /** A code of the error catalogue. */
  error: string | null
  attempts: number
  /** The agents whose writes led to it, oldest first. */
  trail: readonly string[]
}

/** What is in service of its agent; null where nothing is. */
export interface InService {
  state: StateInService
  needs: AgentManifest['needs']
}

/**
 * Why a reaction waits and what an operator can do, in sentences; null where it only waits for its turn. Names of
 * agents, traits and codes stand in it, and nothing of the person.
 */
export function reasonOf(waiting: Waiting, service: InService | null): string | null {
  if (waiting.state === 'running') return null
  const own = waiting.parked ? parkedWords[waiting.parked](waiting, service) : waitingWords(waiting)
  const plugin = pluginWords(waiting, service)
  return own === null && plugin === null ? null : [own, plugin].filter(Boolean).join(' ')
}

type Words = (waiting: Waiting, service: InService | null) => string

const parkedWords: Readonly<Record<ParkedReason, Words>> = {
  dead: (waiting) =>
    `It failed ${times(waiting.attempts)}, the last time with ${codeOf(waiting)}, and was given up. Mend the cause, then ${release(waiting)}; the next thing that wakes the agent for this person has it tried again too.`,
  loop: (waiting) =>
    `Agents woke each other in a ring: ${[...waiting.trail, waiting.agent].join(' → ')}. Have one of them write only what is new, or raise visitsMax if the chain is meant to be so long; then ${release(waiting)}.`,
  halted: (waiting, service) =>
    waiting.error === 'trait_stale'
      ? `Its agent halts on stale input. It needs ${needsWords(service, 'halt')}. See to it that this is refreshed, then ${release(waiting)}.`
      : `Its agent halts at a failure, and this was ${codeOf(waiting)}. Mend the cause, then ${release(waiting)}.`,
  stale: (waiting, service) =>
    `What it goes by is not there or not fresh. It needs ${needsWords(service, 'retry')}. It goes on by itself once that is refreshed; to have it look again now, ${release(waiting)}.`,
}

function waitingWords({ state, error }: Waiting): string | null {
  if (state !== 'snoozed') return null
  return error === null
    ? 'Its agent asked to be called later. It runs by itself when it is due.'
    : `It failed with ${error}. It is tried again by itself when it is due.`
}

const pluginRemedies: Readonly<Record<Exclude<StateInService, 'active'>, string>> = {
  paused: 'resume it with: slateboard plugin resume',
  quarantined: 'see why with `slateboard plugin show`, then: slateboard plugin release',
  incompatible: 'install a version made for this Slateboard with: slateboard plugin install',
}

function pluginWords({ agent }: Waiting, service: InService | null): string | null {
  const [plugin = ''] = agent.split('/')
  if (service === null) {
    return `No version of ${plugin} in service has this agent, so nothing runs it: install one, or drop it with: slateboard agenda drop --agent ${agent}`
  }
  if (service.state === 'active') return null
  return `Plugin ${plugin} is ${service.state}: ${pluginRemedies[service.state]} ${plugin}`
}

function needsWords(service: InService | null, onStale: 'halt' | 'retry'): string {
  const needs = (service?.needs ?? []).filter((need) => need.onStale === onStale)
  if (needs.length === 0) return 'what the version of its agent needed that parked it'
  return needs
    .map(({ trait, maxAgeMs }) =>
      maxAgeMs === undefined ? trait : `${trait} (at most ${maxAgeMs / 1000} s old)`,
    )
    .join(' and ')
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)
const codeOf = ({ error }: Waiting): string => error ?? 'an unknown error'
const release = ({ agent, parked }: Waiting): string =>
  `release it (slateboard agenda release --agent ${agent} --parked ${parked})`
