/**
 * Identity resolution: flat matching over kept evidence, as a pure function of a batch and what the
 * blackboard knows of its identifiers.
 *
 * Identifiers stay for ever on the profile they were first seen on (their home); events keep the home of
 * their strongest identifier. Merging only makes several homes share one canonical profile, the oldest, so
 * that it can be undone by taking an edge away: nothing was moved.
 */

/** An identifier as it is compared: the value only as its blind index. */
export interface Keyed {
  namespace: string
  hash: string
  /** The normalised value where the namespace may stand in the open, else null. */
  value: string | null
}

export interface Known {
  namespace: string
  hash: string
  /** The profile it was first seen on. */
  home: string
  /** The profile that home counts as today. */
  canonical: string
}

/** One event's claim: its identifiers, strongest first, belong together. */
export interface Claim {
  eventId: string
  rule: string
  at: Date
  identifiers: readonly Keyed[]
}

export interface Edge {
  left: Keyed
  right: Keyed
  rule: string
  eventId: string
  at: Date
}

/** Somebody said of an identifier that it is not theirs. */
export interface Apart {
  /** Their canonical profile. */
  profileId: string
  namespace: string
  hash: string
  /** Where somebody else has it; null where nobody has. */
  home: string | null
  canonical: string | null
}

export interface Resolution {
  /** Per claim, in order: where the event is kept, and the profile it speaks of. */
  homes: string[]
  subjects: string[]
  /** Profiles to create; `canonical` differs from `id` when the same batch already merged it. */
  profiles: { id: string; canonical: string; at: Date }[]
  identifiers: (Keyed & { home: string; eventId: string; at: Date })[]
  edges: Edge[]
  /** By event, namespaces of identifiers that were left out: their person is not the one the event speaks of. */
  leftOut: Map<string, Set<string>>
  /** Canonical profiles that existed and now count as another. */
  merges: { loser: string; winner: string; eventId: string }[]
}

export const identityKey = (identifier: { namespace: string; hash: string }): string =>
  `${identifier.namespace} ${identifier.hash}`

/**
 * @param newId gives the id of a new profile; ids must sort after those that exist.
 * @param apart whom nothing joins: who disowned an identifier, and whoever has it
 */
export function resolve(
  claims: readonly Claim[],
  known: readonly Known[],
  newId: () => string,
  apart: readonly Apart[] = [],
): Resolution {
  const canonical = new Components()
  const homes = new Map<string, string>()
  for (const entry of known) {
    homes.set(identityKey(entry), entry.home)
    canonical.join(entry.home, entry.canonical)
  }
  for (const { home, canonical: holder, ...identifier } of apart) {
    if (home === null || holder === null) continue
    homes.set(identityKey(identifier), home)
    canonical.join(home, holder)
  }
  const result: Resolution = {
    homes: [],
    subjects: [],
    profiles: [],
    identifiers: [],
    edges: [],
    leftOut: new Map(),
    merges: [],
  }
  const created: { id: string; at: Date }[] = []
  const mergedBy = new Map<string, string>()
  const knowledge = { homes, canonical, mergedBy, apart, identifiers: result.identifiers }
  const edges = new Map<string, Edge>()
  for (const made of claims) {
    const claim = agreeing(made, knowledge, result.leftOut)
    const home = settle(claim, knowledge, () => {
      const id = newId()
      created.push({ id, at: claim.at })
      return id
    })
    result.homes.push(home)
    for (const edge of starOf(claim)) edges.set(edgeKey(edge), edges.get(edgeKey(edge)) ?? edge)
  }
  result.subjects = result.homes.map((home) => canonical.find(home))
  result.profiles = created.map(({ id, at }) => ({ id, canonical: canonical.find(id), at }))
  result.edges = [...edges.values()]
  const isNew = new Set(created.map(({ id }) => id))
  for (const [loser, eventId] of mergedBy) {
    if (!isNew.has(loser)) result.merges.push({ loser, winner: canonical.find(loser), eventId })
  }
  return result
}

/** What the claims of a batch have told so far; each adds to it. */
interface Knowledge {
  homes: Map<string, string>
  canonical: Components
  /** By profile that now counts as another: the event that said so. */
  mergedBy: Map<string, string>
  identifiers: Resolution['identifiers']
  apart: readonly Apart[]
}

