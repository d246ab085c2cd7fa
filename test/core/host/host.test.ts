import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ItemOutcome } from '../../../core/host/host.ts'
import { grounds } from '../../support/ground.ts'
import { probeHost, probeInput, probePackage, type ProbeHost } from '../../support/probeHost.ts'

const value = (written: unknown) => ({
  ok: true,
  outcome: { writes: { probe: { value: written } } },
})

const writtenBy = (outcome: ItemOutcome) =>
  outcome.ok && outcome.outcome.kind === 'done' ? outcome.outcome.writes['probe']?.value : undefined

describe.each(grounds)('on the ground $name', ({ probeHost, probePackage }) => {
  let probe: ProbeHost
  beforeAll(() => {
    probe = probeHost()
  })
  afterAll(() => probe[Symbol.asyncDispose]())

  test('answers one outcome for each input, in order, however many there are', async () => {
    await probe.host.load(
      'order',
      await probePackage('({ profile }) => write(profile.traits.mode.value)'),
    )
    const inputs = Array.from({ length: 170 }, (_, at) => probeInput(at))
    const outcomes = await probe.host.react('order', 'probe', inputs)
    expect(outcomes).toMatchObject(inputs.map((_, at) => value(at)))
    expect(await probe.host.react('order', 'probe', [])).toEqual([])
    expect(probe.host.stats().plugins).toMatchObject([
      { key: 'order', calls: 2, items: 170, failures: 0 },
    ])
  })

  test('awaits async handlers, one after another', async () => {
    const handler = `async ({ profile }) => {
    globalThis.running = (globalThis.running ?? 0) + 1
    for (let turn = 0; turn < 10; turn += 1) await null
    const together = globalThis.running
    globalThis.running -= 1
    return write([profile.traits.mode.value, together])
  }`
    await probe.host.load('async', await probePackage(handler))
    const outcomes = await probe.host.react('async', 'probe', [1, 2, 3].map(probeInput))
    expect(outcomes).toMatchObject([value([1, 1]), value([2, 1]), value([3, 1])])
  })

  test('passes log lines on, masked and bounded', async () => {
    const handler = `({ profile }, ctx) => {
    ctx.log('warn', 'bad address ' + profile.traits.mode.value)
    for (let line = 0; line < 100; line += 1) ctx.log('nonsense', 'x'.repeat(9999))
    return done()
  }`
    await probe.host.load('talk', await probePackage(handler))
    await probe.host.react('talk', 'probe', [probeInput('Elm Street')])
    const lines = probe.logs.filter((entry) => entry.plugin === 'talk')
    expect(lines).toHaveLength(20)
    expect(lines[0]).toMatchObject({
      level: 'warn',
      message: 'bad address [masked]',
      agent: 'probe',
    })
    expect(lines[1]).toMatchObject({ level: 'info', message: 'x'.repeat(500) })
  })

  test('refuses an input that is larger than a plugin could hold, and runs the others', async () => {
    await probe.host.load('large', await probePackage('() => done()'))
    expect(
      await probe.host.react('large', 'probe', [
        probeInput('small'),
        probeInput('x'.repeat(600_000)),
        probeInput('small'),
      ]),
    ).toMatchObject([
      { ok: true },
      { ok: false, code: 'bad_input', retryable: false },
      { ok: true },
    ])
  })

  test.each([
    ['no default export', 'export const x = 1', /no usable default export|no handler for probe/],
    ['no handler for an agent', 'export default { agents: {} }', /no handler for probe/],
    [
      'a handler that no agent declares',
      'export default { agents: { probe: () => 1, other: () => 1 } }',
      /does not declare the agents other/,
    ],
    ['code that throws at load', 'throw new TypeError("not today")', /not today/],
    ['code that never ends at load', 'for (;;);', /timed out/],
  ])('refuses to load a plugin with %s, and says why', async (_what, code, reason) => {
    const pkg = await probePackage('() => done()')
    const bundle = `var slateboardPlugin = (() => { ${code
      .replace('export default', 'return { default:')
      .replace('export const x = 1', 'return { x: 1')}${code.startsWith('export') ? ' }' : ''} })()`
    await expect(probe.host.load('broken', { ...pkg, bundle })).rejects.toMatchObject({
      code: 'plugin_load_failed',
      message: expect.stringMatching(reason),
    })
  })

  test('refuses keys, agents and calls that it does not know', async () => {
    const pkg = await probePackage('() => done()')
    await probe.host.load('known', pkg)
    await expect(probe.host.load('known', pkg)).rejects.toMatchObject({
      code: 'plugin_already_loaded',
    })
    await expect(probe.host.react('known', 'nobody', [])).rejects.toMatchObject({
      code: 'agent_unknown',
    })
    await expect(probe.host.react('unknown', 'probe', [])).rejects.toMatchObject({
      code: 'plugin_not_loaded',
    })
    await probe.host.unload('known')
    await expect(probe.host.react('known', 'probe', [])).rejects.toMatchObject({
      code: 'plugin_not_loaded',
    })
    await expect(probe.host.unload('known')).rejects.toMatchObject({ code: 'plugin_not_loaded' })
  })

  test('loses no call while a plugin is replaced under load', async () => {
    await using own = probeHost()
    const { host } = own
    await host.load('probe@1', await probePackage('() => write(1)'))
    const inputs = Array.from({ length: 20 }, () => probeInput('x'))
    let current = 'probe@1'
    const calls: Promise<ItemOutcome[]>[] = []
    const send = () => {
      for (let call = 0; call < 50; call += 1) calls.push(host.react(current, 'probe', inputs))
    }
    for (let version = 2; version <= 6; version += 1) {
      send()
      const next = `probe@${version}`
      await host.load(next, await probePackage(`() => write(${version})`))
      send()
      const before = current
      current = next
      await host.unload(before)
    }
    send()
    const outcomes = (await Promise.all(calls)).flat()
    expect(outcomes).toHaveLength(calls.length * inputs.length)
    expect(outcomes.filter((outcome) => !outcome.ok)).toEqual([])
    const versions = new Set(outcomes.map((outcome) => writtenBy(outcome)))
    expect([...versions]).toEqual([1, 2, 3, 4, 5, 6])
    expect(host.stats().plugins.map(({ key }) => key)).toEqual(['probe@6'])
  })

  test('answers nothing more once it is closed', async () => {
    const own = probeHost({ cells: 1 })
    const pkg = await probePackage('() => done()')
    await own.host.load('probe', pkg)
    await own[Symbol.asyncDispose]()
    await expect(own.host.react('probe', 'probe', [])).rejects.toMatchObject({
      code: 'host_closed',
    })
    await expect(own.host.load('other', pkg)).rejects.toMatchObject({ code: 'host_closed' })
  })
})

test('refuses what is not through when a plugin has had its time to drain, so that it can be given back', async () => {
  await using own = probeHost({ cells: 1, drainMs: 1 })
  const pkg = await probePackage('() => { for (;;); }', { timeoutMs: 500 })
  await own.host.load('slow', pkg)
  const call = own.host.react('slow', 'probe', [probeInput('x'), probeInput('y')])
  await Promise.all([
    expect(call).rejects.toMatchObject({ code: 'plugin_not_loaded' }),
    own.host.unload('slow'),
  ])
  await own.host.load('next', await probePackage('() => write(1)'))
  expect(await own.host.react('next', 'probe', [probeInput('x')])).toMatchObject([value(1)])
})
