import type { TCModel } from '@iabtcf/core'
import type { ConsentProof } from '../model/consent.ts'
import type { Json } from '../model/json.ts'
import { tcfPurposes } from './mapping.ts'
import { silence, type Reading } from './reading.ts'

/** Real ones, vendors included, have one to two thousand characters. */
const charactersMax = 8192
/** Version to country: 213 bits, six in a character. */
const coreCharacters = 44
/** Up to here stand the purposes. What follows, vendors as ranges, costs 0.2 s in 376 characters if made to. */
const headCharacters = 35
/** Policy versions of TCF 2.0 to 2.3. */
const policies = { min: 2, max: 5 }
/** The framework asks people again after 13 months at the latest. */
const lifetimeMonths = 13
/** The framework rounds times to days. */
const aheadMs = 24 * 3_600_000

/**
 * A TC string of the Transparency & Consent Framework 2. A string that cannot be read, is of an unknown policy,
 * from the future or older than 13 months says nothing. Legitimate interests and vendors are not looked at:
 * the purposes of the first party are what consent is asked for here.
 *
 * @param at when it was sent
 */
export async function readTcf(text: Json | undefined, origin: string, at: Date): Promise<Reading> {
  if (text === undefined) return silence()
  const unreadable = silence({ consent: origin, code: 'consent_unreadable' })
  const model = typeof text === 'string' ? await decode(text) : undefined
  if (!model) return unreadable
  const { lastUpdated } = model
  const policy = Number(model.policyVersion)
  const isKnown = model.version === 2 && policy >= policies.min && policy <= policies.max
  if (!isKnown || Number.isNaN(lastUpdated.getTime())) return unreadable
  if (lastUpdated.getTime() > at.getTime() + aheadMs) return unreadable
  const expiresAt = endOf(lastUpdated)
  if (expiresAt <= at) return silence({ consent: origin, code: 'consent_expired' })
  const statements = tcfPurposes.map(({ purpose, asks }) => {
    const isGranted = asks.every((id) => model.purposeConsents.has(id))
    return {
      purpose,
      channel: '*',
      decision: isGranted ? ('granted' as const) : ('denied' as const),
      proof: proofOf(model, origin),
      isAct: false,
      saidAt: isGranted ? lastUpdated : null,
      expiresAt: isGranted ? expiresAt : null,
    }
  })
  return { ...silence(), statements }
}

const proofOf = (model: TCModel, origin: string): ConsentProof => ({
  method: 'tcf',
  noticeId: `cmp ${model.cmpId} version ${model.cmpVersion}`,
  noticeVersion: `policy ${model.policyVersion}, vendor list ${model.vendorListVersion}`,
  language: model.consentLanguage.toLowerCase(),
  origin,
})

function endOf(lastUpdated: Date): Date {
  const end = new Date(lastUpdated)
  end.setUTCMonth(end.getUTCMonth() + lifetimeMonths)
  return end
}

/** The decoder throws whatever it meets in a hostile string; undefined then. */
async function decode(text: string): Promise<TCModel | undefined> {
  if (text.length > charactersMax || !/^[\w-]+(\.[\w-]+)*$/.test(text)) return undefined
  const [core = ''] = text.split('.', 1)
  if (core.length < coreCharacters) return undefined
  try {
    // Only who receives such strings pays for loading the decoder.
    const { TCString } = await import('@iabtcf/core')
    return TCString.decode(core.slice(0, headCharacters).padEnd(coreCharacters, 'A'))
  } catch {
    return undefined
  }
}