/** The claim without identifiers that join who is to stay apart. The strongest says whom an event speaks of. */
function agreeing(claim: Claim, knowledge: Knowledge, leftOut: Resolution['leftOut']): Claim {
  if (knowledge.apart.length === 0) return claim
  const identifiers: Keyed[] = []
  for (const one of claim.identifiers) {
    if (identifiers.every((other) => !areApart(one, other, knowledge))) identifiers.push(one)
    else leftOut.set(claim.eventId, (leftOut.get(claim.eventId) ?? new Set()).add(one.namespace))
  }
  return identifiers.length === claim.identifiers.length ? claim : { ...claim, identifiers }
}

function areApart(one: Keyed, other: Keyed, { homes, canonical, apart }: Knowledge): boolean {
  const personOf = (key: string): string | undefined => {
    const home = homes.get(key)
    return home === undefined ? undefined : canonical.find(home)
  }
  const [a, b] = [identityKey(one), identityKey(other)]
  return apart.some(({ profileId, ...disowned }) => {
    const key = identityKey(disowned)
    const person = canonical.find(profileId)
    const holder = personOf(key)
    if (holder === person) return false
    const isTheirs = (side: string): boolean => personOf(side) === person
    const isHolders = (side: string): boolean =>
      side === key || (holder !== undefined && personOf(side) === holder)
    return (isTheirs(a) && isHolders(b)) || (isTheirs(b) && isHolders(a))
  })
}

function settle(
  claim: Claim,
  { homes, canonical, mergedBy, identifiers }: Knowledge,
  create: () => string,
): string {
  let home: string | undefined
  for (const identifier of claim.identifiers) {
    const found = homes.get(identityKey(identifier))
    if (found === undefined) continue
    if (home === undefined) home = found
    const loser = canonical.join(home, found)
    if (loser !== undefined) mergedBy.set(loser, claim.eventId)
  }
  home ??= create()
  for (const identifier of claim.identifiers) {
    const key = identityKey(identifier)
    if (homes.has(key)) continue
    homes.set(key, home)
    identifiers.push({ ...identifier, home, eventId: claim.eventId, at: claim.at })
  }
  const strongest = claim.identifiers[0]
  return (strongest && homes.get(identityKey(strongest))) ?? home
}

/** The strongest identifier vouches for each other one; sides in byte order, so that a pair is one edge. */
export function starOf({ identifiers, rule, eventId, at }: Claim): Edge[] {
  const [hub, ...others] = identifiers
  if (!hub) return []
  return others.map((other) => {
    const [left, right] = identityKey(hub) < identityKey(other) ? [hub, other] : [other, hub]
    return { left, right, rule, eventId, at }
  })
}

/** As `keepEdges` takes it. */
export const flatEdge = ({ left, right, rule, eventId, at }: Edge): object => ({
  leftNamespace: left.namespace,
  leftHash: left.hash,
  rightNamespace: right.namespace,
  rightHash: right.hash,
  rule,
  eventId,
  at,
})

const edgeKey = ({ left, right, rule }: Edge): string =>
  `${identityKey(left)} ${identityKey(right)} ${rule}`

/** Disjoint sets whose representative is the smallest id, which for ULIDs is the oldest profile. */
class Components {
  readonly #parent = new Map<string, string>()

  /** Without recursion: a chain may be as long as a batch. Every node on the way then points at the root. */
  find(id: string): string {
    let root = id
    for (let next = this.#parent.get(root); next !== undefined; next = this.#parent.get(root))
      root = next
    for (let at = id; at !== root;) {
      const next = this.#parent.get(at) ?? root
      this.#parent.set(at, root)
      at = next
    }
    return root
  }

  /** Makes both one set; returns the representative that lost, or undefined when they were one already. */
  join(one: string, other: string): string | undefined {
    const [a, b] = [this.find(one), this.find(other)]
    if (a === b) return undefined
    const [winner, loser] = a < b ? [a, b] : [b, a]
    this.#parent.set(loser, winner)
    return loser
  }
}
