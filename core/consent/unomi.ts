import type { ConsentDecision } from '../model/consent.ts'
import type { ConsentWarning } from '../model/event.ts'
import { isObject, type Json, type JsonObject } from '../model/json.ts'
import { idsOf, targetsOf, type Mapping } from './mapping.ts'
import { entriesMax, isRefusal, silence, type ConsentStatement, type Reading } from './reading.ts'

const decisions: ReadonlyMap<string, ConsentDecision> = new Map([
  ['GRANTED', 'granted'],
  ['DENIED', 'denied'],
  ['REVOKED', 'withdrawn'],
])

/**
 * Apache Unomi's consents, `{ "<scope>/<type>": { scope, typeIdentifier, status, statusDate, revokeDate } }`: a
 * grant ends at its `revokeDate` and counts from its `statusDate`. `<scope>/<type>` is looked up first, then the
 * type alone. A key that says another scope or type than its entry grants nothing.
 *
 * @param at when it was sent
 */
export function readUnomi(consents: Json | undefined, at: Date, mapping: Mapping): Reading {
  if (!isObject(consents)) return silence({ consent: 'consents', code: 'consent_unreadable' })
  const keys = Object.keys(consents)
  const isWhole = keys.length <= entriesMax
  const readings = keys.slice(0, entriesMax).map((key) => {
    const entry = consents[key]
    if (!isObject(entry)) return silence({ consent: key, code: 'consent_unreadable' })
    return readEntry(key, entry, at, mapping)
  })
  const statements = readings.flatMap((each) => each.statements)
  const warnings: ConsentWarning[] = readings.flatMap((each) => each.warnings)
  if (isWhole) return { statements, warnings, gpc: false }
  warnings.unshift({ consent: 'consents', code: 'consent_too_many' })
  const refusals = statements.filter(isRefusal)
  return { statements: refusals, warnings, gpc: false }
}

function readEntry(key: string, entry: JsonObject, at: Date, mapping: Mapping): Reading {
  const { scope, typeIdentifier: type, status } = entry
  if (typeof type !== 'string') return silence({ consent: key, code: 'consent_unreadable' })
  const full = typeof scope === 'string' ? `${scope}/${type}` : type
  const isFull = idsOf('unomi', mapping).has(full)
  const targets = targetsOf('unomi', isFull ? full : type, mapping)
  if (targets.length === 0) return silence({ consent: key, code: 'consent_unmapped' })
  const decision = typeof status === 'string' ? decisions.get(status) : undefined
  if (!decision) return silence({ consent: key, code: 'consent_undecided' })
  const isGrant = decision === 'granted'
  if (isGrant && key !== full) return silence({ consent: key, code: 'consent_contradictory' })
  const saidAt = timeOf(entry['statusDate'])
  const expiresAt = timeOf(entry['revokeDate'])
  if (isGrant && (saidAt === undefined || expiresAt === undefined)) {
    return silence({ consent: key, code: 'consent_unreadable' })
  }
  if (isGrant && expiresAt && expiresAt <= at) {
    return silence({ consent: key, code: 'consent_expired' })
  }
  const statements = targets.map(({ purpose, channel }): ConsentStatement => ({
    purpose,
    channel,
    decision,
    proof: { method: 'unomi', origin: 'unomi consent' },
    isAct: true,
    saidAt: saidAt ?? null,
    expiresAt: isGrant ? (expiresAt ?? null) : null,
  }))
  return { ...silence(), statements }
}

/** Null when absent, undefined when it is no time that can be stored. */
function timeOf(value: Json | undefined): Date | null | undefined {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const time = new Date(value)
  const ms = time.getTime()
  return ms >= 0 && ms < endOfTimeMs ? time : undefined
}

/** Year 10000. */
const endOfTimeMs = 253_402_300_800_000
