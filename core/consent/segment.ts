import { isObject, type Json } from '../model/json.ts'
import type { ConsentWarning } from '../model/event.ts'
import { grantedOnly, purposesOf, type Mapping } from './mapping.ts'
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
  const say = (purpose: string, isYes: boolean): ConsentStatement => ({
    purpose,
    channel: '*',
    decision: isYes ? 'granted' : 'denied',
    proof: { method, origin },
    isAct,
    saidAt: null,
    expiresAt: null,
  })
  const ids = Object.keys(preferences)
  if (ids.length === 0) {
    return { ...silence(), statements: grantedOnly(mapping).map((purpose) => say(purpose, false)) }
  }
  const isWhole = ids.length <= entriesMax
  const warnings: ConsentWarning[] = isWhole ? [] : [{ consent: origin, code: 'consent_too_many' }]
  const statements: ConsentStatement[] = []
  for (const id of ids.slice(0, entriesMax)) {
    const purposes = purposesOf(id, mapping)
    if (purposes.length === 0) warnings.push({ consent: id, code: 'consent_unmapped' })
    const isYes = preferences[id] === true
    if (isYes && !isWhole) continue
    statements.push(...purposes.map((purpose) => say(purpose, isYes)))
  }
  for (const [id, purposes] of mapping.ids) {
    if (!Object.hasOwn(preferences, id))
      statements.push(...purposes.map((purpose) => say(purpose, false)))
  }
  return { ...silence(...warnings), statements }
}
