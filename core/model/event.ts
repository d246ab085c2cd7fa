import type { Identifier } from './identifier.ts'
import type { JsonObject } from './json.ts'

export const eventTypes = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const
export type EventType = (typeof eventTypes)[number]

/**
 * One call of a client after the wire format is understood and before it touches the blackboard:
 * checked, clock-skew corrected, identifiers normalised, strongest identifier first.
 */
export interface IncomingEvent {
  messageId: string
  type: EventType
  /** The track event's name or the page's or screen's name; empty otherwise. */
  name: string
  identifiers: Identifier[]
  /** Facts about the person: of identify calls and of `context.traits`; null removes a trait. */
  traits: JsonObject
  /** Facts about the event: properties of track, page and screen; traits of group. */
  properties: JsonObject
  context: JsonObject
  /** Corrected for the client's clock: receivedAt - (sentAt - originalTimestamp). */
  timestamp: Date
  originalTimestamp: Date | null
  sentAt: Date | null
  receivedAt: Date
  /** The request carried `Sec-GPC: 1`. */
  gpc?: true
  /** A consent receipt that the event stands for; it is read and not stored. */
  receipt?: { dialect: ReceiptDialect; body: JsonObject }
}

export const receiptDialects = ['onetrust', 'unomi'] as const
export type ReceiptDialect = (typeof receiptDialects)[number]

/** A trait of an accepted event that was not written onto the profile. Never the value. */
export interface TraitWarning {
  trait: string
  code: 'trait_owned' | 'trait_value_refused'
  /** The place in the trait's schema that refuses its value, such as `/maximum`; else ''. */
  path: string
}

/** Something about consent in an accepted event that was not taken as said; nothing is granted by it. */
export interface ConsentWarning {
  /** The client's own id, or the place in the event. */
  consent: string
  code:
    | 'consent_unmapped'
    | 'consent_unreadable'
    | 'consent_contradictory'
    | 'consent_expired'
    | 'consent_too_many'
    | 'consent_undecided'
    | 'consent_unconfirmed'
}

export type ItemWarning = TraitWarning | ConsentWarning

/** How one item of a request fared; `accepted` means committed. */
export type ItemResult =
  | { status: 'accepted'; messageId: string; warnings?: ItemWarning[] }
  | { status: 'duplicate'; messageId: string }
  | { status: 'rejected'; messageId: string | null; code: string; message: string; remedy: string }
