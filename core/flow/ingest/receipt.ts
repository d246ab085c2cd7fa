import type { Clock } from '../../clock.ts'
import { fail, type SlateboardError } from '../../errors.ts'
import type { IncomingEvent, ReceiptDialect } from '../../model/event.ts'
import { normalise, type Identifier } from '../../model/identifier.ts'
import { isObject, type Json, type JsonObject } from '../../model/json.ts'
import type { Body } from './batch.ts'
import type { ParsedItem } from './item.ts'
import { scrub } from './scrub.ts'

export const receiptEvent = 'Consent Receipt'

const itemsMax = 500

/**
 * The consent receipts of a request as events that carry them, each understood or rejected on its own.
 *
 * OneTrust: `{ identifier, purposes: [{ Id, TransactionType }], … }`. Unomi: a profile with `consents`, an event
 * `modifyConsent` with `properties.consent`, or `{ profileId, events: [ … ] }`.
 */
export function parseReceipts(
  dialect: ReceiptDialect,
  { json, hasEscapes }: Body,
  clock: Clock,
): ParsedItem[] {
  const fault = scrub(json, hasEscapes)
  if (fault) throw fault
  const items = dialect === 'onetrust' ? [readOneTrust(json)] : readUnomi(json)
  if (items.length > itemsMax) {
    throw fail('batch_too_long', { count: items.length, limit: itemsMax })
  }
  return items.map((item) => {
    if ('fault' in item) {
      return { rejected: { status: 'rejected', messageId: null, ...item.fault.body() } }
    }
    return { ok: eventOf(dialect, item, clock) }
  })
}

type Item = { identifier: Identifier; body: JsonObject } | { fault: SlateboardError }

const unusable = (reason: string): Item => ({ fault: fail('item_invalid', { reason }) })

const known = (namespace: string, value: Json | undefined): Identifier | undefined =>
  typeof value === 'string' || typeof value === 'number'
    ? normalise({ namespace, value: String(value) })
    : undefined

/** The identifier is whatever the site calls its customers: an address is an address, else it is a user id. */
function readOneTrust(receipt: JsonObject): Item {
  if (receipt['test'] !== undefined && receipt['test'] !== false) {
    return unusable('it is a test receipt')
  }
  const { identifier: value } = receipt
  const isAddress = typeof value === 'string' && /^\s*[^\s@]+@[^\s@]+\s*$/.test(value)
  const identifier = known(isAddress ? 'email' : 'user_id', value)
  if (!identifier) return { fault: fail('no_usable_identifier') }
  const { purposes = null, requestInformation = null } = receipt
  return { identifier, body: { purposes, requestInformation } }
}

function readUnomi(json: JsonObject): Item[] {
  const { events } = json
  if (events === undefined) return [readUnomiItem(json, json)]
  if (!Array.isArray(events)) return [unusable('"events" is no array')]
  return events.map((event) =>
    isObject(event) ? readUnomiItem(event, json) : unusable('it is no JSON object'),
  )
}

function readUnomiItem(item: JsonObject, request: JsonObject): Item {
  const isProfile = item['eventType'] === undefined
  const consents = isProfile ? item['consents'] : consentOf(item)
  if (!isObject(consents)) {
    return unusable('it has neither "consents" nor is it an event modifyConsent')
  }
  const identifier = unomiIdentifier(item, isProfile) ?? unomiIdentifier(request, false)
  if (!identifier) return { fault: fail('no_usable_identifier') }
  return { identifier, body: { consents } }
}

/** A profile's id is Unomi's own; who wants it to be one of ours says so with `userId` or `anonymousId`. */
const unomiIdentifier = (from: JsonObject, isProfile: boolean): Identifier | undefined =>
  known('user_id', from['userId']) ??
  known('anonymous_id', from['anonymousId']) ??
  known('unomi_profile_id', from['profileId'] ?? (isProfile ? from['itemId'] : undefined))

/** Of an event `modifyConsent` its one consent, under the key that it has on a profile. */
function consentOf({ eventType, properties }: JsonObject): JsonObject | undefined {
  if (eventType !== 'modifyConsent' || !isObject(properties)) return undefined
  const { consent } = properties
  if (!isObject(consent)) return undefined
  const { scope, typeIdentifier: type } = consent
  if (typeof type !== 'string') return undefined
  return { [typeof scope === 'string' ? `${scope}/${type}` : type]: consent }
}

/** Receipts have no id, and the same words may truly be said again, so each counts as another message. */
function eventOf(
  dialect: ReceiptDialect,
  { identifier, body }: Extract<Item, { identifier: Identifier }>,
  clock: Clock,
): IncomingEvent {
  const receivedAt = clock.now()
  return {
    messageId: `${dialect}-${clock.id()}`,
    type: 'track',
    name: receiptEvent,
    identifiers: [identifier],
    traits: {},
    properties: { dialect },
    context: {},
    timestamp: receivedAt,
    originalTimestamp: null,
    sentAt: null,
    receivedAt,
    receipt: { dialect, body },
  }
}
