import type { Board } from '../../board.ts'
import type { EventRow } from '../../../blackboard/query/storeEvents.ts'
import type { JsonObject } from '../../model/json.ts'
import { withTrace, type Trace } from '../../model/trace.ts'
import type { TraitState } from '../../model/trait.ts'
import {
  isEmpty,
  holdsAddress,
  split,
  splitContext,
  splitProperties,
  type Definitions,
} from '../classify.ts'
import {
  eventCause,
  eventKey,
  traitChange,
  fromOutside,
  traitHappening,
  type ChangeRow,
  type Happening,
} from '../notice.ts'
import {
  project,
  type Context,
  type Projection,
  type Refused,
  type Secret,
  type Statement,
} from '../project.ts'
import { unite } from '../unite.ts'
import { digestOf } from '../../trait/digest.ts'
import { ageClaims, type ProfileClaim } from '../age.ts'
import type { Resolution } from '../resolve.ts'
import type { Arrival } from './arrival.ts'
import type { BatchKeys } from './keyring.ts'

/** The rows that one batch of events becomes; nothing is written yet. */
export interface Draft {
  events: EventRow[]
  created: object[]
  updated: { id: string }[]
  secrets: object[]
  changes: ChangeRow[]
  happenings: Happening[]
  /** Profiles whose traits or events changed. */
  subjects: string[]
  refused: Refused[]
  /** What was newly stated of ages. */
  ages: ProfileClaim[]
}

interface Bench {
  board: Board
  workspaceId: number
  definitions: Definitions
  keys: BatchKeys
  /** By event. */
  traces: ReadonlyMap<string, Trace>
  /** Canonical profiles as they stand, locked; absent for those the batch creates. */
  states: ReadonlyMap<string, TraitState>
}

const blank: TraitState = { traits: {}, provenance: {} }

/** A profile that the batch speaks of; `whole` when its traits may change. */
export interface Touched {
  id: string
  whole: boolean
}

/** Profiles that exist and that the batch speaks of: they have to be locked before drafting. */
export function touched(arrivals: readonly Arrival[], resolution: Resolution): Touched[] {
  const isNew = new Set(resolution.profiles.map(({ id }) => id))
  const isWhole = new Map<string, boolean>()
  for (const { loser, winner } of resolution.merges) isWhole.set(loser, true).set(winner, true)
  arrivals.forEach(({ event }, at) => {
    const subject = resolution.subjects[at] ?? ''
    if (!isNew.has(subject)) isWhole.set(subject, isWhole.get(subject) || !isEmpty(event.traits))
  })
  return [...isWhole].map(([id, whole]) => ({ id, whole }))
}

export function draft(arrivals: readonly Arrival[], resolution: Resolution, bench: Bench): Draft {
  const result: Draft = {
    events: [],
    created: [],
    updated: [],
    secrets: [],
    changes: [],
    happenings: [],
    subjects: [...new Set(resolution.subjects)],
    refused: [],
    ages: [],
  }
  const statements = new Map<string, Statement[]>()
  arrivals.forEach((arrival, at) => {
    const home = resolution.homes[at] ?? ''
    const subject = resolution.subjects[at] ?? ''
    result.events.push(eventRow(arrival, home, bench))
    result.happenings.push(eventHappening(arrival, home, subject))
    if (!isEmpty(arrival.event.traits))
      append(statements, subject, statementOf(arrival, resolution))
  })
  draftProfiles(result, resolution, statements, bench)
  draftIdentifierSecrets(result, arrivals, resolution, bench)
  return result
}

function append<V>(groups: Map<string, V[]>, key: string, value: V): void {
  const group = groups.get(key)
  if (group) group.push(value)
  else groups.set(key, [value])
}

/** An address that was left out of the identifiers is not stated as the person's either. */
const statementOf = ({ id, sourceId, event }: Arrival, { leftOut }: Resolution): Statement => ({
  traits: without(event.traits, leftOut.get(id)),
  author: { kind: 'source', id: sourceId },
  cause: id,
  at: event.timestamp,
})

function without(traits: JsonObject, keys: ReadonlySet<string> | undefined): JsonObject {
  if (keys === undefined) return traits
  return Object.fromEntries(Object.entries(traits).filter(([key]) => !keys.has(key)))
}

function eventHappening({ id, event, trace }: Arrival, home: string, subject: string): Happening {
  return {
    profileId: subject,
    kind: 'event',
    key: eventKey(event.type, event.name),
    cause: withTrace(trace, eventCause(home, id)),
    author: null,
    ...fromOutside,
  }
}

