import type { SliceRow } from '../../../blackboard/query/loadSlices.ts'
import type { Handled } from '../../egress/handle.ts'
import type { Cause, ReactInput, StateView, TraitView } from '../../host/contract.ts'
import type { AgentManifest } from '../../model/manifest.ts'
import { eventTypes, type EventType } from '../../model/event.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import { isExpired, type Provenance } from '../../model/trait.ts'
import { eventKey, readCause } from '../notice.ts'
import type { Claimed, Premise } from './reaction.ts'

/** An event as it was stored, its sealed parts left out. */
export interface StoredEvent {
  id: string
  type: string
  name: string
  at: Date
  properties: JsonObject | null
}

/** Whether policy lets the agent see a trait of this profile. */
export type Visible = (key: string, row: SliceRow) => boolean

/** Every trait a reaction's premise speaks of: what it reads and what it writes. */
export const keysOf = ({ reads, writes }: AgentManifest): string[] => [
  ...new Set([...reads.traits, ...reads.pii, ...writes]),
]

/** What an input is made with, for a whole batch. */
export interface View {
  events: ReadonlyMap<string, StoredEvent>
  visible: Visible
  /** As `Permission.allowsEvents` and `allowsProperty`. */
  allowsEvents(row: SliceRow): boolean
  allowsProperty: Visible
  /** As `Permission.handles`. */
  handles(row: SliceRow): boolean
  /** A handle for a value of `reads.pii`. */
  handleOf(handled: Handled): string
  now: Date
  /** Absent where the plugin declares none. */
  config?: JsonObject | undefined
  /** What the plugin remembers, as far as the agent is handed it; absent where it declares nothing. */
  state?: ((row: SliceRow) => StateView) | undefined
}

/** What the agent is handed: declared, permitted, present and unexpired traits; declared event properties. */
export function inputOf(
  agent: AgentManifest,
  row: SliceRow,
  claimed: Claimed,
  view: View,
): ReactInput {
  const { visible, now, config, state } = view
  const traits: Record<string, TraitView> = {}
  for (const key of agent.reads.traits) {
    const entry = entryOf(row, key)
    if (!entry || !visible(key, row)) continue
    const [value, made] = entry
    if (made.removed || made.vault || isExpired(made, now)) continue
    const { confidence, interval, author, revision, writtenAt } = made
    const estimate = interval ? { interval } : {}
    traits[key] = { value, confidence, ...estimate, author, revision, writtenAt }
  }
  for (const key of view.handles(row) ? agent.reads.pii : []) {
    const entry = entryOf(row, key)
    if (!entry || entry[1].removed || isExpired(entry[1], now)) continue
    traits[key] = handleView(key, row.profileId, entry, view)
  }
  return {
    profile: { id: row.profileId, traits },
    causes: claimed.causes.flatMap((cause) => causeOf(agent, cause, row, view)),
    now: now.toISOString(),
    ...(config ? { config } : {}),
    ...(state ? { state: state(row) } : {}),
  }
}

/** Personal data is not shown: a handle stands for it, which counts in what the host sends for this agent. */
function handleView(
  key: string,
  profileId: string,
  [open, made]: [Json, Provenance],
  { handleOf }: View,
): TraitView {
  const { confidence, author, revision, writtenAt, vault } = made
  const source = vault === undefined ? { value: open } : { vault }
  return { value: handleOf({ profileId, key, source }), confidence, author, revision, writtenAt }
}

/** A trait may be called `constructor`; a profile that has none of that name must not seem to. */
const entryOf = ({ slice }: SliceRow, key: string) =>
  slice && Object.hasOwn(slice, key) ? slice[key] : undefined

function causeOf(agent: AgentManifest, text: string, row: SliceRow, view: View): Cause[] {
  const reference = readCause(text)
  if (reference.kind === 'event') {
    const event = view.events.get(reference.id)
    return event ? [eventCauseOf(agent, event, row, view)] : []
  }
  if (reference.kind === 'trait') {
    if (isNoTrigger(agent, reference.key) || isHidden(agent, reference.key, row, view)) return []
    const author = entryOf(row, reference.key)?.[1].author ?? { kind: 'system', id: 'unknown' }
    return [{ kind: 'trait', key: reference.key, author }]
  }
  if (reference.kind === 'intent') {
    const { kind: intent, ...word } = reference.word
    return [{ kind: 'intent', intent, ...word }]
  }
  if (reference.kind === 'schedule') return [{ kind: 'schedule', at: reference.at.toISOString() }]
  if (reference.kind === 'objective') {
    const { name: objective, news: state, round } = reference
    return [{ kind: 'objective', objective, state, round }]
  }
  return reference.kind === 'consent'
    ? [{ kind: 'consent', purpose: reference.purpose, channel: reference.channel }]
    : [{ kind: 'manual' }]
}

/** What was refreshed had the reaction go on, and did not cause it. */
const isNoTrigger = ({ triggers, needs }: AgentManifest, key: string): boolean =>
  needs.some(({ trait }) => trait === key) &&
  !triggers.traits.some((trait) => trait === key || trait === '*') &&
  !triggers.crossings.some(({ trait }) => trait === key)

/** That a number crossed a threshold tells of it: nothing is said of one that the agent may not see. */
const isHidden = ({ triggers }: AgentManifest, key: string, row: SliceRow, { visible }: View) =>
  !triggers.traits.includes(key) &&
  triggers.crossings.some(({ trait }) => trait === key) &&
  !visible(key, row)

function eventCauseOf(
  { reads }: AgentManifest,
  event: StoredEvent,
  row: SliceRow,
  { allowsEvents, allowsProperty }: View,
): Cause {
  const type = eventTypes.find((known) => known === event.type) ?? 'track'
  return {
    kind: 'event',
    id: event.id,
    type,
    name: event.name,
    timestamp: event.at.toISOString(),
    properties: allowsEvents(row)
      ? declaredProperties(reads.events, type, event, (key) => allowsProperty(key, row))
      : {},
  }
}

function declaredProperties(
  declared: Record<string, string[]>,
  type: EventType,
  { name, properties }: StoredEvent,
  isAllowed: (key: string) => boolean,
): JsonObject {
  const picked: JsonObject = {}
  const key = eventKey(type, name)
  const keys = Object.hasOwn(declared, key) ? declared[key] : declared['*']
  for (const property of keys ?? []) {
    const value =
      properties && Object.hasOwn(properties, property) ? properties[property] : undefined
    if (value !== undefined && isAllowed(property)) picked[property] = value
  }
  return picked
}

/** What must still be true at commit: the revision of every trait read or about to be written. */
export function premiseOf(agent: AgentManifest, row: SliceRow): Premise {
  const premise: Premise = { read: {}, absent: [], legalVersion: row.legalVersion }
  for (const key of keysOf(agent)) {
    const revision = entryOf(row, key)?.[1].revision
    if (revision === undefined) premise.absent.push(key)
    else premise.read[key] = { revision }
  }
  return premise
}

/** The events among the causes of claimed reactions. */
export const eventsAmong = (claimed: readonly Claimed[]): { home: string; id: string }[] =>
  claimed.flatMap(({ causes }) =>
    causes.flatMap((cause) => {
      const reference = readCause(cause)
      return reference.kind === 'event' ? [{ home: reference.home, id: reference.id }] : []
    }),
  )
