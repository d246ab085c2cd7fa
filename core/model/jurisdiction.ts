import { z } from 'zod'
import { isObject, type Json, type JsonObject } from './json.ts'

/** Who said where a person is, the best first. */
export const jurisdictionSources = ['declared', 'trait', 'event'] as const
export type JurisdictionSource = (typeof jurisdictionSources)[number]

/** ISO 3166: a country, or a region of one. */
export const jurisdictionSchema = z
  .string()
  .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'a jurisdiction looks like DE or US-CA')

const states = {
  AL: 'alabama',
  AK: 'alaska',
  AZ: 'arizona',
  AR: 'arkansas',
  CA: 'california',
  CO: 'colorado',
  CT: 'connecticut',
  DE: 'delaware',
  DC: 'district of columbia',
  FL: 'florida',
  GA: 'georgia',
  HI: 'hawaii',
  ID: 'idaho',
  IL: 'illinois',
  IN: 'indiana',
  IA: 'iowa',
  KS: 'kansas',
  KY: 'kentucky',
  LA: 'louisiana',
  ME: 'maine',
  MD: 'maryland',
  MA: 'massachusetts',
  MI: 'michigan',
  MN: 'minnesota',
  MS: 'mississippi',
  MO: 'missouri',
  MT: 'montana',
  NE: 'nebraska',
  NV: 'nevada',
  NH: 'new hampshire',
  NJ: 'new jersey',
  NM: 'new mexico',
  NY: 'new york',
  NC: 'north carolina',
  ND: 'north dakota',
  OH: 'ohio',
  OK: 'oklahoma',
  OR: 'oregon',
  PA: 'pennsylvania',
  RI: 'rhode island',
  SC: 'south carolina',
  SD: 'south dakota',
  TN: 'tennessee',
  TX: 'texas',
  UT: 'utah',
  VT: 'vermont',
  VA: 'virginia',
  WA: 'washington',
  WV: 'west virginia',
  WI: 'wisconsin',
  WY: 'wyoming',
} as const

const stateCodes: ReadonlyMap<string, string> = new Map(
  Object.entries(states).flatMap(([code, name]): [string, string][] => [
    [code.toLowerCase(), code],
    [`us-${code.toLowerCase()}`, code],
    [name, code],
  ]),
)

const aliases: readonly (readonly [string, string])[] = [
  ['usa', 'US'],
  ['united states of america', 'US'],
  ['uk', 'GB'],
  ['great britain', 'GB'],
  ['deutschland', 'DE'],
  ['czech republic', 'CZ'],
  ['brasil', 'BR'],
]

let countryCodes: ReadonlyMap<string, string> | undefined

/** Codes and English names of countries, lower case; made with the first question. */
function codesOfCountries(): ReadonlyMap<string, string> {
  if (countryCodes) return countryCodes
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const codes = new Map<string, string>()
  for (const first of letters) {
    for (const second of letters) {
      const code = first + second
      const name = names.of(code)
      if (name === undefined || withdrawn.has(code)) continue
      codes.set(code.toLowerCase(), code)
      codes.set(name.toLowerCase(), code)
    }
  }
  for (const [alias, code] of aliases) codes.set(alias, code)
  countryCodes = codes
  return codes
}

/** Codes that stand for no country of today, or for one that has another: none of them places anybody. */
const withdrawn: ReadonlySet<string> = new Set([
  'EU',
  'EZ',
  'UN',
  'QO',
  'XA',
  'XB',
  'ZZ',
  'DD',
  'UK',
])

const wordOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value.length <= 60 ? value.trim().toLowerCase() : undefined

/**
 * The jurisdiction that a country, and in the USA its state, stand for; undefined for what is neither.
 *
 * @example placeOf('United States', 'California') // 'US-CA'
 */
export function placeOf(country: Json | undefined, state: Json | undefined): string | undefined {
  const code = codesOfCountries().get(wordOf(country) ?? '')
  if (code !== 'US') return code
  const of = stateCodes.get(wordOf(state) ?? '')
  return of === undefined ? code : `${code}-${of}`
}

/** Traits that tell where somebody lives; a statement about none of them places nobody. */
export const placeTraits: ReadonlySet<string> = new Set(['country', 'state', 'region', 'address'])

/** Where traits say that somebody lives: their address, else the traits beside it. Two countries are none. */
export function placeOfTraits(traits: JsonObject): string | undefined {
  const at = isObject(traits['address']) ? traits['address'] : {}
  const lives = placeOf(at['country'], at['state'] ?? at['region'])
  const told = placeOf(traits['country'], traits['state'] ?? traits['region'])
  if (lives === undefined || told === undefined) return lives ?? told
  const country = lives.slice(0, 2)
  if (country !== told.slice(0, 2)) return undefined
  const states = new Set([lives, told].filter((place) => place !== country))
  const [only] = states
  return states.size === 1 && only !== undefined ? only : country
}

/** Where an event says that it happened. Time zone and network address are guesses, and not asked. */
export function placeOfContext({ location }: JsonObject): string | undefined {
  return isObject(location) ? placeOf(location['country'], location['region']) : undefined
}
