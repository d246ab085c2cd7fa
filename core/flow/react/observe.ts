/** What agents were handed and wrote, as counts for the records of processing, and how they fared. */
import type { Board } from '../../board.ts'
import type { ReactInput } from '../../host/contract.ts'
import type { Accessed, Accessor } from '../../signal.ts'
import type { ItemOutcome } from '../../host/host.ts'
import type { FailedItem } from '../../model/pluginHealth.ts'
import type { EgressSums } from '../../egress/egress.ts'
import type { Ended } from './commit.ts'
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
  ended: readonly Ended[]
  ms: number
  sums: EgressSums
}

/** How a call of an agent went, for the health of its plugin. */
export function noteRan({ signals }: Board, agent: RunnableAgent, ran: Ran): void {
  const { inputs, outcomes, ended, ms, sums } = ran
  if (inputs.length === 0) return
  const { workspaceId, pluginId: plugin, digest, manifest } = agent
  const failures = inputs.flatMap((input, at): FailedItem[] => {
    const outcome = outcomes[at]
    if (!outcome || outcome.ok) return []
    const { code, message } = outcome
    return [
      {
        code,
        message,
        profileId: input.profile.id,
        eventId: input.causes.find((cause) => cause.kind === 'event')?.id ?? null,
        shape: () => shapeOf(input),
      },
    ]
  })
  const refused = ended.filter(
    ({ ending }) => ending.kind === 'again' && ending.error === 'forbidden',
  ).length
  signals.ran({
    workspaceId,
    plugin,
    agent: manifest.id,
    digest,
    items: inputs.length,
    ms,
    failures,
    denials: refused + sums.denials,
    bytesOut: sums.bytesOut,
  })
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
