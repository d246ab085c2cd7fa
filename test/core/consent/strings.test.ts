import { GppModel } from '@iabgpp/cmpapi'
import { describe, expect, test } from 'vitest'
import { readGpp } from '../../../core/consent/gpp.ts'
import { readTcf } from '../../../core/consent/tcf.ts'
import { codes, words } from './given.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const toBits = (text: string): string =>
  Array.from(text, (each) => alphabet.indexOf(each).toString(2).padStart(6, '0')).join('')
const toText = (bits: string): string =>
  (bits.padEnd(Math.ceil(bits.length / 6) * 6, '0').match(/.{6}/g) ?? [])
    .map((six) => alphabet[Number.parseInt(six, 2)])
    .join('')
const int = (value: number, width: number): string => value.toString(2).padStart(width, '0')

/** As printed in the IAB's specification: purposes 1 to 3, February 2020. */
const printed =
  'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw'
const then = new Date('2020-03-01T00:00:00Z')

/** The printed string with other purposes, so that there is something to grant. */
const consenting = (purposes: readonly number[], changes: [from: number, bits: string][] = []) => {
  const [core = ''] = printed.split('.')
  const given = Array.from({ length: 24 }, (_, at) => (purposes.includes(at + 1) ? '1' : '0'))
  let bits = toBits(core)
  for (const [from, put] of [[152, given.join('')] as const, ...changes]) {
    bits = bits.slice(0, from) + put + bits.slice(from + put.length)
  }
  return toText(bits)
}
const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
const read = (text: string, at = then) => readTcf(text, 'context.tcString', at)

