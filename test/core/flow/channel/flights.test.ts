import { expect, test } from 'vitest'
import { createFlights } from '../../../../core/flow/channel/flights.ts'

const open = () => createFlights({ max: 3, perCircuitMax: 2 })

test('seats so many in all and for each circuit, and no more', () => {
  const flights = open()
  expect(['a', 'a', 'a', 'b', 'b'].map(flights.reserve)).toEqual([true, true, false, true, false])
  expect(flights.room()).toBe(0)
  flights.release('a')
  expect(flights.reserve('b')).toBe(true)
})

test('passes a full place by until its circuit has room, and says when', async () => {
  const flights = open()
  const landing = Promise.withResolvers<void>()
  let heard = 0
  flights.onRoom(() => (heard += 1))
  flights.reserve('a')
  flights.launch('a', () => landing.promise)
  flights.reserve('a')
  expect(flights.reserve('a')).toBe(false)
  flights.pass('place', 'a')
  expect(flights.passed()).toEqual(['place'])
  landing.resolve()
  await flights.settled()
  expect(flights.passed()).toEqual([])
  expect(heard).toBe(1)
  expect(flights.size()).toBe(0)
})

test('is silent while nobody asked in vain', async () => {
  const flights = open()
  flights.onRoom(() => expect.unreachable())
  flights.reserve('a')
  flights.launch('a', () => Promise.resolve())
  await flights.settled()
  expect(flights.room()).toBe(3)
})

test('gives the seat of a circuit back as it lands, and the other when all is over', async () => {
  const flights = open()
  const recorded = Promise.withResolvers<void>()
  flights.reserve('a')
  flights.launch('a', (landed) => {
    landed()
    return recorded.promise
  })
  expect(['a', 'a', 'a'].map(flights.reserve)).toEqual([true, true, false])
  expect(flights.room()).toBe(0)
  recorded.resolve()
  await flights.settled()
  expect(flights.room()).toBe(1)
})

test('looks at a full circuit again when a quarter of its seats are free', async () => {
  const flights = createFlights({ max: 10, perCircuitMax: 8 })
  const landings = Array.from({ length: 8 }, () => Promise.withResolvers<void>())
  let heard = 0
  flights.onRoom(() => (heard += 1))
  for (const landing of landings) {
    flights.reserve('a')
    flights.launch('a', () => landing.promise)
  }
  expect(flights.reserve('a')).toBe(false)
  flights.pass('place', 'a')
  const land = async (): Promise<void> => {
    const size = flights.size()
    landings.pop()?.resolve()
    await expect.poll(() => flights.size()).toBe(size - 1)
  }
  await land()
  expect([heard, flights.passed()]).toEqual([0, ['place']])
  await land()
  expect([heard, flights.passed()]).toEqual([1, []])
  for (const landing of landings) landing.resolve()
  await flights.settled()
})
