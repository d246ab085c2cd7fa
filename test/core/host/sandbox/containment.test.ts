import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { grounds } from '../../../support/ground.ts'
import { probeInput, type ProbeHost } from '../../../support/probeHost.ts'

const fine = { ok: true }

const restarts = ({ host }: ProbeHost): number =>
  host.stats().cells.reduce((sum, cell) => sum + cell.restarts, 0)

const failures: [what: string, code: string, retryable: boolean, bad: string][] = [
  ['throws', 'plugin_threw', false, `throw new TypeError('no')`],
  ['rejects', 'plugin_threw', false, `return Promise.reject(new Error('no'))`],
  ['throws something unreadable', 'plugin_threw', false, `throw { get message() { throw 1 } }`],
  ['loops for ever', 'plugin_timeout', true, `for (;;);`],
  ['loops in microtasks', 'plugin_timeout', true, `return (async () => { for (;;) await null })()`],
  ['promises and never settles', 'plugin_timeout', true, `return new Promise(() => {})`],
  [
    'matches a hostile pattern',
    'plugin_timeout',
    true,
    `;/^(a+)+$/.test('a'.repeat(40) + 'b'); return done()`,
  ],
  ['returns nothing', 'plugin_result_invalid', false, ``],
  ['returns nonsense', 'plugin_result_invalid', false, `return 'ok'`],
  ['returns a function', 'plugin_result_invalid', false, `return () => done()`],
  ['returns a circle', 'plugin_result_invalid', false, `const a = {}; a.a = a; return a`],
  ['returns something huge', 'plugin_result_invalid', false, `return write('x'.repeat(100_000))`],
  [
    'returns something deep',
    'plugin_result_invalid',
    false,
    `let a = 1; for (let i = 0; i < 5000; i += 1) a = [a]; return write(a)`,
  ],
  [
    'writes an undeclared trait',
    'effect_not_declared',
    false,
    `return done({ writes: { email: null } })`,
  ],
  [
    'proposes an undeclared act',
    'effect_not_declared',
    false,
    `return done({ activations: [{ purpose: 'marketing', channel: 'email' }] })`,
  ],
  [
    'holds an undeclared purpose',
    'effect_not_declared',
    false,
    `return done({ holds: [{ purpose: 'marketing', reason: 'x' }] })`,
  ],
]

