import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LogBudget } from '../../../core/host/logBudget.ts'
import { Shares } from '../../../core/host/share.ts'
import type { ItemOutcome } from '../../../core/host/host.ts'
import { probeHost, probeInput, probePackage } from '../../support/probeHost.ts'

const used = (ms: number) => async () => ({ cpuUs: ms * 1000 })

test('a plugin that used more than its share waits behind others, and is never refused', async () => {
  let now = 0
  const shares = new Shares({ cpuShare: 0.2, cpuBurstMs: 100 }, () => now)
  await shares.run('greedy', used(100))
  expect(shares.isDegraded('greedy')).toBe(false)
  await shares.run('greedy', used(50))
  expect(shares.isDegraded('greedy')).toBe(true)
  const order: string[] = []
  const healthy = Promise.withResolvers<{ cpuUs: number }>()
  const first = shares.run('modest', () => healthy.promise).then(() => order.push('modest'))
  const second = shares.run('greedy', used(0)).then(() => order.push('greedy'))
  healthy.resolve({ cpuUs: 0 })
  await Promise.all([first, second])
  expect(order).toEqual(['modest', 'greedy'])
  now = 250
  expect(shares.isDegraded('greedy')).toBe(false)
})

test('a degraded plugin runs at once where nobody else wants to, and when what it used is made up for', async () => {
  const shares = new Shares({ cpuShare: 1, cpuBurstMs: 0 }, () => performance.now())
  await shares.run('greedy', used(30))
  await shares.run('greedy', used(30))
  const never = Promise.withResolvers<{ cpuUs: number }>()
  const busy = shares.run('busy', () => never.promise)
  expect(await shares.run('greedy', used(0))).toEqual({ cpuUs: 0 })
  never.resolve({ cpuUs: 0 })
  await busy
})

test('reports the processor time of a plugin, and that it is degraded', async () => {
  await using own = probeHost({ cells: 1, cpuBurstMs: 5 })
  const spin = '() => { for (let i = 0, x = 0; i < 3e7; i += 1) x += i % 7; return done() }'
  await own.host.load('spin', await probePackage(spin, { timeoutMs: 1000 }, 'spin'))
  const outcomes = await own.host.react('spin', 'probe', [1, 2].map(probeInput))
  expect(outcomes).toMatchObject([{ ok: true }, { ok: true }])
  const [stats] = own.host.stats().plugins
  expect(stats?.cpuMs).toBeGreaterThan(5)
  expect(stats?.degraded).toBe(true)
})

test('lets 5 MB of lines a minute through, and counts what it drops', () => {
  const budget = new LogBudget(0)
  const line = 'x'.repeat(1_048_576)
  for (let at = 0; at < 5; at += 1) expect(budget.admit(line, 0).fits).toBe(true)
  expect(budget.admit(line, 0).fits).toBe(false)
  expect(budget.admit(line, 1000).fits).toBe(false)
  expect(budget.admit(line, 30_000)).toEqual({ fits: true, dropped: 2 })
})

test.runIf(process.platform === 'linux')(
  'a cell that has grown is replaced by a fresh one without losing a call',
  async () => {
    await using own = probeHost({ cells: 1, cellRecycleBytes: 1_048_576 })
    await own.host.load('probe', await probePackage('() => write(1)'))
    const before = own.host.stats().cells[0]?.pid
    const outcomes: ItemOutcome[] = []
    while (own.host.stats().cells[0]?.recycles === 0) {
      outcomes.push(...(await own.host.react('probe', 'probe', [1, 2, 3].map(probeInput))))
    }
    outcomes.push(...(await own.host.react('probe', 'probe', [probeInput('x')])))
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([])
    expect(own.host.stats().cells).toMatchObject([{ restarts: 0, recycles: 1 }])
    expect(own.host.stats().cells[0]?.pid).not.toBe(before)
    expect(own.logs.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/had grown to \d+ MB; a fresh one took over/),
    )
    // The one that was replaced is gone.
    while (isAlive(before ?? 0)) await pause(10)
  },
)

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a plugin that hangs again and again is moved to a cell of its own, and keeps being answered', async () => {
  await using own = probeHost({ cells: 1 })
  const hang = `({ profile }) => { if (profile.traits.mode.value === 'bad') for (;;); return done() }`
  await own.host.load('hang', await probePackage(hang, { timeoutMs: 10 }, 'hang'))
  await own.host.load('good', await probePackage('() => done()', {}, 'good'))
  await own.host.react('hang', 'probe', ['bad', 'bad', 'bad'].map(probeInput))
  expect(own.host.stats().cells).toMatchObject([{ plugins: 2 }])
  const both = [0, 1].map(() => own.host.react('hang', 'probe', [probeInput('good')]))
  expect((await Promise.all(both)).flat()).toMatchObject([{ ok: true }, { ok: true }])
  expect(own.host.stats().cells).toMatchObject([{ plugins: 1 }, { plugins: 1 }])
  expect(await own.host.react('good', 'probe', [probeInput('x')])).toMatchObject([{ ok: true }])
  await own.host.unload('hang')
  expect(own.host.stats().cells).toMatchObject([{ plugins: 1 }, { plugins: 0 }])
})
