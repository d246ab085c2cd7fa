import type { Clock } from '../../clock.ts'
import { fail, type SlateboardError } from '../../errors.ts'
import {
  eventTypes,
  type EventType,
  type IncomingEvent,
  type ItemResult,
} from '../../model/event.ts'
import { isObject, type Json, type JsonObject } from '../../model/json.ts'
import { identifiersOf } from './identify.ts'
import { scrub } from './scrub.ts'
import { correctSkew, readTime } from './skew.ts'

export type Rejection = Extract<ItemResult, { status: 'rejected' }>

export type ParsedItem = { ok: IncomingEvent } | { rejected: Rejection }

/** What all items of a request share. */
export interface Envelope {
  clock: Clock
  receivedAt: Date
  sentAt: Date | null
  context: JsonObject | undefined
  integrations: JsonObject | undefined
  /** The body is larger than one item may be, so each item has to be measured. */
  measure: boolean
  /** The body's text held a `\u` escape; see `scrub`. */
  hasEscapes: boolean
  /** The request carried `Sec-GPC: 1`. */
  gpc: boolean
}

const itemBytesMax = 32 * 1024
const messageIdMax = 100
const keysMax = 300
const nameMax = 500

/** Understands one item of the wire; a fault rejects this item and no other. */
export function parseItem(raw: Json, type: Json | undefined, envelope: Envelope): ParsedItem {
  if (!isObject(raw)) return reject(null, fail('item_invalid', { reason: 'it is no JSON object' }))
  const messageId = messageIdOf(raw['messageId'])
  const fault = faultOf(raw, type, messageId, envelope) ?? scrub(raw, envelope.hasEscapes)
  if (fault) return reject(messageId ?? null, fault)
  return build(raw, asType(type) ?? 'track', messageId ?? envelope.clock.id(), envelope)
}

const reject = (messageId: string | null, error: SlateboardError): ParsedItem => {
  const known = messageId !== null && messageId.length <= messageIdMax ? messageId : null
  return { rejected: { status: 'rejected', messageId: known, ...error.body() } }
}

const asType = (type: Json | undefined): EventType | undefined =>
  eventTypes.find((known) => known === type)

/** Some clients number their messages. */
function messageIdOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function faultOf(
  item: JsonObject,
  type: Json | undefined,
  messageId: string | undefined,
  envelope: Envelope,
): SlateboardError | undefined {
  if (envelope.measure) {
    const bytes = sizeOf(item)
    if (bytes > itemBytesMax) return fail('item_too_large', { bytes, limit: itemBytesMax })
  }
  const known = asType(type)
  if (!known) return fail('item_invalid', { reason: `type is none of ${eventTypes.join(', ')}` })
  if (messageId !== undefined && messageId.length > messageIdMax) {
    return fail('item_invalid', { reason: `messageId has more than ${messageIdMax} characters` })
  }
  if (!isId(item['userId']) && !isId(item['anonymousId'])) return fail('no_user_anon_id')
  return missingField(known, item) ?? tooManyKeys(item)
}

/** Bytes of the item's JSON. Nesting deep enough to overflow the stack counts as too large. */
function sizeOf(item: JsonObject): number {
  try {
    return Buffer.byteLength(JSON.stringify(item))
  } catch {
    return Infinity
  }
}

const isId = (value: Json | undefined): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')

function missingField(type: EventType, item: JsonObject): SlateboardError | undefined {
  if (type === 'track') {
    const event = item['event']
    if (typeof event !== 'string' || event === '') return missing('track needs the name "event"')
    if (event.length > nameMax) return missing(`event has more than ${nameMax} characters`)
  }
  if (type === 'group' && !isId(item['groupId'])) return missing('group needs "groupId"')
  if (type === 'alias' && !(isId(item['userId']) && isId(item['previousId']))) {
    return missing('alias needs "userId" and "previousId"')
  }
  return undefined
}

const missing = (reason: string): SlateboardError => fail('item_invalid', { reason })

function tooManyKeys(item: JsonObject): SlateboardError | undefined {
  for (const field of ['traits', 'properties']) {
    const value = item[field]
    if (!isObject(value)) continue
    const count = Object.keys(value).length
    if (count > keysMax) return fail('too_many_keys', { field, count, limit: keysMax })
  }
  return undefined
}

function build(
  item: JsonObject,
  type: EventType,
  messageId: string,
  envelope: Envelope,
): ParsedItem {
  const { traits: contextTraits, ...context } = contextOf(item, envelope)
  const known = objectOr(contextTraits)
  const traits = type === 'identify' ? { ...known, ...objectOr(item['traits']) } : known
  const identifiers = identifiersOf(type, item, traits, context)
  if (identifiers.length === 0) return reject(messageId, fail('no_usable_identifier'))
  const original = readTime(item['timestamp'] ?? item['originalTimestamp'])
  const sentAt = item['sentAt'] === undefined ? envelope.sentAt : readTime(item['sentAt'])
  const { receivedAt } = envelope
  return {
    ok: {
      messageId,
      type,
      name: nameOf(type, item),
      identifiers,
      traits,
      properties: propertiesOf(type, item),
      context,
      timestamp: correctSkew(original, sentAt, receivedAt),
      originalTimestamp: original,
      sentAt,
      receivedAt,
      ...(envelope.gpc ? { gpc: true } : {}),
    },
  }
}

const none: JsonObject = Object.freeze({})

const objectOr = (value: Json | undefined): JsonObject => (isObject(value) ? value : none)

/** The item's own context wins over the batch's. Its traits are promoted, so they leave the context. */
function contextOf(item: JsonObject, envelope: Envelope): JsonObject {
  const own = objectOr(item['context'])
  const context = envelope.context ? { ...envelope.context, ...own } : own
  const integrations = { ...envelope.integrations, ...objectOr(item['integrations']) }
  return Object.keys(integrations).length === 0 ? context : { ...context, integrations }
}

function nameOf(type: EventType, item: JsonObject): string {
  const name = type === 'track' ? item['event'] : item['name']
  const isNamed = type === 'track' || type === 'page' || type === 'screen'
  return isNamed && typeof name === 'string' ? name.slice(0, nameMax) : ''
}

function propertiesOf(type: EventType, item: JsonObject): JsonObject {
  if (type === 'identify') return none
  if (type === 'alias') return { previousId: item['previousId'] ?? null }
  if (type === 'group') return { ...objectOr(item['traits']), groupId: item['groupId'] ?? null }
  const properties = objectOr(item['properties'])
  const category = item['category']
  return type !== 'track' && category !== undefined && properties['category'] === undefined
    ? { ...properties, category }
    : properties
}
