import type { SliceRow } from '../../../blackboard/query/loadSlices.ts'
import type { Clock } from '../../clock.ts'
import type { CheckedOutcome } from '../../host/outcome.ts'
import type { Proposal } from '../../model/activation.ts'
import { jsonEqual, type JsonObject } from '../../model/json.ts'
import type { Provenance } from '../../model/trait.ts'
import { traitChange, type ChangeRow } from '../notice.ts'
import type { Write } from '../project.ts'
import type { Claimed, RunnableAgent } from './reaction.ts'

type Done = Extract<CheckedOutcome, { kind: 'done' }>

/** A proposal as it goes before the gate. */
interface ProposedRow extends Proposal {
  id: string
  profileId: string
  proposerKind: 'agent'
  proposerId: string
  cause: string
}

/** What one reaction changes, as rows. */
export interface Effects {
  profileId: string
  patch: { traits: JsonObject; provenance: Record<string, Provenance>; removed: string[] } | null
  changes: ChangeRow[]
  activations: ProposedRow[]
  holds: { added: object[]; dropped: string[] } | null
}

/** True when there is nothing to commit but the end of the reaction itself. */
export const isIdle = ({ patch, activations, holds }: Effects): boolean =>
  patch === null && activations.length === 0 && holds === null

/** Turns an outcome into rows; a write of what stands already is left out, so that it wakes nobody. */
export function effectsOf(
  agent: RunnableAgent,
  claimed: Claimed,
  row: SliceRow,
  outcome: Done,
  clock: Clock,
): Effects {
  const at = clock.now()
  const cause = claimed.causes.at(-1) ?? ''
  const effects: Effects = {
    profileId: claimed.profileId,
    patch: null,
    changes: [],
    activations: [],
    holds: holdsOf(agent, outcome, at),
  }
  const author = { kind: 'agent' as const, id: agent.name }
  for (const [key, value] of Object.entries(outcome.writes)) {
    const write = writeOf(row.slice?.[key], key, value, { author, at, cause })
    if (!write) continue
    effects.patch ??= { traits: {}, provenance: {}, removed: [] }
    effects.patch.provenance[key] = write.provenance
    if (write.value === undefined) effects.patch.removed.push(key)
    else effects.patch.traits[key] = write.value
    effects.changes.push(traitChange(claimed.profileId, clock.id(), write, claimed.hop, at))
  }
  for (const proposal of outcome.activations) {
    effects.activations.push({
      ...proposal,
      id: clock.id(),
      profileId: claimed.profileId,
      proposerKind: 'agent',
      proposerId: agent.name,
      cause,
    })
  }
  return effects
}

type Entry = NonNullable<SliceRow['slice']>[string]

function writeOf(
  entry: Entry | undefined,
  key: string,
  value: Done['writes'][string],
  { author, at, cause }: { author: Provenance['author']; at: Date; cause: string },
): Write | undefined {
  const [standing, before] = entry ?? []
  const isGone = before === undefined || before.removed === true
  if (value === null ? isGone : !isGone && sameValue(value, standing, before)) return undefined
  const provenance: Provenance = {
    revision: (before?.revision ?? 0) + 1,
    author,
    writtenAt: at.toISOString(),
    confidence: value?.confidence ?? 1,
    cause,
  }
  if (value === null) provenance.removed = true
  return { key, value: value?.value, provenance }
}

const sameValue = (
  { value, confidence }: NonNullable<Done['writes'][string]>,
  standing: Parameters<typeof jsonEqual>[0],
  before: Provenance,
): boolean => before.confidence === confidence && jsonEqual(standing, value)

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
