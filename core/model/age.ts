/**
 * What is said of a person's age, and what follows from it. Every statement, whether a birth date, an age or a
 * band, is kept as one thing: a month before which the person was born. It is all that any law's question needs,
 * a birthday that passes turns a child into an adult without anybody writing it, and it says less than a birth
 * date does: rounded to the month, upwards, so that a child counts as one for up to a month too long and never
 * too short. Of an adult nothing is kept but that they are one.
 */
import type { Json } from './json.ts'

/** No law known here asks more of somebody of this age. */
export const adultAge = 18

/** `2011-12`: born before that month; null of an adult. */
export type BornBefore = string | null

/** A statement on its way to a person's legal standing. */
export interface AgeClaim {
  /** Who says it, and of events under which name: a later word of the same replaces it. */
  by: string
  /** Said as a band, by a principal or a trait; outweighs what follows from dates. */
  declared: boolean
  bornBefore: BornBefore
  /** Taken back. */
  removed: boolean
}

const datesOf = `birthday birthdate dateofbirth dob geburtsdatum geburtstag datedenaissance fechadenacimiento
  fechanacimiento datadenascimento datanascimento datadinascita geboortedatum`
const yearsOf = 'birthyear yearofbirth geburtsjahr'
const agesOf = 'age edad idade'
const bandsOf = 'ageband agegroup agerange agebracket'
const kinds = {
  date: datesOf,
  year: yearsOf,
  age: agesOf,
  band: bandsOf,
  minor: 'minor isminor',
  adult: 'isadult',
}
type Kind = keyof typeof kinds

const kindOf: ReadonlyMap<string, Kind> = new Map([
  ...words(datesOf, 'date'),
  ...words(yearsOf, 'year'),
  ...words(agesOf, 'age'),
  ...words(bandsOf, 'band'),
  ...words(kinds.minor, 'minor'),
  ...words(kinds.adult, 'adult'),
])

function words(text: string, kind: Kind): [string, Kind][] {
  return text.split(/\s+/).map((word) => [word, kind])
}

/** A trait's name, without what spellings differ in; undefined when it is about no age. */
export function ageName(key: string): string | undefined {
  // The longest name has 18 letters, and few traits are looked at twice.
  if (key.length > 30) return undefined
  const bare = key.toLowerCase().replaceAll(/[_\-\s]/g, '')
  return kindOf.has(bare) ? bare : undefined
}

/**
 * What a trait of that bare name states. Undefined where it cannot be read: it then says nothing, as for a person
 * of whom nothing is known.
 */
export function readAge(
  name: string,
  value: Json,
  now: Date,
): Pick<AgeClaim, 'declared' | 'bornBefore'> | undefined {
  const kind = kindOf.get(name)
  if (kind === undefined) return undefined
  const declared = kind === 'band' || kind === 'minor' || kind === 'adult'
  const bornBefore = bornBeforeOf(kind, value, now)
  return bornBefore === undefined ? undefined : { declared, bornBefore }
}

function bornBeforeOf(kind: Kind, value: Json, now: Date): BornBefore | undefined {
  if (kind === 'minor' || kind === 'adult') {
    if (typeof value !== 'boolean') return undefined
    return atLeast(value === (kind === 'adult') ? adultAge : 0, now)
  }
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') return undefined
  if (kind === 'date' || kind === 'year') return bornIn(text.trim(), now)
  const age = kind === 'band' ? lowestOf(text) : years(text.trim())
  return age === undefined ? undefined : atLeast(age, now)
}

function years(text: string): number | undefined {
  const age = /^\d{1,3}(\.\d+)?$/.test(text) ? Math.floor(Number(text)) : undefined
  return age !== undefined && age <= 130 ? age : undefined
}

