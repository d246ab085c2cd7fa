import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  identityKey,
  resolve,
  type Claim,
  type Keyed,
  type Known,
  type Resolution,
} from '../../../core/flow/resolve.ts'

const at = new Date('2026-01-01T00:00:00.000Z')

const id = (namespace: string, value: string): Keyed => ({ namespace, hash: value, value })
const user = (value: string): Keyed => id('user_id', value)
const cookie = (value: string): Keyed => id('anonymous_id', value)

let events = 0
const claim = (...identifiers: Keyed[]): Claim => {
  events += 1
  return { eventId: `event-${events}`, rule: 'identify', at, identifiers }
}

/** Ids in byte order, after those that `before` named. */
function ids(start = 0): () => string {
  let made = start
  return () => `P${String((made += 1)).padStart(8, '0')}`
}

/** Resolves one claim after the other, as if each came in a commit of its own. */
function replay(claims: readonly Claim[]): Map<string, string> {
  const homes = new Map<string, string>()
  const canonical = new Map<string, string>()
  const newId = ids()
  for (const each of claims) {
    const known: Known[] = each.identifiers.flatMap((identifier) => {
      const home = homes.get(identityKey(identifier))
      return home === undefined
        ? []
        : [{ ...identifier, home, canonical: canonical.get(home) ?? home }]
    })
    const resolution = resolve([each], known, newId)
    apply(resolution, homes, canonical)
  }
  return canonicalOf(homes, canonical)
}

function apply(
  { profiles, identifiers, merges }: Resolution,
  homes: Map<string, string>,
  canonical: Map<string, string>,
): void {
  for (const profile of profiles) canonical.set(profile.id, profile.canonical)
  for (const identifier of identifiers) homes.set(identityKey(identifier), identifier.home)
  for (const { loser, winner } of merges) {
    for (const [member, counts] of canonical) if (counts === loser) canonical.set(member, winner)
  }
}

const canonicalOf = (
  homes: ReadonlyMap<string, string>,
  canonical: ReadonlyMap<string, string>,
): Map<string, string> =>
  new Map([...homes].map(([key, home]) => [key, canonical.get(home) ?? home]))

/** Who is together with whom, whatever the profiles are called. */
function groups(canonical: ReadonlyMap<string, string>): string[] {
  const members = new Map<string, string[]>()
  for (const [key, profile] of canonical) {
    members.set(profile, [...(members.get(profile) ?? []), key])
  }
  return [...members.values()].map((keys) => keys.toSorted().join(',')).toSorted()
}

/** The slow and obvious way: join sets until nothing touches. */
function reference(claims: readonly Claim[]): string[] {
  let sets: Set<string>[] = []
  for (const { identifiers } of claims) {
    const keys = new Set(identifiers.map(identityKey))
    const touching = sets.filter((set) => [...set].some((key) => keys.has(key)))
    sets = [
      ...sets.filter((set) => !touching.includes(set)),
      touching.reduce((all, set) => all.union(set), keys),
    ]
  }
  return sets.map((set) => [...set].toSorted().join(',')).toSorted()
}

const anyIdentifier = fc
  .tuple(fc.constantFrom('user_id', 'anonymous_id', 'email'), fc.integer({ min: 0, max: 12 }))
  .map(([namespace, n]) => id(namespace, `v${n}`))
const anyClaims = fc
  .array(fc.uniqueArray(anyIdentifier, { minLength: 1, maxLength: 4, selector: identityKey }), {
    minLength: 1,
    maxLength: 25,
  })
  .map((claims) => claims.map((identifiers) => claim(...identifiers)))

function batch(claims: readonly Claim[]): Map<string, string> {
  const [homes, canonical] = [new Map<string, string>(), new Map<string, string>()]
  apply(resolve(claims, [], ids()), homes, canonical)
  return canonicalOf(homes, canonical)
}

describe('components', () => {
  test('equal those of a plain union of touching sets', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        expect(groups(batch(claims))).toEqual(reference(claims))
      }),
    )
  })

  test('are the same in one batch as in one commit per event', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        expect(groups(replay(claims))).toEqual(groups(batch(claims)))
      }),
    )
  })

  test('do not depend on the order of the claims', () => {
    const shuffled = anyClaims.chain((claims) =>
      fc.tuple(
        fc.constant(claims),
        fc.shuffledSubarray(claims, { minLength: claims.length, maxLength: claims.length }),
      ),
    )
    fc.assert(
      fc.property(shuffled, ([claims, other]) => {
        expect(groups(replay(other))).toEqual(groups(replay(claims)))
      }),
    )
  })
})

describe('a merge', () => {
  test('is won by the oldest profile, whichever the event names first', () => {
    const known = [
      { ...user('old'), home: 'P1', canonical: 'P1' },
      { ...user('new'), home: 'P2', canonical: 'P2' },
    ]
    for (const identifiers of [
      [user('new'), user('old')],
      [user('old'), user('new')],
    ]) {
      const { merges, subjects } = resolve([claim(...identifiers)], known, ids())
      expect(merges).toMatchObject([{ loser: 'P2', winner: 'P1' }])
      expect(subjects).toEqual(['P1'])
    }
  })

  test('names the canonical profiles and not their members', () => {
    const known = [
      { ...user('a'), home: 'P4', canonical: 'P3' },
      { ...user('b'), home: 'P2', canonical: 'P1' },
    ]
    expect(resolve([claim(user('a'), user('b'))], known, ids()).merges).toMatchObject([
      { loser: 'P3', winner: 'P1' },
    ])
  })

  test('of several in one batch ends at the last winner', () => {
    const known = ['1', '2', '3'].map((n) => ({ ...user(n), home: `P${n}`, canonical: `P${n}` }))
    const claims = [claim(user('3'), user('2')), claim(user('2'), user('1'))]
    expect(
      resolve(claims, known, ids()).merges.map(({ loser, winner }) => `${loser}>${winner}`),
    ).toEqual(['P3>P1', 'P2>P1'])
  })

  test('does not happen between identifiers that no event brings together (refused)', () => {
    const { profiles, merges } = resolve([claim(user('a')), claim(user('b'))], [], ids())
    expect(profiles.map(({ id: own, canonical }) => own === canonical)).toEqual([true, true])
    expect(merges).toEqual([])
  })
})