describe.each(grounds)('on the ground $name', ({ name, tier, probeHost, probePackage }) => {
  const isTrusted = tier === 'trusted'
  let probe: ProbeHost
  beforeAll(async () => {
    probe = probeHost({ cells: 1, wallSlackMs: 300 })
    await probe.host.load('neighbour', await probePackage('() => done()', {}, 'neighbour'))
  })
  afterAll(() => probe[Symbol.asyncDispose]())

  /** Loads a plugin of which the mode `bad` misbehaves, and hands it a good, a bad and a good item. */
  async function around(key: string, bad: string, agent = { timeoutMs: 250 }) {
    const handler = `({ profile }) => {
    if (profile.traits.mode.value !== 'bad') return done()
    ${bad}
  }`
    await probe.host.load(key, await probePackage(handler, agent, key))
    const outcomes = await probe.host.react(key, 'probe', ['good', 'bad', 'good'].map(probeInput))
    return { outcomes, again: await probe.host.react(key, 'probe', [probeInput('good')]) }
  }

  test.each(failures.filter(([what]) => !isTrusted || what !== 'loops in microtasks'))(
    'a handler that %s fails its own item alone, as %s',
    async (what, code, retryable, bad) => {
      const { outcomes, again } = await around(what.replaceAll(' ', '-'), bad)
      // The stack of QuickJS ends before JSON of that depth does.
      const isStack = name === 'quickjs' && what === 'returns something deep'
      const failure = isStack ? { code: 'plugin_out_of_memory' } : { code, retryable }
      expect(outcomes).toMatchObject([fine, { ok: false, ...failure }, fine])
      expect(again).toMatchObject([fine])
    },
  )

  test.skipIf(isTrusted)('a heap bomb fails its own item alone and is started afresh', async () => {
    const bad = `const a = []; for (;;) a.push(new Array(10_000).fill(a.length))`
    // A process has four times the heap: on a busy machine its time may end first.
    const code = name === 'process' ? /plugin_(out_of_memory|timeout)/ : /^plugin_out_of_memory$/
    const { outcomes, again } = await around('heap-bomb', bad, { timeoutMs: 1000 })
    expect(outcomes).toMatchObject([
      fine,
      { ok: false, code: expect.stringMatching(code), retryable: true },
      fine,
    ])
    expect(again).toMatchObject([fine])
    if (name !== 'process') expect(restarts(probe)).toBe(0)
  })

  test.skipIf(isTrusted)('a buffer bomb fails its own item alone', async () => {
    const bad = `const a = []; for (;;) a.push(new Uint8Array(1_000_000).fill(1))`
    const { outcomes, again } = await around('buffer-bomb', bad, { timeoutMs: 1000 })
    expect(outcomes).toMatchObject([fine, { ok: false }, fine])
    expect(again).toMatchObject([fine])
  })

  test('after three hanging items the rest of the batch is given back untouched', async () => {
    await probe.host.load(
      'hopeless',
      await probePackage('() => { for (;;); }', { timeoutMs: 10 }, 'hopeless'),
    )
    const outcomes = await probe.host.react('hopeless', 'probe', [1, 2, 3, 4, 5].map(probeInput))
    expect(outcomes.map((outcome) => !outcome.ok && outcome.code)).toEqual([
      'plugin_timeout',
      'plugin_timeout',
      'plugin_timeout',
      'plugin_not_run',
      'plugin_not_run',
    ])
  })

  // QuickJS computes on the cell's only thread, and a trusted plugin on the host's.
  test.skipIf(name === 'quickjs' || isTrusted)(
    'neighbours are answered promptly while a plugin hangs',
    async () => {
      await probe.host.load(
        'hanging',
        await probePackage('() => { for (;;); }', { timeoutMs: 1000 }, 'hanging'),
      )
      const order: string[] = []
      const hanging = probe.host
        .react('hanging', 'probe', [probeInput('x')])
        .then(() => order.push('hanging'))
      const neighbour = probe.host
        .react('neighbour', 'probe', [probeInput('x')])
        .then(() => order.push('neighbour'))
      await Promise.all([hanging, neighbour])
      expect(order).toEqual(['neighbour', 'hanging'])
    },
  )

  test.skipIf(tier !== 'sandbox')(
    'nothing of Node, the network or shared memory is in reach',
    async () => {
      const names = [
        'process',
        'require',
        'module',
        'Buffer',
        'global',
        'fetch',
        'XMLHttpRequest',
        'WebSocket',
        'WebAssembly',
        'SharedArrayBuffer',
        'Atomics',
        'setTimeout',
        'setInterval',
        'queueMicrotask',
        'Deno',
      ]
      const handler = `async () => {
    const reach = (code) => { try { return Function('return typeof ' + code)() } catch { return 'refused' } }
    const imported = await import(['node', 'fs'].join(':')).then(() => 'imported', () => 'refused')
    return write([...${JSON.stringify(names)}.map(reach), imported, typeof this])
  }`
      await probe.host.load('explorer', await probePackage(handler, {}, 'explorer'))
      expect(await probe.host.react('explorer', 'probe', [probeInput('x')])).toMatchObject([
        {
          outcome: {
            writes: { probe: { value: [...names.map(() => 'undefined'), 'refused', 'undefined'] } },
          },
        },
      ])
    },
  )

  test.skipIf(isTrusted)(
    'what a plugin does to its prototypes reaches neither neighbours nor the host',
    async () => {
      const handler = `() => {
    Object.prototype.polluted = true
    Array.prototype.map = () => 'bent'
    JSON.parse = () => { throw new Error('bent') }
    return write(JSON.parse === null ? 1 : Object.fromEntries([['__proto__', { polluted: true }], ['kept', 1]]))
  }`
      await probe.host.load('polluter', await probePackage(handler, {}, 'polluter'))
      const outcomes = await probe.host.react('polluter', 'probe', [
        probeInput('x'),
        probeInput('x'),
      ])
      expect(outcomes).toMatchObject([fine, fine])
      expect(JSON.stringify(outcomes)).not.toContain('polluted')
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
      expect(await probe.host.react('neighbour', 'probe', [probeInput('x')])).toMatchObject([fine])
    },
  )

  test.skipIf(isTrusted).each([
    [
      'garbles what it records',
      `set() { Object.defineProperty(this, '0', { value: '}]garbage' }) }`,
    ],
    ['swallows what it records', `set() {}`],
    [
      'floods what it records',
      `set() { Object.defineProperty(this, '0', { value: 'x'.repeat(2_000_000) }) }`,
    ],
  ])('a plugin that bends the sandbox so that it %s fails alone', async (what, setter) => {
    const key = what.replaceAll(' ', '-')
    const handler = `() => {
    Object.defineProperty(Array.prototype, '0', { ${setter}, configurable: true })
    return done()
  }`
    await probe.host.load(key, await probePackage(handler, {}, key))
    const before = restarts(probe)
    const outcomes = await probe.host.react(key, 'probe', [probeInput('x'), probeInput('x')])
    expect(outcomes).toHaveLength(2)
    // A process bends with the plugin in it, may then keep silent, and is replaced.
    const code =
      name === 'process'
        ? /plugin_result_invalid|cell_lost|plugin_timeout/
        : /plugin_result_invalid/
    expect(outcomes[0]).toMatchObject({ ok: false, code: expect.stringMatching(code) })
    expect(await probe.host.react('neighbour', 'probe', [probeInput('x')])).toMatchObject([fine])
    if (name !== 'process') expect(restarts(probe)).toBe(before)
  })

  test('one call does not see what another wrote into the input', async () => {
    const handler = `(input) => { const seen = input.seen ?? 0; input.seen = seen + 1; return write(seen) }`
    await probe.host.load('scribbler', await probePackage(handler, {}, 'scribbler'))
    const input = probeInput('x')
    expect(await probe.host.react('scribbler', 'probe', [input, input])).toMatchObject([
      { outcome: { writes: { probe: { value: 0 } } } },
      { outcome: { writes: { probe: { value: 0 } } } },
    ])
  })
})
