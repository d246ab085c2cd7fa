/**
 * What happened on the blackboard, as rows of the change log and as happenings that wake agents. Both are
 * written in the transaction of the happening itself.
 */
import type { ChangeRow } from '../../blackboard/query/storeChanges.ts'
import type { Happening } from '../../blackboard/query/wakeAgents.ts'
import type { EventType } from '../model/event.ts'
import { intentCause, readIntent, type AnnouncedIntent, type IntentWord } from '../model/intent.ts'
import type { Json } from '../model/json.ts'
import { objectiveNews, type ObjectiveNews } from '../model/objective.ts'
import { splitTrace, withTrace, type Trace } from '../model/trace.ts'
import type { Write } from './project.ts'

export type { ChangeRow, Happening }

/** What agents subscribe to: a track event by its name, every other call by its type. */
export const eventKey = (type: EventType, name: string): string => (type === 'track' ? name : type)

export const eventCause = (home: string, eventId: string): string => `e:${home}:${eventId}`
export const traitCause = (key: string, changeId: string): string => `t:${changeId}:${key}`
export const consentCause = (purpose: string, channel: string, id: string): string =>
  `c:${id}:${purpose}:${channel}`

export const scheduleCause = (at: Date): string => `s:${at.getTime()}`
export const objectiveCause = ({
  objectiveId,
  news,
  round,
  name,
}: {
  objectiveId: string
  news: ObjectiveNews
  round: number
  name: string
}): string => `o:${objectiveId}:${news}:${round}:${name}`
/** By the word of an operator. */
export const manualCause = (id: string): string => `m:${id}`

export type CauseReference =
  | { kind: 'event'; home: string; id: string }
  | { kind: 'trait'; id: string; key: string }
  | { kind: 'consent'; id: string; purpose: string; channel: string }
  | { kind: 'schedule'; at: Date }
  | { kind: 'objective'; id: string; news: ObjectiveNews; round: number; name: string }
  | { kind: 'intent'; word: IntentWord }
  | { kind: 'manual'; id: string }

/** @param text as the agenda has it: with the trace that it is part of in front, where it is part of one */
export function readCause(text: string): CauseReference {
  const [tag, first = '', ...rest] = splitTrace(text).reference.split(':')
  if (tag === 'e') return { kind: 'event', home: first, id: rest.join(':') }
  if (tag === 't') return { kind: 'trait', id: first, key: rest.join(':') }
  if (tag === 'c')
    return { kind: 'consent', id: first, purpose: rest[0] ?? '', channel: rest[1] ?? '' }
  if (tag === 'i') return { kind: 'intent', word: readIntent([first, ...rest]) }
  if (tag === 's') return { kind: 'schedule', at: new Date(Number(first)) }
  if (tag === 'o') {
    const [said, round, ...name] = rest
    const news = objectiveNews.find((each) => each === said) ?? 'started'
    return { kind: 'objective', id: first, news, round: Number(round), name: name.join(':') }
  }
  return { kind: 'manual', id: first }
}

/** Of what no agent led to, and that is no number. */
export const fromOutside = { hop: 0, trail: '', before: null, after: null } as const

interface ConsentWord {
  id: string
  profileId: string
  purpose: string
  channel: string
  decision: string
}

/** What a person said as a change row. @param author who recorded it */
export const consentChange = (
  { id: cause, profileId, purpose, channel, decision }: ConsentWord,
  id: string,
  author: { kind: 'source' | 'principal' | 'system'; id: string },
  at: Date,
): ChangeRow => ({
  profileId,
  id,
  kind: 'consent',
  key: `${purpose} ${channel}`,
  value: JSON.stringify(decision),
  confidence: null,
  revision: null,
  authorKind: author.kind,
  authorId: author.id,
  cause,
  hop: 0,
  at: at.getTime(),
})

export const consentHappening = (
  { id, profileId, purpose, channel }: Omit<ConsentWord, 'decision'>,
  trace?: Trace,
): Happening => ({
  profileId,
  kind: 'consent',
  key: purpose,
  cause: withTrace(trace, consentCause(purpose, channel, id)),
  author: null,
  ...fromOutside,
})

/** A trait write as a change row. */
export function traitChange(
  profileId: string,
  id: string,
  { key, value, provenance }: Write,
  hop: number,
  at: Date,
): ChangeRow {
  return {
    profileId,
    id,
    kind: 'trait',
    key,
    value: value === undefined ? null : JSON.stringify(value),
    confidence: provenance.confidence,
    revision: provenance.revision,
    authorKind: provenance.author.kind,
    authorId: provenance.author.id,
    cause: provenance.cause,
    hop,
    at: at.getTime(),
  }
}

/**
 * What a change wakes: agents subscribed to the trait, save its author.
 *
 * @param trail of the reaction that wrote it, itself included
 */
export const traitHappening = (
  { profileId, id, key, authorKind, authorId, hop }: ChangeRow,
  { before, value }: Pick<Write, 'before' | 'value'>,
  { trail = '', trace }: { trail?: string; trace?: Trace | undefined } = {},
): Happening => ({
  profileId,
  kind: 'trait',
  key,
  cause: withTrace(trace, traitCause(key, id)),
  author: authorKind === 'agent' ? authorId : null,
  hop: hop + 1,
  trail,
  before: numberOf(before),
  after: numberOf(value),
})

const numberOf = (value: Json | undefined): number | null =>
  typeof value === 'number' ? value : null

/** What an announcement wakes: agents subscribed to its kind, save who announces. */
export const intentHappening = (intent: AnnouncedIntent): Happening => ({
  ...told({ ...intent, state: 'open' }),
  kind: 'intent',
  key: intent.kind,
  author: intent.agent,
})

/** What became of an intent, for who announced it. */
export const outcomeHappening = (intent: ToldIntent): Happening => ({
  ...told(intent),
  kind: 'outcome',
  key: intent.agent,
  author: null,
})

export type ToldIntent = IntentWord &
  Pick<AnnouncedIntent, 'profileId' | 'hop' | 'trail'> & { trace: Trace | null }

const told = (intent: ToldIntent): Omit<Happening, 'kind' | 'key' | 'author'> => ({
  profileId: intent.profileId,
  cause: withTrace(intent.trace ?? undefined, intentCause(intent)),
  hop: intent.hop + 1,
  trail: intent.trail,
  before: null,
  after: null,
})
