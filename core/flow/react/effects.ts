import type { TraitConflictRow } from '../../../blackboard/query/noteTraitConflicts.ts'
import type { SliceRow } from '../../../blackboard/query/loadSlices.ts'
import type { Clock } from '../../clock.ts'
import type { CheckedOutcome } from '../../host/outcome.ts'
import type { Proposal } from '../../model/activation.ts'
import { jsonEqual, type JsonObject } from '../../model/json.ts'
import type { Trace } from '../../model/trace.ts'
import { ruleOf } from '../../model/conflict.ts'
import { expiryOf, isNews, type Provenance, type TraitDefinition } from '../../model/trait.ts'
import type { AnnouncedIntent, Intent } from '../../model/intent.ts'
import {
  intentHappening,
  traitChange,
  traitHappening,
  type ChangeRow,
  type Happening,
} from '../notice.ts'
import type { Write } from '../project.ts'
import { contest } from './contest.ts'
import type { StateEffect } from './keep.ts'
import type { Claimed, RunnableAgent } from './reaction.ts'

export type Done = Extract<CheckedOutcome, { kind: 'done' }>

/** A proposal as it goes before the gate. */
interface ProposedRow extends Proposal {
  id: string
  profileId: string
  proposerKind: 'agent'
  proposerId: string
  cause: string
  trace: Trace | null
}

/** What one reaction changes, as rows. */
export interface Effects {
  profileId: string
  patch: { traits: JsonObject; provenance: Record<string, Provenance>; removed: string[] } | null
  changes: ChangeRow[]
  /** What the changes wake. */
  happenings: Happening[]
  activations: ProposedRow[]
  holds: { added: object[]; dropped: string[] } | null
  /** Traits that it would have written and may not, by a request of the person. */
  pinned: string[]
  /** Writes that lost against those of others: of this agent, or theirs. */
  conflicts: TraitConflictRow[]
  /** What it announces, and what of others it will not have. */
  intents: AnnouncedIntent[]
  vetoes: { profileId: string; intent: string; reason: string }[]
  /** What the plugin remembers from now on. */
  state: StateEffect | null
}

/** True when there is nothing to commit but the end of the reaction itself. */
export const isIdle = ({ patch, holds, state, ...lists }: Effects): boolean =>
  patch === null &&
  holds === null &&
  state === null &&
  lists.activations.length + lists.conflicts.length + lists.intents.length + lists.vetoes.length ===
    0

/** What effects are made with. */
interface Making {
  clock: Clock
  /** How a trait is defined now. */
  definition(trait: string): TraitDefinition | undefined
  /** What the plugin keeps, where it keeps anything. */
  state?: StateEffect | null
}

/** Turns an outcome into rows; a write of what stands already is left out, so that it wakes nobody. */
export function effectsOf(
  agent: RunnableAgent,
  claimed: Claimed,
  row: SliceRow,
  outcome: Done,
  { clock, definition, state = null }: Making,
): Effects {
  const at = clock.now()
  const cause = claimed.causes.at(-1) ?? ''
  const effects: Effects = {
    profileId: claimed.profileId,
    patch: null,
    changes: [],
    happenings: [],
    activations: [],
    holds: holdsOf(agent, outcome, at),
    pinned: [],
    conflicts: [],
    intents: [],
    vetoes: vetoesOf(claimed, outcome),
    state,
  }
  const trail = `${claimed.trail} ${agent.name}`.trimStart()
  const { trace } = claimed
  const { priority } = agent.manifest
  const author = { kind: 'agent' as const, id: agent.name }
  for (const [key, value] of Object.entries(outcome.writes)) {
    const said = { author, priority, at, cause, definition: definition(key) }
    const entry = row.slice && Object.hasOwn(row.slice, key) ? row.slice[key] : undefined
    const wanted = writeOf(entry, key, value, said)
    if (!wanted) continue
    // A pin that is set after this was read gives the trait another revision, and the premise is gone.
    if (entry?.[1].pinned !== undefined) {
      effects.pinned.push(key)
      continue
    }
    const { write, isSilent, conflict } = contest(wanted, entry, said.definition)
    if (conflict) {
      effects.conflicts.push({ ...conflict, id: clock.id(), profileId: claimed.profileId })
    }
    if (!write) continue
    effects.patch ??= { traits: {}, provenance: {}, removed: [] }
    effects.patch.provenance[key] = write.provenance
    if (write.value === undefined) effects.patch.removed.push(key)
    else effects.patch.traits[key] = write.value
    if (isSilent) continue
    const change = traitChange(claimed.profileId, clock.id(), write, claimed.hop, at)
    effects.changes.push(change)
    effects.happenings.push(traitHappening(change, write, { trail, trace }))
  }
  for (const proposal of outcome.activations) {
    effects.activations.push({
      ...proposal,
      id: clock.id(),
      profileId: claimed.profileId,
      proposerKind: 'agent',
      proposerId: agent.name,
      cause,
      trace: trace ?? null,
    })
  }
  const announcing = { agent, claimed, at, cause, trail }
  const announce = (intent: Intent) => announcedOf(intent, { ...announcing, id: clock.id() })
  effects.intents = (outcome.intents ?? []).map(announce)
  effects.happenings.push(...effects.intents.map(intentHappening))
  return effects
}

