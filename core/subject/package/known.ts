/** What stands on a profile: identifiers, and traits with where each came from. */
import type { ProfileRow } from '../../../blackboard/query/findProfiles.ts'
import type { LawfulBasis } from '../../model/consent.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import { keyOfPart, refusalReasons } from '../../model/subjectRequest.ts'
import { isExpired, type Author, type Provenance } from '../../model/trait.ts'
import { definitionFor } from '../../../policies/guard.ts'
import { openSealed, placeKey } from '../../openSealed.ts'
import type { Section } from './section.ts'
import type { Subject } from './subject.ts'

export const identifiers = (subject: Subject): Section => ({
  part: 'identifiers',
  columns: ['namespace', 'value', 'firstSeenAt'],
  async *rows() {
    const all = subject.profiles.flatMap((profile) => profile.identifiers)
    const places = all
      .filter(({ value }) => value === null)
      .map(({ profileId, namespace, hash }) => placeOf(profileId, namespace, hash))
    const opened = await openSealed(subject.by.board, subject.by.workspaceId, places)
    for (const { profileId, namespace, hash, value, firstSeenAt } of all) {
      const sealed = opened.get(placeKey(placeOf(profileId, namespace, hash)))
      yield { namespace, value: value ?? sealed ?? null, firstSeenAt }
    }
  },
})

const placeOf = (profileId: string, namespace: string, hash: string) => ({
  profileId,
  key: `identifier/${namespace}/${hash}`,
})

/** @param isLeftOut traits that are refused, or that the kind of request does not reach */
export const traits = (
  subject: Subject,
  isLeftOut: (key: string, made: Provenance) => boolean,
): Section => ({
  part: 'traits',
  columns: [
    'key',
    'value',
    'class',
    'origin',
    'author',
    'logic',
    'confidence',
    'interval',
    'purposes',
    'writtenAt',
    'expiresAt',
    'votes',
  ],
  async *rows() {
    const now = subject.by.board.clock.now()
    for (const profile of subject.profiles) {
      const standing = Object.entries(profile.provenance).filter(
        ([key, made]) => !made.removed && !isExpired(made, now) && !isLeftOut(key, made),
      )
      const values = await open(subject, profile, standing)
      for (const [key, made] of standing.toSorted(([one], [other]) => (one < other ? -1 : 1))) {
        const value = values.get(key)
        if (value !== undefined) yield traitRow(subject, key, value, made)
      }
    }
    yield* keptRows(subject)
  },
})

/** What was kept when the person was erased, with the reason in the place of how it came about. */
async function* keptRows({ by, kept, definitions }: Subject): AsyncGenerator<JsonObject> {
  const places = kept.map(({ id, part }) => ({
    profileId: id,
    key: `trait/${keyOfPart(part) ?? ''}`,
  }))
  const opened = await openSealed(by.board, by.workspaceId, places)
  for (const [nth, { part, reason, keptAt }] of kept.entries()) {
    const place = places[nth]
    const text = place && opened.get(placeKey(place))
    if (text === undefined) continue
    const key = keyOfPart(part) ?? ''
    yield {
      key,
      value: asJson(text),
      class: definitions.get(key)?.dataClass ?? 'pseudonymous',
      origin: 'kept',
      author: 'the platform',
      logic: refusalReasons[reason],
      confidence: null,
      interval: null,
      purposes: [],
      writtenAt: keptAt.toISOString(),
      expiresAt: null,
    }
  }
}

async function open(
  { by }: Subject,
  profile: ProfileRow,
  standing: readonly (readonly [string, Provenance])[],
): Promise<Map<string, Json>> {
  const places = standing.flatMap(([key, { vault }]) =>
    vault === undefined ? [] : [{ profileId: vault, key: `trait/${key}` }],
  )
  const opened = await openSealed(by.board, by.workspaceId, places)
  const values = new Map<string, Json>()
  for (const [key, { vault }] of standing) {
    const sealed =
      vault === undefined
        ? undefined
        : opened.get(placeKey({ profileId: vault, key: `trait/${key}` }))
    const value = sealed === undefined ? profile.traits[key] : asJson(sealed)
    if (value !== undefined) values.set(key, value)
  }
  return values
}

const asJson = (text: string): Json => JSON.parse(text)

function traitRow(subject: Subject, key: string, value: Json, made: Provenance): JsonObject {
  const definition = subject.definitions.get(key)
  return {
    key,
    value,
    class: definition?.dataClass ?? 'pseudonymous',
    origin: originOf(made.author),
    author: nameOf(subject, made.author),
    logic: logicOf(subject, made.author),
    confidence: made.confidence,
    interval: made.interval ?? null,
    purposes: definition?.purposes ?? [],
    writtenAt: made.writtenAt,
    expiresAt: made.expiresAt ?? null,
    votes: votesOf(made),
  }
}

/** What each program says of it, where they vote. */
const votesOf = ({ words }: Provenance): JsonObject | null =>
  words
    ? Object.fromEntries(
        Object.entries(words).map(([agent, { value, at }]) => [
          agent,
          { value: value ?? null, at },
        ]),
      )
    : null

/** Art. 20 reaches what the person provided; what was made of it is not among it. */
const originOf = ({ kind }: Author): 'provided' | 'concluded' | 'recorded' =>
  kind === 'agent' ? 'concluded' : kind === 'source' ? 'provided' : 'recorded'

function nameOf({ agents, sources }: Subject, { kind, id }: Author): string {
  if (kind === 'source') return `source ${sources.get(id) ?? id}`
  if (kind === 'agent') return `${agents.get(id)?.plugin ?? 'a program since removed'} (${id})`
  return kind === 'principal' ? 'an employee' : 'the platform'
}

/** Art. 15(1)(h): meaningful information about the logic involved, from what the program declares. */
function logicOf({ agents, purposes }: Subject, { kind, id }: Author): string | null {
  if (kind !== 'agent') return null
  const known = agents.get(id)
  if (!known) return 'Concluded by a program that has been removed since.'
  const { description, reads, purpose } = known.manifest
  const inputs = [
    ...reads.traits,
    ...reads.pii,
    ...Object.keys(reads.events).map((event) => `events "${event}"`),
  ]
  const aim = purposes.find((one) => one.key === purpose)?.description ?? purpose
  return [
    description ?? `Concluded by ${known.plugin}.`,
    `From: ${inputs.join(', ') || 'the event that came'}.`,
    `For: ${aim}`,
  ].join(' ')
}

/** Art. 20(1)(a): processing based on consent or on a contract. A trait without purposes serves all of them. */
export function isPortable(
  { definitions, purposes }: Subject,
  key: string,
  made: Provenance,
): boolean {
  const bases: ReadonlySet<LawfulBasis> = new Set(['consent', 'contract'])
  const own = definitions.get(key)?.purposes ?? []
  const isOnBasis =
    own.length === 0 ||
    own.some((purpose) => definitionFor(purpose, purposes)?.bases.some((basis) => bases.has(basis)))
  return isOnBasis && originOf(made.author) === 'provided'
}