describe('a TC string', () => {
  test('grants a purpose when everything that it asks is consented to', async () => {
    const reading = await read(consenting(all))
    expect(words(reading)).toEqual(['+analytics', '+marketing.ads', '+personalization'])
    expect(reading.statements[0]).toMatchObject({
      saidAt: new Date('2020-02-20T23:57:39.300Z'),
      expiresAt: new Date('2021-03-20T23:57:39.300Z'),
      proof: {
        method: 'tcf',
        noticeId: 'cmp 27 version 0',
        noticeVersion: 'policy 2, vendor list 15',
        language: 'en',
        origin: 'context.tcString',
      },
    })
  })

  test.each(all)('refuses what asks purpose %i when that is not consented to', async (missing) => {
    const said = words(await read(consenting(all.filter((id) => id !== missing))))
    expect(said.some((word) => word.startsWith('-'))).toBe(true)
  })

  test.each([
    printed,
    'COtybn4PA_zT4KjACBENAPCIAEBAAECAAIAAAAAAAAAA',
    'CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA',
    'CPcqBNJPcqBNJNwAAAENAwCAAAAAAAAAAAAAAAAAAAAA',
  ])('reads the published %s, which consents to too little', async (text) => {
    const times = { O: then, P: new Date('2022-08-01') }
    const at = text.startsWith('COt') ? new Date('2021-03-01') : times[text[1] === 'O' ? 'O' : 'P']
    const reading = await read(text, at)
    expect(words(reading)).toEqual(['-analytics', '-marketing.ads', '-personalization'])
  })

  test.each<[string, string, Date?]>([
    ['is older than 13 months', consenting(all), new Date('2021-03-21')],
    ['is from the future', consenting(all), new Date('2020-02-01')],
    ['is of version 1', consenting(all, [[0, int(1, 6)]])],
    ['is of version 3', consenting(all, [[0, int(3, 6)]])],
    ['is of a policy nobody knows', consenting(all, [[132, int(63, 6)]])],
    ['is of TCF 1', consenting(all, [[132, int(1, 6)]])],
    ['breaks off', consenting(all).slice(0, 40)],
    ['is one letter', 'A'],
    ['is empty', ''],
    ['has another alphabet', `${consenting(all).slice(0, -1)}!`],
    ['goes on without end', `${consenting(all)}${'A'.repeat(10_000)}`],
  ])('says nothing when it %s', async (_, text, at = then) => {
    const reading = await read(text, at)
    expect(words(reading)).toEqual([])
    expect(codes(reading)).toHaveLength(1)
  })

  test('is not worked on where it lists millions of vendors', async () => {
    const entry = `1${int(1, 16)}${int(65_535, 16)}`
    const ranges = `${int(65_535, 16)}1${int(1200, 12)}${entry.repeat(1200)}`
    const text = toText(toBits(consenting(all)).slice(0, 213) + ranges + int(0, 29))
    const started = performance.now()
    expect(words(await read(text))).toHaveLength(3)
    // The decoder alone takes 3 s for it.
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe('a GPP string', () => {
  const at = new Date('2022-06-01')

  test('refuses advertising to who opted out, and grants nothing to who did not', async () => {
    expect(words(await readGpp('DBABTA~1YYN', at))).toEqual(['-marketing.ads'])
    expect(words(await readGpp('DBABTA~1YNN', at))).toEqual([])
    expect(words(await readGpp('DBABLA~BVQqAAAAAgA.QA', at))).toEqual([])
  })

  test('reads the section of the EU as a TC string', async () => {
    const text = 'DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN'
    const reading = await readGpp(text, at)
    expect(words(reading)).toEqual(['-analytics', '-marketing.ads', '-personalization'])
    const granting = `DBABMA~${consenting(all)}`
    expect(words(await readGpp(granting, then))).toContain('+marketing.ads')
  })

  const states = ['usnat', 'usca', 'usva', 'usco', 'usut', 'usct', 'usfl', 'usmt', 'usor', 'ustx']
  const later = [
    'usde',
    'usia',
    'usne',
    'usnh',
    'usnj',
    'ustn',
    'usmn',
    'usmd',
    'usin',
    'usky',
    'usri',
  ]
  test.each([...states, ...later])('knows an opt-out of %s, and its absence', async (name) => {
    const encode = (value: number): string => {
      const model = new GppModel()
      model.setFieldValue(name, 'SaleOptOut', value)
      return model.encode()
    }
    const reading = await readGpp(encode(1), at)
    expect(reading).toMatchObject({ warnings: [] })
    expect(words(reading)).toEqual(['-marketing.ads'])
    expect(await readGpp(encode(2), at)).toMatchObject({ statements: [], warnings: [] })
  })

  test('finds every section of a long string', async () => {
    const model = new GppModel()
    for (const name of [...states, ...later]) model.setFieldValue(name, 'SaleOptOut', 2)
    model.setFieldValue('usri', 'SaleOptOut', 1)
    const reading = await readGpp(model.encode(), at)
    expect(reading.warnings).toEqual([])
    expect(reading.statements).toMatchObject([{ proof: { origin: 'context.gppString.usri' } }])
  })

  test('carries Global Privacy Control', async () => {
    expect(await readGpp('DBABLA~BVVqAAAAAABA.YA', at)).toMatchObject({ gpc: true })
    expect(await readGpp('DBABLA~BVVqAAAAAABA.QA', at)).toMatchObject({ gpc: false })
  })

  // One entry, a range to the 150th Fibonacci number: the library fills its memory with it.
  const endless = toText(`${int(3, 6)}${int(1, 6)}${int(1, 12)}111${'0'.repeat(150)}11`)
  test.each(
    [
      ['', 'DBAA', 'DBABLA', 'DBABLA~', 'DBABLA~!', 'DBABLA~A~B', 'x~y', '~~~~', 'DBABTA~1Y'],
      [endless, `${endless}~1YYN`, `DBABLA~${'A'.repeat(5000)}`, 'A'.repeat(20_000)],
    ].flat(),
  )('says nothing when it is hostile: %s', async (text) => {
    const reading = await readGpp(text, at)
    expect(reading.statements).toEqual([])
    expect(reading.warnings).toHaveLength(1)
  })
})
