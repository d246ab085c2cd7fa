import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CallDenied } from '../../../core/host/denied.ts'
import type { HostCalls } from '../../../core/host/engine.ts'
import type { ItemOutcome } from '../../../core/host/host.ts'
import { grounds } from '../../support/ground.ts'
import { probeInput, type ProbeHost } from '../../support/probeHost.ts'

const written = (outcome: ItemOutcome | undefined) =>
  outcome?.ok && outcome.outcome.kind === 'done' ? outcome.outcome.writes['probe']?.value : outcome

const echo: HostCalls = {
  async call(_item, _name, body) {
    const { url }: { url: string } = JSON.parse(body)
    const { pathname: text } = new URL(url)
    if (text === '/no') throw new CallDenied({ code: 'no_consent', message: 'No.', remedy: 'Ask.' })
    return JSON.stringify({ status: 200, headers: {}, text })
  },
}

const ask = `async ({ profile }, ctx) => {
  const { text } = await ctx.fetch('https://api.test/' + profile.traits.mode.value)
  return write(text)
}`

describe.each(grounds)('calls on the ground $name', ({ name, probeHost, probePackage }) => {
  let probe: ProbeHost
  beforeAll(() => {
    probe = probeHost({ cells: 1 })
  })
  afterAll(() => probe[Symbol.asyncDispose]())

  async function around(handler: string, key: string, modes: (string | number)[]) {
    const timing = { timeoutMs: 200, waitMs: 300 }
    await probe.host.load(key, await probePackage(handler, timing, key))
    return (calls: HostCalls) => probe.host.react(key, 'probe', modes.map(probeInput), calls)
  }

  test('are answered, each item with its own, in order', async () => {
    const modes = Array.from({ length: 40 }, (_, at) => at)
    const run = await around(ask, 'ask', modes)
    expect((await run(echo)).map(written)).toEqual(modes.map((mode) => `/${mode}`))
  })

  test('that are denied can be caught', async () => {
    const handler = `async (input, ctx) => {
      try { await ctx.fetch('https://api.test/no') } catch (thrown) { return write(thrown.code) }
    }`
    const run = await around(handler, 'denied', ['x'])
    expect((await run(echo)).map(written)).toEqual(['no_consent'])
  })

  test('may be awaited by several items at once', async () => {
    const handler = `async (input, ctx) => {
      globalThis.asked ??= ctx.fetch('https://api.test/shared')
      return write((await globalThis.asked).text)
    }`
    const run = await around(handler, 'shared', [1, 2, 3])
    expect((await run(echo)).map(written)).toEqual(['/shared', '/shared', '/shared'])
  })

  test('that are not answered in time fail their item', async () => {
    const run = await around(ask, 'late', ['x'])
    const never: HostCalls = { call: () => new Promise(() => {}) }
    expect(await run(never)).toMatchObject([{ ok: false, code: 'plugin_timeout' }])
  })

  test('after which a promise never settles fail their item', async () => {
    const handler = `async ({ profile }, ctx) => {
      const { text } = await ctx.fetch('https://api.test/' + profile.traits.mode.value)
      if (text === '/hang') await new Promise(() => {})
      return write(text)
    }`
    const run = await around(handler, 'hang', ['a', 'hang', 'b'])
    const [first, hung, last] = await run(echo)
    expect([first, last].map(written)).toEqual(['/a', '/b'])
    expect(hung).toMatchObject({ ok: false, code: 'plugin_timeout' })
  })

  test.runIf(name === 'process' || name === 'trusted')('go together with built-ins', async () => {
    const handler = `async ({ profile }, ctx) => {
      const { promisify } = require('node:util')
      const deflate = promisify(require('node:zlib').deflate)
      const { text } = await ctx.fetch('https://api.test/' + profile.traits.mode.value)
      await deflate(text)
      const again = await ctx.fetch('https://api.test' + text + 'b')
      await deflate(text)
      return write(again.text)
    }`
    const run = await around(handler, 'builtins', [1, 2, 3])
    expect((await run(echo)).map(written)).toEqual(['/1b', '/2b', '/3b'])
  })
})
