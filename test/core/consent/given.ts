import { shippedPurposes } from '../../../policies/shippedPurposes.ts'
import type { Mapping } from '../../../core/consent/mapping.ts'
import type { Reading } from '../../../core/consent/reading.ts'
import type { IncomingEvent } from '../../../core/model/event.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { track } from '../../support/app.ts'

export const mapping: Mapping = { purposes: shippedPurposes, ids: new Map() }

/** A mapping in which two ids of a client mean purposes of ours. */
export const mapped: Mapping = {
  purposes: shippedPurposes,
  ids: new Map([
    ['C0002', ['analytics']],
    ['C0004', ['marketing.ads', 'personalization']],
  ]),
}

/** What a reading says, as `+purpose`, or `-purpose` for a refusal. */
export const words = ({ statements }: Reading): string[] =>
  statements
    .map(({ decision, purpose }) => `${decision === 'granted' ? '+' : '-'}${purpose}`)
    .toSorted()

export const codes = ({ warnings }: Reading): string[] => warnings.map(({ code }) => code)

export const withContext = (context: JsonObject, changes: Partial<IncomingEvent> = {}) =>
  track('ada', 'Order Completed', {}, { context, ...changes })
