import { isObject, type Json } from '../model/json.ts'
import type { ConsentWarning } from '../model/event.ts'
import { googleOthers, googlePurposes } from './mapping.ts'
import { entriesMax, silence, type ConsentStatement, type Reading } from './reading.ts'

const origin = 'context.consent.google'

/**
 * Google Consent Mode v2: `{ ad_storage: 'granted' | 'denied', … }`. A purpose is granted when every key that it
 * asks is; any other value is a no. A default (`wait_for_update`, `region`) is the site's word and grants nothing.
 */
export function readGoogleConsentMode(mode: Json | undefined): Reading {
  if (mode === undefined) return silence()
  if (!isObject(mode)) return silence({ consent: origin, code: 'consent_unreadable' })
  const asked = new Set(googlePurposes.flatMap(({ asks }) => asks))
  const warnings: ConsentWarning[] = Object.keys(mode)
    .filter((key) => !asked.has(key) && !googleOthers.has(key))
    .slice(0, entriesMax)
    .map((key) => ({ consent: key, code: 'consent_unmapped' }))
  const isDefault = Object.hasOwn(mode, 'wait_for_update') || Object.hasOwn(mode, 'region')
  const statements = googlePurposes.flatMap(({ purpose, asks }): ConsentStatement[] => {
    const said = asks.filter((key) => Object.hasOwn(mode, key))
    const isRefused = said.some((key) => mode[key] !== 'granted')
    const isGranted = !isRefused && said.length === asks.length && !isDefault
    if (!isRefused && !isGranted) return []
    return [
      {
        purpose,
        channel: '*',
        decision: isRefused ? 'denied' : 'granted',
        proof: { method: 'google_consent_mode', origin },
        isAct: false,
        saidAt: null,
        expiresAt: null,
      },
    ]
  })
  return { ...silence(...warnings), statements }
}
