/** What agents were handed and wrote, as counts for the records of processing. */
import type { Board } from '../../board.ts'
import type { ReactInput } from '../../host/contract.ts'
import type { Accessed, Accessor } from '../../signal.ts'
import type { Ended } from './commit.ts'
import type { RunnableAgent } from './reaction.ts'

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