function eventRow(
  { id, sourceId, messageKey, event }: Arrival,
  home: string,
  bench: Bench,
): EventRow {
  const properties = splitProperties(bench.definitions, event.properties)
  const traits = split(bench.definitions, event.traits)
  const context = splitContext(event.context)
  const isNamePersonal = holdsAddress(event.name)
  const isSealed =
    isNamePersonal ||
    !isEmpty(properties.sealed) ||
    !isEmpty(traits.sealed) ||
    !isEmpty(context.sealed)
  const sealed = isSealed
    ? bench.keys.seal(
        home,
        `event/${id}`,
        JSON.stringify({
          properties: properties.sealed,
          traits: traits.sealed,
          context: context.sealed,
          ...(isNamePersonal ? { name: event.name } : {}),
        }),
      )
    : null
  return {
    home,
    id,
    source: sourceId,
    message: holdsAddress(event.messageId) ? messageKey : event.messageId,
    type: event.type,
    name: isNamePersonal ? '' : event.name,
    properties: textOf(properties.open),
    traits: textOf(traits.open),
    context: textOf(context.open),
    sealed,
    at: event.timestamp.getTime(),
    original: event.originalTimestamp?.getTime() ?? null,
    sent: event.sentAt?.getTime() ?? null,
    received: event.receivedAt.getTime(),
  }
}

const textOf = (values: JsonObject): string | null =>
  isEmpty(values) ? null : JSON.stringify(values)

function draftProfiles(
  result: Draft,
  resolution: Resolution,
  statements: ReadonlyMap<string, Statement[]>,
  bench: Bench,
): void {
  const losers = new Map<string, string[]>()
  for (const { loser, winner, eventId } of resolution.merges) {
    append(losers, winner, loser)
    result.changes.push(mergeChange(loser, winner, eventId, bench.board))
  }
  const at = bench.board.clock.now()
  const finish = (subject: string): TraitState => {
    const context = contextOf(subject, bench)
    const lost = (losers.get(subject) ?? []).map((id) => bench.states.get(id) ?? blank)
    const united = unite(bench.states.get(subject) ?? blank, lost, context)
    const projection = project(united.state, statements.get(subject) ?? [], context)
    record(result, subject, [...united.writes, ...projection.writes], bench)
    keepSecrets(result, subject, [...united.secrets, ...projection.secrets], bench)
    result.refused.push(...projection.refused)
    result.ages.push(...ageClaims(subject, projection, at))
    return projection.state
  }
  const isNew = new Set<string>()
  for (const { id, canonical, at: createdAt } of resolution.profiles) {
    isNew.add(id)
    const state = id === canonical ? finish(id) : blank
    result.created.push({ id, canonical, ...state, at: createdAt })
  }
  for (const subject of new Set([...statements.keys(), ...losers.keys()])) {
    if (isNew.has(subject)) continue
    const before = result.changes.length
    const state = finish(subject)
    if (result.changes.length > before)
      result.updated.push(Object.assign({ id: subject, at }, state))
  }
}

const contextOf = (profileId: string, { board, workspaceId, definitions }: Bench): Context => ({
  definitions,
  profileId,
  sealedAt: board.clock.now().toISOString(),
  digest: (key, value) => digestOf(board.vault, { workspaceId, profileId, key }, value),
})

function record(
  result: Draft,
  subject: string,
  writes: Projection['writes'],
  { board, traces }: Bench,
): void {
  const at = board.clock.now()
  for (const write of writes) {
    const change = traitChange(subject, board.clock.id(), write, 0, at)
    result.changes.push(change)
    const trace = traces.get(change.cause)
    result.happenings.push(traitHappening(change, write, { trace }))
  }
}

function keepSecrets(
  result: Draft,
  profileId: string,
  secrets: readonly Secret[],
  bench: Bench,
): void {
  for (const { key, value } of secrets) {
    result.secrets.push({
      profileId,
      key: `trait/${key}`,
      sealed: bench.keys.seal(profileId, `trait/${key}`, JSON.stringify(value)),
      blind:
        typeof value === 'string'
          ? bench.board.vault.blind(bench.workspaceId, `trait/${key}`, value)
          : null,
      at: bench.board.clock.now(),
      nth: result.secrets.length,
    })
  }
}

/** The value of a new identifier in a contact namespace goes to the vault of its home. */
function draftIdentifierSecrets(
  result: Draft,
  arrivals: readonly Arrival[],
  resolution: Resolution,
  bench: Bench,
): void {
  const values = new Map<string, string>()
  for (const { event, identifiers } of arrivals) {
    identifiers.forEach(({ namespace, hash, value }, at) => {
      const plain = event.identifiers[at]?.value
      if (value === null && plain !== undefined) values.set(`${namespace}/${hash}`, plain)
    })
  }
  for (const { namespace, hash, home, at } of resolution.identifiers) {
    const plain = values.get(`${namespace}/${hash}`)
    if (plain === undefined) continue
    const key = `identifier/${namespace}/${hash}`
    result.secrets.push({
      profileId: home,
      key,
      sealed: bench.keys.seal(home, key, plain),
      blind: null,
      at,
      nth: result.secrets.length,
    })
  }
}

const mergeChange = (
  loser: string,
  winner: string,
  eventId: string,
  { clock }: Board,
): ChangeRow => ({
  profileId: winner,
  id: clock.id(),
  kind: 'merge',
  key: loser,
  value: null,
  confidence: null,
  revision: null,
  authorKind: 'system',
  authorId: 'resolve',
  cause: eventId,
  hop: 0,
  at: clock.now().getTime(),
})
