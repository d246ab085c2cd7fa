import { isObject, type Json } from '../model/json.ts'
import type { ConsentWarning } from '../model/event.ts'
import { grantedOnly, idsOf, targetsOf, type Mapping, type Target } from './mapping.ts'
import { entriesMax, silence, type ConsentStatement, type Reading } from './reading.ts'

/** The track call by which analytics.js tells that the person changed their preferences. */
export const segmentEvent = 'Segment Consent Preference Updated'

const origin = 'context.consent.categoryPreferences'

/**
 * Segment's `categoryPreferences`, `{ "<category>": true | false }`. Whatever is not `true` is a no; an empty
 * map is a no to everything; of a mapped category that is missing Segment says that it is false.
 */
export function readSegment(
  preferences: Json | undefined,
  isAct: boolean,
  mapping: Mapping,
): Reading {
  if (preferences === undefined) return silence()
  if (!isObject(preferences)) return silence({ consent: origin, code: 'consent_unreadable' })
  const method = isAct ? 'segment_event' : 'segment'
  const say = ({ purpose, channel }: Target, isYes: boolean): ConsentStatement => ({
    purpose,
    channel,
    decision: isYes ? 'granted' : 'denied',
    proof: { method, origin },
    isAct,
    saidAt: null,
    expiresAt: null,
  })
  const ids = Object.keys(preferences)
  if (ids.length === 0) {
    const all = grantedOnly(mapping).map((purpose) => say({ purpose, channel: '*' }, false))
    return { ...silence(), statements: all }
  }
  const isWhole = ids.length <= entriesMax
  const warnings: ConsentWarning[] = isWhole ? [] : [{ consent: origin, code: 'consent_too_many' }]
  const statements: ConsentStatement[] = []
  for (const id of ids.slice(0, entriesMax)) {
    const targets = targetsOf('segment', id, mapping)
    if (targets.length === 0) warnings.push({ consent: id, code: 'consent_unmapped' })
    const isYes = preferences[id] === true
    if (isYes && !isWhole) continue
    statements.push(...targets.map((target) => say(target, isYes)))
  }
  for (const [id, targets] of idsOf('segment', mapping)) {
    if (!Object.hasOwn(preferences, id))
      statements.push(...targets.map((target) => say(target, false)))
  }
  return { ...silence(...warnings), statements }
}
