import { expect, test } from 'vitest'
import type { HostStats } from '../../../core/host/host.ts'
import { CpuReadings } from '../../../core/plugin/cpu.ts'

const one = `1/one@${'a'.repeat(16)}`
const next = `1/one@${'b'.repeat(16)}`

const statsOf = (used: Record<string, number>): HostStats => ({
  cells: [],
  sleeping: 0,
  plugins: Object.entries(used).map(([key, cpuMs]) => ({
    key,
    cpuMs,
    digest: key.slice(-16),
    tier: 'sandbox',
    degraded: false,
    calls: 0,
    items: 0,
    failures: 0,
    busyMs: 0,
    isAsleep: false,
  })),
})

test('gives what each version used since the last reading, once', () => {
  const readings = new CpuReadings()
  const of = { workspaceId: 1, plugin: 'one', digest: 'a'.repeat(16) }
  expect(readings.take(statsOf({ [one]: 5 }))).toEqual([{ ...of, cpuMs: 5 }])
  expect(readings.take(statsOf({ [one]: 5 }))).toEqual([])
  expect(readings.take(statsOf({ [one]: 7, [next]: 2 }))).toEqual([
    { ...of, cpuMs: 2 },
    { ...of, digest: 'b'.repeat(16), cpuMs: 2 },
  ])
  // It left and came back, and counts from nothing.
  readings.take(statsOf({}))
  expect(readings.take(statsOf({ [one]: 3 }))).toEqual([{ ...of, cpuMs: 3 }])
})

test('leaves out what is loaded under a name that is no plugin of a workspace', () => {
  expect(new CpuReadings().take(statsOf({ trial: 5 }))).toEqual([])
})
