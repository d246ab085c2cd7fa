/** Examples as the reader may see them: which keys differ always, a trait's values where policies show it to them. */
import type { Call } from '../../flow/react/prepare.ts'
import type { Json } from '../../model/json.ts'
import { noteShown } from '../../read/observe.ts'
import type { Reader } from '../../read/reader.ts'
import { traitSight } from '../../read/traitSight.ts'
import type { Difference } from './difference.ts'
import type { Example } from './report.ts'
import type { Pair } from './stage.ts'

export interface ShownDifference extends Pick<Difference, 'part' | 'key' | 'kind'> {
  /** JSON, cut where it is long; null where there is none or it is not shown. */
  old: string | null
  next: string | null
  /** False where the values are withheld. */
  isShown: boolean
}

export interface ShownExample extends Omit<Example, 'differences' | 'failures'> {
  differences: ShownDifference[]
  /** In words; of the new version by its code alone where its words could tell what is withheld. */
  failures: { old: string | null; next: string | null }
}

const textMax = 200

export async function showExamples(
  reader: Reader,
  examples: readonly Example[],
  pairs: readonly Pair[],
): Promise<ShownExample[]> {
  const sees = await traitSight(
    reader,
    examples.map(({ profileId }) => profileId),
  )
  const readsEvents = reader.ability.may('read', 'Event').allowed
  const pairOf = new Map(pairs.map((pair) => [pair.agent, pair]))
  const shown = examples.map((example): ShownExample => {
    const { agent, profileId, failures } = example
    const pair = pairOf.get(agent)
    const maySee = ({ traits, properties }: Sources): boolean =>
      [...traits, ...properties].every((key) => sees(profileId, key)) &&
      (readsEvents || properties.length === 0)
    const { next } = failures
    return {
      ...example,
      differences: example.differences.map((difference) =>
        show(
          difference,
          sees(profileId, difference.key) && maySee(sourcesOf(pair, difference.key)),
        ),
      ),
      failures: {
        old: failures.old?.message ?? null,
        next: (maySee(gainedBy(pair)) ? next?.message : next?.code) ?? null,
      },
    }
  })
  noteShown(
    reader,
    shown.flatMap(({ differences }) =>
      differences.flatMap(({ key, isShown }) => (isShown ? [{ object: `trait:${key}` }] : [])),
    ),
  )
  return shown
}

interface Sources {
  traits: string[]
  /** Of events; each counts as the trait of its name too, as it does when an agent is handed it. */
  properties: string[]
}

/**
 * What a value may have been made of that nobody agreed to yet: by what it writes, a version that waits must not
 * tell of what it reads. Of a trait that the same agent writes already it is what it reads in addition.
 */
const sourcesOf = (pair: Pair | undefined, key: string): Sources =>
  pair?.old?.agent.manifest.writes.includes(key) ? gainedBy(pair) : readBy(pair?.next)

function gainedBy(pair: Pair | undefined): Sources {
  const all = readBy(pair?.next)
  const before = readBy(pair?.old)
  return {
    traits: all.traits.filter((one) => !before.traits.includes(one)),
    properties: all.properties.filter((one) => !before.properties.includes(one)),
  }
}

const readBy = (call: Call | undefined): Sources => ({
  traits: call?.agent.manifest.reads.traits ?? [],
  properties: Object.values(call?.agent.manifest.reads.events ?? {}).flat(),
})

function show({ part, key, kind, old, next }: Difference, mayBeTold: boolean): ShownDifference {
  const isShown = mayBeTold && (part === 'trait' || part === 'confidence' || part === 'interval')
  const text = (value: Json | undefined): string | null =>
    isShown && value !== undefined ? brief(JSON.stringify(value)) : null
  return { part, key, kind, old: text(old), next: text(next), isShown }
}

const brief = (text: string): string =>
  text.length > textMax ? `${text.slice(0, textMax - 1)}…` : text
