import type { ConsentProof, ConsentState } from '../model/consent.ts'
import type { ConsentWarning } from '../model/event.ts'
import { isObject, type Json, type JsonObject } from '../model/json.ts'
import { targetsOf, type Mapping } from './mapping.ts'
import { entriesMax, isRefusal, silence, type ConsentStatement, type Reading } from './reading.ts'

const origin = 'onetrust receipt'

/** What a transaction says; the others (NO_CHOICE, EXTEND, CHANGE_PREFERENCES) decide nothing. */
const decisions: ReadonlyMap<string, ConsentState> = new Map([
  ['PENDING', 'pending'],
  ['CONFIRMED', 'granted'],
  ['WITHDRAWN', 'withdrawn'],
  ['CANCEL', 'withdrawn'],
  ['EXPIRED', 'withdrawn'],
  ['OPT_OUT', 'denied'],
  ['HARD_OPT_OUT', 'denied'],
  ['NOTGIVEN', 'denied'],
])

/**
 * The purposes of a OneTrust consent receipt: `[{ Id, TransactionType }]`. Its maker does not check types. PENDING is
 * one half of its double opt-in, CONFIRMED the other.
 *
 * @param at when it was sent
 */
export function readOneTrust(receipt: JsonObject, at: Date, mapping: Mapping): Reading {
  const proof = proofOf(receipt['requestInformation'])
  const { purposes } = receipt
  const unreadable: ConsentWarning = { consent: 'purposes', code: 'consent_unreadable' }
  if (!Array.isArray(purposes)) return silence(unreadable)
  const isWhole = purposes.length <= entriesMax
  const readings = purposes
    .slice(0, entriesMax)
    .map((entry) => readEntry(entry, { at, proof, mapping }))
  const statements = readings.flatMap((each) => each.statements)
  const warnings = readings.flatMap((each) => each.warnings)
  if (isWhole) return { statements, warnings, gpc: false }
  const refusals = statements.filter(isRefusal)
  warnings.unshift({ consent: 'purposes', code: 'consent_too_many' })
  return { statements: refusals, warnings, gpc: false }
}

/** What the signed part of a receipt shows; absent where nobody checked its signature. */
function proofOf(information: Json | undefined): ConsentProof {
  const { processId, processVersion, moc } = isObject(information) ? information : {}
  return {
    method: 'onetrust',
    origin: typeof moc === 'string' ? `${origin}, ${moc.slice(0, 100)}` : origin,
    ...(typeof processId === 'string'
      ? { noticeId: `collection point ${processId.slice(0, 100)}` }
      : {}),
    ...(typeof processVersion === 'number' ? { noticeVersion: String(processVersion) } : {}),
  }
}

interface Receipt {
  at: Date
  proof: ConsentProof
  mapping: Mapping
}

function readEntry(entry: Json, { at, proof, mapping }: Receipt): Reading {
  if (!isObject(entry)) return silence({ consent: 'purposes', code: 'consent_unreadable' })
  const { Id: id, TransactionType: transaction } = entry
  if (typeof id !== 'string') return silence({ consent: 'purposes', code: 'consent_unreadable' })
  const targets = targetsOf('onetrust', id, mapping)
  if (targets.length === 0) return silence({ consent: id, code: 'consent_unmapped' })
  const decision = typeof transaction === 'string' ? decisions.get(transaction) : undefined
  if (!decision) return silence({ consent: id, code: 'consent_undecided' })
  const statements = targets.map(({ purpose, channel }): ConsentStatement => ({
    purpose,
    channel,
    decision,
    proof: transaction === 'CONFIRMED' ? { ...proof, confirmedAt: at.toISOString() } : proof,
    isAct: true,
    saidAt: null,
    expiresAt: null,
  }))
  return { ...silence(), statements }
}
