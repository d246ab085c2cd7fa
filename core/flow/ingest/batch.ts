import type { Clock } from '../../clock.ts'
import { fail } from '../../errors.ts'
import type { EventType } from '../../model/event.ts'
import { isObject, type Json, type JsonObject } from '../../model/json.ts'
import { parseItem, type Envelope, type ParsedItem } from './item.ts'
import { scrub } from './scrub.ts'
import { readTime } from './skew.ts'

/** `import` is a batch of history: the same wire, older timestamps. */
export type CallType = EventType | 'batch' | 'import'

const singleBytesMax = 32 * 1024
const batchBytesMax = 500 * 1024
const batchItemsMax = 2500
/** What a batch says once is stored with each of its items: 4 KB become 10 MB at most. */
const sharedBytesMax = 4 * 1024

/** How many bytes a body of this call may have once decompressed. */
export const bodyBytesMax = (call: CallType): number =>
  call === 'batch' || call === 'import' ? batchBytesMax : singleBytesMax

/** A body whose JSON is understood and whose items are not yet. */
export interface Body {
  json: JsonObject
  /** Bytes of the JSON text. */
  bytes: number
  hasEscapes: boolean
}

/** Fails with `body_not_json` when the text is no JSON object. */
export function readBody(bytes: Uint8Array): Body {
  const text = new TextDecoder().decode(bytes)
  const json = parseJson(text)
  if (!isObject(json)) throw fail('body_not_json', { reason: 'it is no JSON object' })
  return { json, bytes: bytes.length, hasEscapes: text.includes(String.raw`\u`) }
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message quotes the text, which is personal data.
    throw fail('body_not_json', { reason: 'its text is not valid JSON' })
  }
}

/**
 * The items of a request, each understood or rejected on its own, in order.
 * Fails for the whole request with `body_not_json` (no `batch` array) or `batch_too_long`.
 *
 * @param gpc whether the request carried `Sec-GPC: 1`
 */
export function parseItems(call: CallType, body: Body, clock: Clock, gpc = false): ParsedItem[] {
  const { json, hasEscapes } = body
  const isBatch = call === 'batch' || call === 'import'
  const envelope: Envelope = {
    clock,
    receivedAt: clock.now(),
    sentAt: readTime(json['sentAt']),
    context: isBatch ? shared(json['context'], hasEscapes) : undefined,
    integrations: isBatch ? shared(json['integrations'], hasEscapes) : undefined,
    measure: body.bytes > singleBytesMax,
    hasEscapes,
    gpc,
  }
  if (!isBatch) return [parseItem(json, call, envelope)]
  const { batch } = json
  if (!Array.isArray(batch)) throw fail('body_not_json', { reason: 'it has no array "batch"' })
  if (batch.length > batchItemsMax) {
    throw fail('batch_too_long', { count: batch.length, limit: batchItemsMax })
  }
  return batch.map((item) => parseItem(item, isObject(item) ? item['type'] : undefined, envelope))
}

/** What stands on the batch goes into each item, so a fault in it is a fault of the request. */
function shared(value: Json | undefined, hasEscapes: boolean): JsonObject | undefined {
  if (!isObject(value) || Object.keys(value).length === 0) return undefined
  const fault = scrub(value, hasEscapes)
  if (fault) throw fault
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes > sharedBytesMax) throw fail('item_too_large', { bytes, limit: sharedBytesMax })
  return value
}
