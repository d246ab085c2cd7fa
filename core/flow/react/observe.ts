/** What agents were handed and wrote, as counts for the records of processing, and how they fared. */
import type { Board } from '../../board.ts'
import type { ReactInput } from '../../host/contract.ts'
import type { Accessed, Accessor } from '../../signal.ts'
import type { ItemOutcome } from '../../host/host.ts'
import type { EgressSums } from '../../egress/egress.ts'
import type { FailedItem, Told } from '../../model/pluginHealth.ts'
import { isOwnFault } from '../../model/pluginRollout.ts'
import type { Ended, Ending } from './commit.ts'
import type { Effects } from './effects.ts'
import type { RunnableAgent } from './reaction.ts'
import { shapeOf } from './shape.ts'

/** The slices of a batch: each trait and property once, with how many of the inputs held it. */
export function noteRead(
  { signals }: Board,
  agent: RunnableAgent,
  inputs: readonly ReactInput[],
): void {
  const traits = new Map<string, number>()
  const properties = new Map<string, number>()
  for (const { profile, causes } of inputs) {
    for (const key in profile.traits) {
      // A handle is no reading; that it was used is counted when the host sends what it stands for.
      if (!agent.manifest.reads.pii.includes(key)) increase(traits, key)
    }
    for (const cause of causes) {
      if (cause.kind === 'event') for (const key in cause.properties) increase(properties, key)
    }
  }
  if (traits.size + properties.size === 0) return
  signals.accessed(asAccessor(agent, 'read'), [
    ...accessedOf('trait', traits),
    ...accessedOf('property', properties),
  ])
}

/** What the reactions of a batch wrote, as they ended; a few of them run again and are counted twice. */
export function noteWritten(
  { signals }: Board,
  agent: RunnableAgent,
  ended: readonly Ended[],
): void {
  const traits = new Map<string, number>()
  for (const { ending } of ended) {
    if (ending.kind !== 'done') continue
    for (const { key } of ending.effects.changes) increase(traits, key)
  }
  if (traits.size === 0) return
  signals.accessed(asAccessor(agent, 'write'), accessedOf('trait', traits))
}

interface Ran {
  inputs: readonly ReactInput[]
  outcomes: readonly ItemOutcome[]
  /** How the inputs ended, in their order. */
  ended: readonly Ended[]
  /** What never became an input: the profile has moved, or its state was of no use, which the message says. */
  without: readonly (Ended & { message?: string })[]
  ms: number
  sums: EgressSums
}

/** How a call of an agent went, for the health of its plugin. */
export function noteRan({ signals }: Board, agent: RunnableAgent, ran: Ran): void {
  const { inputs, outcomes, ended, without, ms, sums } = ran
  const troubled = without.flatMap(({ profileId, message = '', ending }): FailedItem[] => {
    const code = faultOf(ending)
    return code === undefined
      ? []
      : [{ code, message, profileId, eventId: null, shape: () => ({}) }]
  })
  const items = inputs.length + troubled.length
  if (items === 0) return
  const { workspaceId, pluginId: plugin, digest, manifest } = agent
  const failed = inputs.flatMap((input, at): FailedItem[] => {
    const failure = failureOf(outcomes[at], ended[at])
    if (!failure) return []
    const eventId = input.causes.find((cause) => cause.kind === 'event')?.id ?? null
    return [{ ...failure, profileId: input.profile.id, eventId, shape: () => shapeOf(input) }]
  })
  const refused = ended.filter(
    ({ ending }) => ending.kind === 'again' && ending.error === 'forbidden',
  ).length
  const told = toldBy([...ended, ...without])
  const effects = ended.flatMap(({ ending }) => (ending.kind === 'done' ? [ending.effects] : []))
  signals.ran({
    workspaceId,
    plugin,
    agent: manifest.id,
    digest,
    items,
    ms,
    failures: [...failed, ...troubled],
    denials: refused + sums.denials,
    bytesOut: sums.bytesOut,
    ...contestedBy(effects),
    told,
  })
}

/** Writes, those among them that were not made, and how many met what another said. */
function contestedBy(effects: readonly Effects[]): { writes: number; conflicts: number } {
  const sums = { writes: 0, conflicts: 0 }
  for (const { changes, conflicts } of effects) {
    const made = new Set(changes.map(({ key }) => key))
    sums.writes += changes.length + conflicts.filter(({ trait }) => !made.has(trait)).length
    sums.conflicts += conflicts.length
  }
  return sums
}

/** What the plugin failed at, or what it answered and could not be taken. */
function failureOf(
  outcome: ItemOutcome | undefined,
  ended: Ended | undefined,
): Pick<FailedItem, 'code' | 'message'> | undefined {
  if (outcome && !outcome.ok) return { code: outcome.code, message: outcome.message }
  const code = ended && faultOf(ended.ending)
  return code === undefined ? undefined : { code, message: `Its answer was refused: ${code}.` }
}

/** The code of a failure that is the plugin's own doing. */
const faultOf = (ending: Ending): string | undefined =>
  ending.kind === 'again' && ending.error !== null && isOwnFault(ending.error)
    ? ending.error
    : undefined

/** Later tries of what failed once tell nothing new, and neither does what befell it from outside. */
function toldBy(ended: readonly Ended[]): Told {
  const first = ended.filter(({ attempts }) => attempts <= 1)
  const failures = first.filter(({ ending }) => faultOf(ending) !== undefined).length
  const fine = first.filter(
    ({ ending }) => ending.kind === 'done' || (ending.kind === 'again' && ending.error === null),
  ).length
  return { items: fine + failures, failures }
}

const increase = (counts: Map<string, number>, key: string): unknown =>
  counts.set(key, (counts.get(key) ?? 0) + 1)

const asAccessor = (
  { workspaceId, name, manifest }: RunnableAgent,
  kind: Accessor['kind'],
): Accessor => ({ workspaceId, actor: `agent:${name}`, kind, purpose: manifest.purpose })

const accessedOf = (
  prefix: 'trait' | 'property',
  counts: ReadonlyMap<string, number>,
): Accessed[] => [...counts].map(([key, count]) => ({ object: `${prefix}:${key}`, count }))
