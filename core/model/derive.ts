/**
 * What a conclusion inherits from what it was drawn from: it may be used only for what every source may be
 * used for, and it is special where a source is. Worked out from manifests and definitions alone, never per
 * write: an agent declares what it is handed, and is handed nothing else.
 */
import { covers } from './purpose.ts'
import type { SpecialCategory } from './special.ts'
import type { DataClass } from './trait.ts'

/** Purposes that a value may be used for, sorted, none above another; null is every purpose. */
export type Purposes = readonly string[] | null

/** As a definition writes them, where an empty list means every purpose. */
export const purposesOf = (said: readonly string[]): Purposes =>
  said.length === 0 ? null : widest(said)

/** What both allow: of `marketing` and `marketing.promotion`, the latter. */
export function meet(one: Purposes, other: Purposes): Purposes {
  if (one === null || other === null) return one ?? other
  return widest(
    one.flatMap((mine) =>
      other.flatMap((theirs) => {
        if (covers(mine, theirs)) return theirs
        return covers(theirs, mine) ? mine : []
      }),
    ),
  )
}

/** Whether values that may be used for these purposes may be used for that one. */
export const allows = (purposes: Purposes, wanted: string): boolean =>
  purposes === null || purposes.some((each) => covers(each, wanted))

export const samePurposes = (one: Purposes, other: Purposes): boolean =>
  String(one) === String(other) && (one === null) === (other === null)

function widest(purposes: readonly string[]): string[] {
  const distinct = [...new Set(purposes)]
  return distinct
    .filter((each) => !distinct.some((above) => above !== each && covers(above, each)))
    .toSorted()
}

/** A trait as far as it matters here. */
export interface Defined {
  readonly dataClass: DataClass
  /** As the definition says them. */
  readonly purposes: readonly string[]
  /** Null where nobody said; none where an officer said so, which ends the inheritance. */
  readonly infers: readonly SpecialCategory[] | null
}

/** One agent's share: every trait it is handed, under any name, and those it writes. */
export interface Deriver {
  readonly sources: readonly string[]
  readonly writes: readonly string[]
}

export interface Derived {
  readonly purposes: Purposes
  /** Such as `infers:health` or `trait:diagnosis`; none where it is no special category. */
  readonly specialBy: readonly string[]
}

/**
 * Over any chain and circle of agents: purposes begin at what each definition says and only shrink, specialness
 * begins at nothing and only grows, so it ends.
 */
export function deriveTraits(
  definitions: ReadonlyMap<string, Defined>,
  derivers: readonly Deriver[],
): Map<string, Derived> {
  const derived = new Map<string, Derived>(
    [...definitions].map(([key, { purposes, infers }]) => [
      key,
      {
        purposes: purposesOf(purposes),
        specialBy: (infers ?? []).map((category) => `infers:${category}`),
      },
    ]),
  )
  for (let moved = true; moved;) {
    moved = false
    for (const { sources, writes } of derivers) {
      const inherited = sourcesOf(definitions, derived, sources)
      for (const key of writes) moved = narrow(definitions, derived, key, inherited) || moved
    }
  }
  return derived
}

/** What all of the sources together allow; a trait that nobody defined allows everything. */
function sourcesOf(
  definitions: ReadonlyMap<string, Defined>,
  derived: ReadonlyMap<string, Derived>,
  sources: readonly string[],
): Derived {
  const isSpecial = (key: string): boolean =>
    definitions.get(key)?.dataClass === 'special' || (derived.get(key)?.specialBy.length ?? 0) > 0
  return {
    purposes: sources.reduce<Purposes>(
      (left, key) => meet(left, derived.get(key)?.purposes ?? null),
      null,
    ),
    specialBy: sources.filter(isSpecial).map((key) => `trait:${key}`),
  }
}

/** @returns whether anything changed */
function narrow(
  definitions: ReadonlyMap<string, Defined>,
  derived: Map<string, Derived>,
  key: string,
  inherited: Derived,
): boolean {
  const before = derived.get(key)
  const definition = definitions.get(key)
  if (before === undefined || definition === undefined) return false
  const purposes = meet(before.purposes, inherited.purposes)
  // Its own value makes a trait no more special than it is.
  const causes = inherited.specialBy.filter((cause) => cause !== `trait:${key}`)
  const specialBy =
    definition.infers === null ? [...new Set([...before.specialBy, ...causes])] : before.specialBy
  if (samePurposes(purposes, before.purposes) && specialBy.length === before.specialBy.length) {
    return false
  }
  derived.set(key, { purposes, specialBy })
  return true
}
