import type { ProfileRow } from '../../blackboard/query/findProfiles.ts'
import type { Ruling } from '../../policies/ability.ts'
import type { ProfileRow as Facts } from '../../policies/vocabulary.ts'
import type { Interval } from '../model/interval.ts'
import type { Json } from '../model/json.ts'
import { isExpired, isSettled, isStale } from '../model/trait.ts'
import type { Author, Commitment, Provenance } from '../model/trait.ts'
import { openSealed, placeKey } from '../openSealed.ts'
import { behind, factsOf } from './profile.ts'
import type { Profile } from './profile.ts'
import { noteShown } from './observe.ts'
import { asRedaction } from './reader.ts'
import type { Reader, Redaction } from './reader.ts'

export interface TraitView {
  key: string
  value: Json
  confidence: number
  interval: Interval | null
  author: Author
  revision: number
  writtenAt: Date
  expiresAt: Date | null
  /** Written longer ago than its definition calls fresh. */
  stale: boolean
  /** The request by which no agent writes it; null where agents may. */
  pinnedBy: string | null
  /** Who answers for it, so that agents write only what is allowed; null where nobody does. */
  commitment: Commitment | null
}

interface Shown {
  provenance: Provenance
  key: string
  /** Undefined when the value is in the vault. */
  value: Json | undefined
}

/** The traits of each profile that the reader may see, sorted by key; contact values come from the vault. */
export async function readTraits(
  reader: Reader,
  profiles: readonly Profile[],
  keys?: readonly string[] | null,
): Promise<TraitView[][]> {
  const shown = profiles.map((profile) => sift(reader, profile[behind], keys).shown)
  noteShown(
    reader,
    shown.flatMap((traits) => traits.map(({ key }) => ({ object: `trait:${key}` }))),
  )
  const places = shown.flat().flatMap(({ key, provenance }) => placeOf(key, provenance))
  const opened =
    places.length === 0
      ? undefined
      : await openSealed(reader.board, reader.principal.workspaceId, places)
  return shown.map((traits) =>
    traits.flatMap(({ key, value, provenance }) => {
      const [place] = placeOf(key, provenance)
      const sealed = place && opened?.get(placeKey(place))
      // A value whose data key was destroyed is gone for everyone.
      if (place && sealed === undefined) return []
      const known = sealed === undefined ? value : parse(sealed)
      return known === undefined ? [] : [asView(reader, key, known, provenance)]
    }),
  )
}

/** What the reader may not see of a profile. */
export const listRedactions = (reader: Reader, profile: Profile): Redaction[] => [
  ...sift(reader, profile[behind]).withheld,
  ...sections.flatMap(({ key, subject }) => {
    const { allowed, rule, reason } = reader.ability.may('read', subject)
    return allowed ? [] : [asRedaction(key, rule, reason)]
  }),
]

/** A trait that no agent writes for this person, be there a value or none. */
export interface TraitPin {
  key: string
  requestId: string
}

/** All pins, for who may read requests of data subjects; else those of traits that the reader may see. */
export function listPins(reader: Reader, { [behind]: row }: Profile): TraitPin[] {
  const facts = factsOf(row)
  const isHandler = reader.ability.may('read', 'SubjectRequest').allowed
  return Object.entries(row.provenance)
    .flatMap(([key, made]) =>
      made.pinned !== undefined && (isHandler || judge(reader, key, made, facts).allowed)
        ? [{ key, requestId: made.pinned }]
        : [],
    )
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
}

/** Parts of a profile that are granted or withheld as a whole. */
const sections = [
  { key: 'events', subject: 'Event' },
  { key: 'consents', subject: 'Consent' },
  { key: 'activations', subject: 'Activation' },
] as const

/** Parts the current traits of a row into what the reader may see and what is withheld. */
function sift(
  reader: Reader,
  row: ProfileRow,
  keys?: readonly string[] | null,
): { shown: Shown[]; withheld: Redaction[] } {
  const facts = factsOf(row)
  const now = reader.board.clock.now()
  const shown: Shown[] = []
  const withheld: Redaction[] = []
  for (const key of Object.keys(row.provenance).toSorted()) {
    const provenance = row.provenance[key]
    if (!provenance || provenance.removed || (keys && !keys.includes(key))) continue
    if (isExpired(provenance, now)) continue
    const ruling = judge(reader, key, provenance, facts)
    if (ruling.allowed) {
      const value = Object.hasOwn(row.traits, key) ? row.traits[key] : undefined
      shown.push({ key, value, provenance })
    } else withheld.push(asRedaction(key, ruling.rule, ruling.reason))
  }
  return { shown, withheld }
}

/** While the class of a value is not settled, no rule about a class can be trusted to be about this value. */
function judge(reader: Reader, key: string, provenance: Provenance, facts: Facts): Ruling {
  if (!isSettled(provenance, reader.definitions.get(key))) {
    return { allowed: false, rule: null, reason: 'class_unsettled' }
  }
  return reader.profiles.trait(key).visible(facts)
}

const placeOf = (key: string, { vault }: Provenance) =>
  vault === undefined ? [] : [{ profileId: vault, key: `trait/${key}` }]

const asView = (reader: Reader, key: string, value: Json, provenance: Provenance): TraitView => ({
  key,
  value,
  confidence: provenance.confidence,
  interval: provenance.interval ?? null,
  author: provenance.author,
  revision: provenance.revision,
  writtenAt: new Date(provenance.writtenAt),
  expiresAt: provenance.expiresAt === undefined ? null : new Date(provenance.expiresAt),
  stale: isStale(reader.definitions.get(key), provenance, reader.board.clock.now()),
  pinnedBy: provenance.pinned ?? null,
  commitment: provenance.committed ?? null,
})

const parse = (text: string): Json => JSON.parse(text)
