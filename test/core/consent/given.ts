import { shippedPurposes } from '../../../policies/shippedPurposes.ts'
import { readMappings, type Mapping } from '../../../core/consent/mapping.ts'
import type { Reading } from '../../../core/consent/reading.ts'
import {
  mappedDialects,
  type ConsentMapping,
  type MappedDialect,
} from '../../../core/model/consentMapping.ts'
import type { IncomingEvent } from '../../../core/model/event.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { track } from '../../support/app.ts'

export const mapping: Mapping = { purposes: shippedPurposes, ids: new Map() }

/** An id of a dialect for all sources, on all channels unless said otherwise. */
export const meaning = (
  dialect: MappedDialect,
  consentId: string,
  purposes: readonly string[],
  changes: Partial<ConsentMapping> & { channels?: string[] } = {},
): ConsentMapping => ({
  dialect,
  consentId,
  sourceId: null,
  author: 'principal:olga',
  definedAt: new Date('2026-11-01T00:00:00Z'),
  targets: purposes.map((purpose) => ({ purpose, channels: changes.channels ?? ['*'] })),
  ...changes,
})

/** A mapping in which two ids of a client mean purposes of ours. */
export const mapped: Mapping = {
  purposes: shippedPurposes,
  ids: readMappings(
    mappedDialects.flatMap((dialect) => [
      meaning(dialect, 'C0002', ['analytics']),
      meaning(dialect, 'C0004', ['marketing.ads', 'personalization']),
    ]),
    'web',
  ),
}

/** What a reading says, as `+purpose`, or `-purpose` for a refusal. */
export const words = ({ statements }: Reading): string[] =>
  statements
    .map(({ decision, purpose }) => `${decision === 'granted' ? '+' : '-'}${purpose}`)
    .toSorted()

export const codes = ({ warnings }: Reading): string[] => warnings.map(({ code }) => code)

export const withContext = (context: JsonObject, changes: Partial<IncomingEvent> = {}) =>
  track('ada', 'Order Completed', {}, { context, ...changes })
