import type { EventType } from '../../model/event.ts'
import { normalise, priorityOf, type Identifier } from '../../model/identifier.ts'
import { isObject, type Json, type JsonObject } from '../../model/json.ts'

/** More than these on one event are the mark of a mistake; the strongest stay. */
const identifiersMax = 20

/**
 * What an item says about who it is from, normalised, without values that stand for nobody, unique and
 * strongest first. The group is not among them: it is a fact about the event.
 *
 * `previousId` of an alias may be either kind of id, and only the graph knows which it has seen, so it
 * is given as both.
 */
export function identifiersOf(
  type: EventType,
  item: JsonObject,
  traits: JsonObject,
  context: JsonObject,
): Identifier[] {
  const found: Identifier[] = []
  add(found, 'user_id', item['userId'])
  add(found, 'anonymous_id', item['anonymousId'])
  addEmail(found, traits['email'])
  addPhone(found, traits['phone'])
  if (type === 'alias' && item['previousId'] !== item['userId']) {
    add(found, 'user_id', item['previousId'])
    add(found, 'anonymous_id', item['previousId'])
  }
  addDevice(found, context)
  addExternal(found, context['externalIds'])
  return found
    .toSorted((left, right) => priorityOf(left.namespace) - priorityOf(right.namespace))
    .slice(0, identifiersMax)
}

function add(found: Identifier[], namespace: string, value: Json | undefined): void {
  if (typeof value !== 'string' && typeof value !== 'number') return
  const identifier = normalise({ namespace, value: String(value) })
  if (identifier && !found.some((other) => isSame(other, identifier))) found.push(identifier)
}

const isSame = (left: Identifier, right: Identifier): boolean =>
  left.value === right.value && left.namespace === right.namespace

function addEmail(found: Identifier[], value: Json | undefined): void {
  if (typeof value === 'string' && /^\s*[^\s@]+@[^\s@]+\s*$/.test(value)) add(found, 'email', value)
}

/** Fewer than six digits are an extension or a typing error, and would join strangers. */
function addPhone(found: Identifier[], value: Json | undefined): void {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text === 'string' && /(\d\D*){6}/.test(text)) add(found, 'phone', text)
}

function addDevice(found: Identifier[], context: JsonObject): void {
  const device = context['device']
  if (!isObject(device)) return
  const platform = platformOf(device, context['os'])
  if (!platform) return
  add(found, `${platform}.id`, device['id'])
  add(found, `${platform}.idfa`, device['advertisingId'])
  add(found, `${platform}.push_token`, device['token'])
}

function platformOf(device: JsonObject, os: Json | undefined): 'ios' | 'android' | undefined {
  const name = device['type'] ?? (isObject(os) ? os['name'] : undefined)
  if (typeof name !== 'string') return undefined
  if (/^(ios|ipados|iphone os)$/i.test(name)) return 'ios'
  return /^android$/i.test(name) ? 'android' : undefined
}

function addExternal(found: Identifier[], externalIds: Json | undefined): void {
  if (!Array.isArray(externalIds)) return
  for (const external of externalIds.slice(0, identifiersMax)) {
    if (!isObject(external) || (external['collection'] ?? 'users') !== 'users') continue
    const namespace = external['type']
    if (typeof namespace !== 'string' || !/^[a-z][a-z0-9_.]{0,59}$/.test(namespace)) continue
    if ((external['encoding'] ?? 'none') !== 'none') continue
    if (namespace === 'email') addEmail(found, external['id'])
    else if (namespace === 'phone') addPhone(found, external['id'])
    else add(found, namespace, external['id'])
  }
}
