import type { ConsentDecision } from '../model/consent.ts'
import type { ConsentWarning } from '../model/event.ts'
import { isObject, type Json, type JsonObject } from '../model/json.ts'
import { purposesOf, type Mapping } from './mapping.ts'
import { entriesMax, silence, type ConsentStatement, type Reading } from './reading.ts'

const origin = 'onetrust receipt'

/** What a transaction says; the others (PENDING, NO_CHOICE, EXTEND, CHANGE_PREFERENCES) decide nothing. */
const decisions: ReadonlyMap<string, ConsentDecision> = new Map([
  ['CONFIRMED', 'granted'],
  ['WITHDRAWN', 'withdrawn'],
  ['CANCEL', 'withdrawn'],
  ['EXPIRED', 'withdrawn'],
  ['OPT_OUT', 'denied'],
  ['HARD_OPT_OUT', 'denied'],
  ['NOTGIVEN', 'denied'],
])

/** The purposes of a OneTrust consent receipt: `[{ Id, TransactionType }]`. Its maker does not check types. */
export function readOneTrust(receipt: JsonObject, mapping: Mapping): Reading {
  const { purposes } = receipt
  const unreadable: ConsentWarning = { consent: 'purposes', code: 'consent_unreadable' }
  if (!Array.isArray(purposes)) return silence(unreadable)
  const isWhole = purposes.length <= entriesMax
  const readings = purposes.slice(0, entriesMax).map((entry) => readEntry(entry, mapping))
  const statements = readings.flatMap((each) => each.statements)
  const warnings = readings.flatMap((each) => each.warnings)
  if (isWhole) return { statements, warnings, gpc: false }
  const refusals = statements.filter(({ decision }) => decision !== 'granted')
  warnings.unshift({ consent: 'purposes', code: 'consent_too_many' })
  return { statements: refusals, warnings, gpc: false }
}

function readEntry(entry: Json, mapping: Mapping): Reading {
  if (!isObject(entry)) return silence({ consent: 'purposes', code: 'consent_unreadable' })
  const { Id: id, TransactionType: transaction } = entry
  if (typeof id !== 'string') return silence({ consent: 'purposes', code: 'consent_unreadable' })
  const purposes = purposesOf(id, mapping)
  if (purposes.length === 0) return silence({ consent: id, code: 'consent_unmapped' })
  const decision = typeof transaction === 'string' ? decisions.get(transaction) : undefined
  if (!decision) return silence({ consent: id, code: 'consent_undecided' })
  const statements = purposes.map((purpose): ConsentStatement => ({
    purpose,
    channel: '*',
    decision,
    proof: { method: 'onetrust', origin },
    isAct: true,
    saidAt: null,
    expiresAt: null,
  }))
  return { ...silence(), statements }
}
