import type { ConsentWarning } from '../model/event.ts'
import type { Json } from '../model/json.ts'
import { optOutPurpose } from './mapping.ts'
import { silence, unite, type ConsentStatement, type Reading } from './reading.ts'
import { readTcf } from './tcf.ts'

const origin = 'context.gppString'
const charactersMax = 16_384
/** A section of a state has twenty or thirty. */
const stateCharactersMax = 200
const tcfEurope = 2

/** Sections about opt-outs, by id. */
const stateSections: ReadonlyMap<number, string> = new Map([
  [6, 'uspv1'],
  [7, 'usnat'],
  [8, 'usca'],
  [9, 'usva'],
  [10, 'usco'],
  [11, 'usut'],
  [12, 'usct'],
  [13, 'usfl'],
  [14, 'usmt'],
  [15, 'usor'],
  [16, 'ustx'],
  [17, 'usde'],
  [18, 'usia'],
  [19, 'usne'],
  [20, 'usnh'],
  [21, 'usnj'],
  [22, 'ustn'],
  [23, 'usmn'],
  [24, 'usmd'],
  [25, 'usin'],
  [26, 'usky'],
  [27, 'usri'],
])

const optOuts = ['SaleOptOut', 'SharingOptOut', 'TargetedAdvertisingOptOut']

/**
 * A string of the Global Privacy Platform. An opt-out refuses advertising; the absence of one grants nothing,
 * since it answers another question than we ask. The section of the EU is a TC string and read as such.
 */
export async function readGpp(text: Json | undefined, at: Date): Promise<Reading> {
  if (text === undefined) return silence()
  const unreadable: ConsentWarning = { consent: origin, code: 'consent_unreadable' }
  if (typeof text !== 'string' || text.length > charactersMax) return silence(unreadable)
  const [header = '', ...sections] = text.split('~')
  const ids = sectionIds(header)
  if (ids?.length !== sections.length || ids.length === 0) return silence(unreadable)
  const readings = await Promise.all(
    ids.map(async (id, nth) => {
      const section = sections[nth] ?? ''
      if (id === tcfEurope) return readTcf(section, `${origin}.tcfeuv2`, at)
      const name = stateSections.get(id)
      return name === undefined
        ? silence({ consent: `${origin}.${id}`, code: 'consent_unmapped' })
        : readState(name, section)
    }),
  )
  return unite(readings)
}

async function readState(name: string, section: string): Promise<Reading> {
  const place = `${origin}.${name}`
  const unreadable: ConsentWarning = { consent: place, code: 'consent_unreadable' }
  if (section === '' || section.length > stateCharactersMax) return silence(unreadable)
  try {
    const { GppModel } = await import('@iabgpp/cmpapi')
    const model = new GppModel()
    model.decodeSection(name, section)
    const has = (field: string): boolean => model.hasField(name, field)
    const value = (field: string): unknown =>
      has(field) ? model.getFieldValue(name, field) : undefined
    const version = value('Version') ?? value('MspaVersion')
    // Decoding is lazy and would otherwise pass over what it never reads.
    if (version !== 1 && version !== 2) return silence(unreadable)
    const isOut =
      name === 'uspv1' ? value('OptOutSale') === 'Y' : optOuts.some((field) => value(field) === 1)
    const gpc = value('Gpc') === true
    return { statements: isOut || gpc ? [refusal(place, version)] : [], warnings: [], gpc }
  } catch {
    return silence(unreadable)
  }
}

const refusal = (place: string, version: number): ConsentStatement => ({
  purpose: optOutPurpose,
  channel: '*',
  decision: 'denied',
  proof: { method: 'gpp', noticeVersion: `version ${version}`, origin: place },
  isAct: false,
  saidAt: null,
  expiresAt: null,
})

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const headerCharactersMax = 64
const sectionsMax = 32

/**
 * The section ids of a header: type 3 and version 1 of six bits each, a count of twelve, then numbers or ranges
 * in Fibonacci code, each relative to the last. The library would fill its memory with a range to 1e60.
 */
function sectionIds(header: string): number[] | undefined {
  if (header.length > headerCharactersMax || !/^[\w-]{4,}$/.test(header)) return undefined
  const bits = Array.from(header, (character) =>
    alphabet.indexOf(character).toString(2).padStart(6, '0'),
  ).join('')
  if (bits.slice(0, 12) !== '000011000001') return undefined
  const count = Number.parseInt(bits.slice(12, 24), 2)
  const ids: number[] = []
  let place = 24
  const next = (): number => {
    const end = bits.indexOf('11', place)
    const code = end < 0 ? '' : bits.slice(place, end + 1)
    place = end + 2
    return fibonacci(code)
  }
  for (let entry = 0; entry < count; entry += 1) {
    const isRange = bits[place] === '1'
    place += 1
    const from = (ids.at(-1) ?? 0) + next()
    const to = isRange ? from + next() : from
    if (!(to - from < sectionsMax && ids.length < sectionsMax)) return undefined
    for (let id = from; id <= to; id += 1) ids.push(id)
  }
  return ids
}

/** NaN for an empty code, which ends the reading. */
function fibonacci(code: string): number {
  if (code === '') return Number.NaN
  let [current, following] = [1, 2]
  let sum = 0
  for (const bit of code) {
    if (bit === '1') sum += current
    ;[current, following] = [following, current + following]
  }
  return sum
}