describe('homes', () => {
  test('never move: an identifier and the event stay where they were first seen', () => {
    const known = [
      { ...user('u'), home: 'P2', canonical: 'P1' },
      { ...cookie('c'), home: 'P1', canonical: 'P1' },
    ]
    const result = resolve([claim(user('u'), cookie('c'))], known, ids())
    expect(result.homes).toEqual(['P2'])
    expect(result.identifiers).toEqual([])
    expect(result.merges).toEqual([])
  })

  test('of what is known are given to nobody else, whatever the batch', () => {
    const anyKnown = fc.uniqueArray(anyIdentifier, { maxLength: 10, selector: identityKey })
    fc.assert(
      fc.property(anyKnown, anyClaims, (identifiers, claims) => {
        const known = identifiers.map((each, n) => ({
          ...each,
          home: `A${n}`,
          canonical: `A${n % 3}`,
        }))
        const before = new Set(known.map(identityKey))
        const result = resolve(claims, known, ids())
        expect(result.identifiers.filter((each) => before.has(identityKey(each)))).toEqual([])
        claims.forEach(({ identifiers: [strongest] }, n) => {
          const home = known.find(
            (each) => strongest && identityKey(each) === identityKey(strongest),
          )?.home
          if (home !== undefined) expect(result.homes[n]).toBe(home)
        })
      }),
    )
  })

  test('of new identifiers are attached once each', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        const keys = resolve(claims, [], ids()).identifiers.map(identityKey)
        expect(new Set(keys).size).toBe(keys.length)
      }),
    )
  })
})

describe('odd evidence', () => {
  test('a self-alias is one profile without an edge', () => {
    const { profiles, edges, merges } = resolve([claim(user('u'))], [], ids())
    expect([profiles.length, edges.length, merges.length]).toEqual([1, 0, 0])
  })

  test('a circle of aliases is one profile, and asking again changes nothing', () => {
    const circle = ['a', 'b', 'c'].map((each, n) => claim(user(each), user('bca'[n] ?? '')))
    expect(groups(replay(circle))).toHaveLength(1)
    expect(groups(replay([...circle, ...circle]))).toEqual(groups(replay(circle)))
  })

  test('an edge has the same two sides whichever way it was seen', () => {
    const [there] = resolve([claim(user('u'), cookie('c'))], [], ids()).edges
    const [back] = resolve([claim(cookie('c'), user('u'))], [], ids()).edges
    expect([there?.left, there?.right]).toEqual([back?.left, back?.right])
  })

  test('a chain of 10,000 profiles collapses into the first without exhausting the stack', () => {
    const count = 10_000
    const known = Array.from({ length: count }, (_, n) => {
      const home = `P${String(n).padStart(6, '0')}`
      return { ...user(String(n)), home, canonical: home }
    })
    const links = Array.from({ length: count - 1 }, (_, n) =>
      claim(user(String(count - 1 - n)), user(String(count - 2 - n))),
    )
    const { merges, subjects } = resolve(links, known, ids())
    expect(merges).toHaveLength(count - 1)
    expect(new Set(merges.map(({ winner }) => winner))).toEqual(new Set(['P000000']))
    expect(new Set(subjects)).toEqual(new Set(['P000000']))
  })

  test('200 people on one shared tablet become one profile: flat matching, as documented', () => {
    const claims = Array.from({ length: 200 }, (_, n) => claim(user(`u${n}`), cookie('tablet')))
    expect(groups(replay(claims))).toHaveLength(1)
  })
})

test('whoever disowned an identifier is joined with its holder by no order of claims', () => {
  const names = ['user', 'mail', 'cookie', 'phone'] as const
  const claimed = fc.array(fc.shuffledSubarray([...names], { minLength: 1 }), { maxLength: 12 })
  const key = (name: string) => ({ namespace: name, hash: name, value: null })
  fc.assert(
    fc.property(claimed, fc.boolean(), (claims, isHeld) => {
      const known = [{ ...key('user'), home: 'P', canonical: 'P' }]
      const holder = isHeld ? 'H' : null
      const apart = [
        { profileId: 'P', namespace: 'mail', hash: 'mail', home: holder, canonical: holder },
      ]
      let made = 0
      const given = claims.map((identifiers, nth) => ({
        eventId: `e${nth}`,
        rule: 'track',
        at: new Date(0),
        identifiers: identifiers.map(key),
      }))
      const result = resolve(given, known, () => `Z${(made += 1)}`, apart)
      // Who ends up as one: by the edges, which are what identity is computed from.
      const reached = new Set(['user user'])
      for (let before = 0; before < reached.size;) {
        before = reached.size
        for (const { left, right } of result.edges) {
          const [a, b] = [identityKey(left), identityKey(right)]
          if (reached.has(a) || reached.has(b)) reached.add(a).add(b)
        }
      }
      expect(reached.has('mail mail')).toBe(false)
      const homes = result.identifiers.filter(({ namespace }) => namespace === 'mail')
      expect(homes.every(({ home }) => home !== 'P')).toBe(true)
      expect(result.merges).toEqual([])
    }),
  )
})