const vetoesOf = ({ profileId }: Claimed, { vetoes = [] }: Done): Effects['vetoes'] =>
  vetoes.map((veto) => ({ profileId, ...veto }))

interface Announcing {
  agent: RunnableAgent
  claimed: Claimed
  id: string
  at: Date
  cause: string
  trail: string
}

const announcedOf = (
  { kind, resource, direction, windowMs, activation }: Intent,
  { agent, claimed, id, at, cause, trail }: Announcing,
): AnnouncedIntent => ({
  id,
  profileId: claimed.profileId,
  agent: agent.name,
  kind,
  resource,
  direction: direction ?? null,
  proposal: activation ?? null,
  cause,
  hop: claimed.hop,
  trail,
  trace: claimed.trace ?? null,
  closesAt: new Date(at.getTime() + windowMs).toISOString(),
})

interface Said {
  author: Provenance['author']
  priority: number
  at: Date
  cause: string
  definition: TraitDefinition | undefined
}

type Entry = NonNullable<SliceRow['slice']>[string]

function writeOf(
  entry: Entry | undefined,
  key: string,
  value: Done['writes'][string],
  { author, priority, at, cause, definition }: Said,
): Write | undefined {
  const [standing, before] = entry ?? []
  const isGone = before === undefined || before.removed === true
  const isRepeated =
    value !== null &&
    !isGone &&
    sameValue(value, standing, before) &&
    !isNews(definition, before, at) &&
    !isBallot(definition, author.id, before)
  if (value === null ? isGone : isRepeated) return undefined
  const expiresAt = value === null ? undefined : expiryOf(definition?.ttlMs, at)
  const provenance: Provenance = {
    revision: (before?.revision ?? 0) + 1,
    author,
    writtenAt: at.toISOString(),
    confidence: value?.confidence ?? 1,
    ...(value?.interval ? { interval: value.interval } : {}),
    cause,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(definition?.shares ? { priority } : {}),
  }
  if (value === null) provenance.removed = true
  return { key, value: value?.value, before: standing, provenance }
}

/** Whether it is a word of its own that another agent says the same already. */
const isBallot = (
  definition: TraitDefinition | undefined,
  agent: string,
  { author }: Provenance,
): boolean =>
  definition?.shares !== undefined && ruleOf(definition) === 'vote' && author.id !== agent

const sameValue = (
  { value, confidence, interval }: NonNullable<Done['writes'][string]>,
  standing: Parameters<typeof jsonEqual>[0],
  before: Provenance,
): boolean =>
  before.confidence === confidence &&
  jsonEqual(before.interval ?? null, interval ?? null) &&
  jsonEqual(standing, value)

function holdsOf(agent: RunnableAgent, { holds, releases }: Done, at: Date): Effects['holds'] {
  if (holds.length === 0 && releases.length === 0) return null
  return {
    added: holds.map(({ purpose, reason }) => ({
      agent: agent.name,
      purpose,
      reason,
      since: at.toISOString(),
    })),
    // A new hold replaces the agent's older one for the same purpose.
    dropped: [...new Set([...releases, ...holds.map(({ purpose }) => purpose)])],
  }
}
