import { isObject, type Json } from '../model/json.ts'
import type { ConsentWarning } from '../model/event.ts'
import { targetsOf, type Mapping, type Target } from './mapping.ts'
import { entriesMax, silence, type ConsentStatement, type Reading } from './reading.ts'

const origin = 'context.consentManagement'

/**
 * RudderStack's `{ allowedConsentIds, deniedConsentIds, provider, resolutionStrategy }`. An id in both lists is
 * denied; when the list of what is denied cannot be read, nothing is granted.
 */
export function readRudderStack(management: Json | undefined, mapping: Mapping): Reading {
  if (management === undefined) return silence()
  if (!isObject(management)) return silence({ consent: origin, code: 'consent_unreadable' })
  const allowed = idsOf(management['allowedConsentIds'])
  const denied = idsOf(management['deniedConsentIds'])
  const warnings: ConsentWarning[] = []
  if (!allowed.isWhole) {
    warnings.push({ consent: `${origin}.allowedConsentIds`, code: 'consent_unreadable' })
  }
  if (!denied.isWhole) {
    warnings.push({ consent: `${origin}.deniedConsentIds`, code: 'consent_unreadable' })
  }
  const refused = new Set(denied.ids)
  const mayGrant = allowed.isWhole && denied.isWhole
  const statements: ConsentStatement[] = []
  for (const id of new Set([...denied.ids, ...allowed.ids])) {
    const targets = targetsOf('rudderstack', id, mapping)
    if (targets.length === 0) warnings.push({ consent: id, code: 'consent_unmapped' })
    const isRefused = refused.has(id)
    if (isRefused && allowed.ids.includes(id)) {
      warnings.push({ consent: id, code: 'consent_contradictory' })
    }
    if (!isRefused && !mayGrant) continue
    statements.push(...targets.map((target) => statementOf(target, isRefused)))
  }
  return { ...silence(...warnings), statements }
}

const statementOf = ({ purpose, channel }: Target, isRefused: boolean): ConsentStatement => ({
  purpose,
  channel,
  decision: isRefused ? 'denied' : 'granted',
  proof: { method: 'rudderstack', origin },
  isAct: false,
  saidAt: null,
  expiresAt: null,
})

/** The ids of a list, and whether these are all that it holds. */
function idsOf(list: Json | undefined): { ids: string[]; isWhole: boolean } {
  if (list === undefined) return { ids: [], isWhole: true }
  if (!Array.isArray(list)) return { ids: [], isWhole: false }
  const ids = list.slice(0, entriesMax).filter((id) => typeof id === 'string')
  return { ids, isWhole: ids.length === list.length }
}
