import { describe, expect, test, vi } from 'vitest'
import type { Engine } from '../../../core/host/engine.ts'
import { SleepyEngine, type SleepOptions } from '../../../core/host/sleep.ts'
import { probeHost, probeInput, probePackage } from '../../support/probeHost.ts'

const program = { id: 'probe', bundle: '', tier: 'sandbox' as const, agents: ['probe'] }
const batch = { agent: 'probe', items: ['{}'], timeoutMs: 100 }

/** An engine that tells what was asked of it, and a clock that a test moves. */
function open(options: SleepOptions = {}, refusals: string[] = []) {
  const told: string[] = []
  let now = 0
  let gate: Promise<void> = Promise.resolve()
  const inner: Engine = {
    prepare: () => undefined,
    async load(key) {
      told.push(`load ${key}`)
      const refusal = refusals.shift()
      if (refusal !== undefined) throw new TypeError(refusal)
    },
    async run(key) {
      told.push(`run ${key}`)
      await gate
      return { outcomes: [{ returned: key }], logs: [], cpuUs: 0 }
    },
    async unload(key) {
      told.push(`unload ${key}`)
    },
    stats: () => [],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  return {
    engine: new SleepyEngine(inner, { idleMs: 1000, ...options }, () => now),
    told,
    pass: (ms: number) => void (now += ms),
    hold(until: Promise<void>) {
      gate = until
    },
  }
}

describe('a plugin that nobody calls', () => {
  test('is unloaded after a while, not before, and loaded again with the next call', async () => {
    const { engine, told, pass } = open()
    await using _ = engine
    await engine.load('a', program)
    pass(999)
    engine.settle()
    expect(engine.isAsleep('a')).toBe(false)
    pass(1)
    engine.settle()
    expect(engine.isAsleep('a')).toBe(true)
    const answers = await Promise.all([engine.run('a', batch), engine.run('a', batch)])
    expect(answers.map(({ outcomes }) => outcomes)).toEqual([
      [{ returned: 'a' }],
      [{ returned: 'a' }],
    ])
    expect(told).toEqual(['load a', 'unload a', 'load a', 'run a', 'run a'])
  })

  test('stays while a call of it is under way', async () => {
    const { engine, pass, hold } = open()
    await using _ = engine
    await engine.load('a', program)
    const gate = Promise.withResolvers<void>()
    hold(gate.promise)
    const run = engine.run('a', batch)
    pass(5000)
    engine.settle()
    expect(engine.isAsleep('a')).toBe(false)
    gate.resolve()
    await run
    engine.settle()
    expect(engine.isAsleep('a')).toBe(false)
    pass(1000)
    engine.settle()
    expect(engine.isAsleep('a')).toBe(true)
  })

  test('makes room for another when too many are awake, who was called longest ago first', async () => {
    const { engine, pass } = open({ awakeMax: 2 })
    await using _ = engine
    for (const key of ['a', 'b']) {
      await engine.load(key, program)
      pass(1)
    }
    await engine.run('a', batch)
    engine.admit('c', program)
    expect(engine.isAsleep('c')).toBe(true)
    await engine.run('c', batch)
    expect(['a', 'b', 'c'].map((key) => engine.isAsleep(key))).toEqual([false, true, false])
  })

  test('that does not wake gives its items back as lost, and is tried again', async () => {
    const { engine } = open({}, ['the cell ended'])
    await using _ = engine
    engine.admit('a', program)
    expect((await engine.run('a', batch)).outcomes).toEqual([{ lost: 'the cell ended' }])
    expect((await engine.run('a', batch)).outcomes).toEqual([{ returned: 'a' }])
  })

  test('is taken out of the engine only when it is in there', async () => {
    const { engine, told, pass } = open()
    await using _ = engine
    await engine.load('a', program)
    pass(1000)
    engine.settle()
    await engine.unload('a')
    expect(told).toEqual(['load a', 'unload a'])
  })
})

test('a sleeping plugin costs its cell nothing and answers as before, without what it kept in memory', async () => {
  await using probe = probeHost({ cells: 1, idleMs: 1 })
  const handler = `() => write((globalThis.seen = (globalThis.seen ?? 0) + 1))`
  await probe.host.load('nap', await probePackage(handler))
  await vi.waitFor(() => {
    expect(probe.host.stats()).toMatchObject({ sleeping: 1, cells: [{ plugins: 0 }] })
  })
  const answer = { ok: true, outcome: { writes: { probe: { value: 1 } } } }
  expect(await probe.host.react('nap', 'probe', [probeInput('x')])).toMatchObject([answer])
  await vi.waitFor(() => expect(probe.host.stats().sleeping).toBe(1))
  expect(await probe.host.react('nap', 'probe', [probeInput('x')])).toMatchObject([answer])
  expect(probe.host.stats().plugins).toMatchObject([{ key: 'nap', calls: 2, failures: 0 }])
})