/** The youngest that somebody in a band may be, such as `13-15`, `under_13`, `18+` or `teen`. */
export function lowestOf(band: string): number | undefined {
  const text = band.trim().toLowerCase().replaceAll('_', ' ')
  if (/^(under|below|younger than|unter|less than|<)/.test(text)) return 0
  if (/^(minor|child|children|kid|infant)$/.test(text)) return 0
  if (/^(teen|teenager)$/.test(text)) return 13
  if (/^(adult|grown up|senior|of age)$/.test(text)) return adultAge
  const [, lowest] =
    /^(?:over|from|above|>=?|ab)?\s*(\d{1,3})\s*(?:$|\+|plus|-|–|to|bis)/.exec(text) ?? []
  return lowest === undefined ? undefined : years(lowest)
}

const atLeast = (age: number, now: Date): BornBefore =>
  age >= adultAge ? null : after(now.getUTCFullYear() - age, now.getUTCMonth() + 1)

/** The month after one, which is counted from 1. */
const after = (year: number, month: number): string =>
  month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`

/** Of two readings of a date, as of 03/04/2012, the later one; of a year alone its last month. */
function bornIn(text: string, now: Date): BornBefore | undefined {
  const [year, month] = dateOf(text)
  if (year === undefined || month === undefined) return undefined
  const isPlausible = year >= 1900 && month >= 1 && month <= 12
  const bornBefore = after(year, month)
  if (!isPlausible || `${year}-${String(month).padStart(2, '0')}` > now.toISOString().slice(0, 7)) {
    return undefined
  }
  return yearsSince(bornBefore, now) >= adultAge ? null : bornBefore
}

function dateOf(text: string): number[] {
  const iso =
    /^(\d{4})[-/](\d{1,2})(?:[-/]\d{1,2})?(?:[T ].*)?$/.exec(text) ??
    /^(\d{4})(\d\d)\d\d$/.exec(text)
  if (iso) return [Number(iso[1]), Number(iso[2])]
  if (/^\d{4}$/.test(text)) return [Number(text), 12]
  const [, first, mark, second, year] = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$/.exec(text) ?? []
  if (first === undefined || second === undefined || year === undefined) return []
  if (mark === '.') return [Number(year), Number(second)]
  const months = [Number(first), Number(second)].filter((month) => month <= 12)
  return months.length === 0 ? [] : [Number(year), Math.max(...months)]
}

function yearsSince(month: string, now: Date): number {
  const [year = 0, nth = 1] = month.split('-').map(Number)
  const passed = now.getUTCMonth() + 1 >= nth ? 0 : 1
  return Math.max(0, now.getUTCFullYear() - year - passed)
}

/**
 * How old a person of that standing is at the least; null when nothing says that they may be a minor. What
 * cannot be read is a child's.
 *
 * @param band as `legal_state.minor_band` has it: `adult`, `born_before_2011-12`, `from_13` or another
 */
export function ageAtLeast(band: string | null, now: Date): number | null {
  if (band === null) return null
  if (band === 'adult') return adultAge
  const [, month] = /^born_before_(\d{4}-\d\d)$/.exec(band) ?? []
  if (month !== undefined) return yearsSince(month, now)
  const [, years] = /^from_(\d{1,3})$/.exec(band) ?? []
  return years === undefined ? 0 : Number(years)
}

/** Of the standings of profiles that count as one person, that of the youngest. */
export const youngest = (bands: readonly (string | null)[]): string | null =>
  bands.reduce((one, other) => (rankOf(other) > rankOf(one) ? other : one), null)

function rankOf(band: string | null): string {
  if (band === null) return ''
  if (band === 'adult') return '1'
  return band.startsWith('born_before_') ? band.slice('born_before_'.length) : '9999'
}

/**
 * How a guardian's consent was verified, as `proof.method` of the grant says it: the ways of 16 CFR 312.5(b), which
 * Art. 8(2) GDPR leaves open. A guardian's word that nobody verified is none.
 */
export const guardianMethods = [
  'parental:signed_form',
  'parental:payment_card',
  'parental:phone_call',
  'parental:video_call',
  'parental:identity_document',
  'parental:face_match',
  'parental:knowledge_questions',
] as const

const guardians: ReadonlySet<string> = new Set(guardianMethods)

export const isGuardians = (method: string | null | undefined): boolean =>
  method !== null && method !== undefined && guardians.has(method)
