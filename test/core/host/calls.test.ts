import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CallDenied } from '../../../core/host/denied.ts'
import type { HostCalls } from '../../../core/host/engine.ts'
import type { ItemOutcome } from '../../../core/host/host.ts'
import { Caller } from '../../../core/host/sandbox/caller.ts'
import { readReply } from '../../../core/host/sandbox/reply.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { probeHost, probeInput, probePackage, type ProbeHost } from '../../support/probeHost.ts'

let probe: ProbeHost
beforeAll(async () => {
  probe = probeHost({ cells: 1 })
  await probe.host.load('neighbour', await probePackage('() => done()', {}, 'neighbour'))
})
afterAll(() => probe[Symbol.asyncDispose]())

const written = (outcome: ItemOutcome | undefined) =>
  outcome?.ok && outcome.outcome.kind === 'done' ? outcome.outcome.writes['probe']?.value : outcome

const answer = (text: string): string => JSON.stringify({ status: 200, headers: {}, text })

/** Answers each call with the path that it asked for. */
const echo: HostCalls = {
  call: (_item, _name, body) => {
    const { url }: { url: string } = JSON.parse(body)
    return Promise.resolve(answer(new URL(url).pathname))
  },
}

async function around(
  key: string,
  handler: string,
  {
    modes = ['x'],
    calls = echo,
    agent = {},
  }: { modes?: (string | number)[]; calls?: HostCalls; agent?: JsonObject } = {},
): Promise<ItemOutcome[]> {
  await probe.host.load(key, await probePackage(handler, agent, key))
  return probe.host.react(key, 'probe', modes.map(probeInput), calls)
}

const ask = `async ({ profile }, ctx) => {
  const { text } = await ctx.fetch('https://api.test/' + profile.traits.mode.value)
  return write(text)
}`

describe('a call to the host', () => {
  test('is answered, each item with its own, in order, however many there are', async () => {
    const modes = Array.from({ length: 120 }, (_, at) => at)
    const outcomes = await around('ask', ask, { modes })
    expect(outcomes.map(written)).toEqual(modes.map((mode) => `/${mode}`))
  })

  test('carries what was asked, and the answer can be read as JSON', async () => {
    const seen: unknown[] = []
    const calls: HostCalls = {
      call(item, name, body) {
        seen.push([item, name, JSON.parse(body)])
        return Promise.resolve(
          JSON.stringify({ status: 201, headers: { etag: 'e' }, text: '{"a":1}' }),
        )
      },
    }
    const handler = `async (_input, ctx) => {
      const init = { method: 'POST', headers: { a: 'b' }, body: 'c', purpose: 'service', more: 1 }
      const said = await ctx.fetch('https://api.test/', init)
      return write([said.status, said.headers.etag, said.text, said.json().a])
    }`
    const [outcome] = await around('carry', handler, { calls })
    expect(written(outcome)).toEqual([201, 'e', '{"a":1}', 1])
    const sent = { method: 'POST', headers: { a: 'b' }, body: 'c', purpose: 'service' }
    expect(seen).toEqual([[0, 'fetch', { url: 'https://api.test/', ...sent }]])
  })

  test('rejects with code, rule, missing consent and remedy when it is denied', async () => {
    const missing = { purpose: 'marketing', channel: 'webhook' }
    const denial = { code: 'no_consent', message: 'No.', remedy: 'Ask.', rule: 'r', missing }
    const calls: HostCalls = { call: () => Promise.reject(new CallDenied(denial)) }
    const handler = `async (_input, ctx) => {
      try { await ctx.fetch('https://api.test/') } catch (e) {
        return write([e.name, e.message, e.code, e.rule, e.missing, e.remedy, e instanceof Error])
      }
    }`
    const [outcome] = await around('denied', handler, { calls })
    expect(written(outcome)).toEqual([
      'PluginCallDenied',
      'No.',
      'no_consent',
      'r',
      missing,
      'Ask.',
      true,
    ])
  })

  test('is denied where nobody answers calls, and when the answering fails', async () => {
    const handler = `(_input, ctx) => ctx.fetch('https://api.test/').then(() => write(1), (e) => write(e.code))`
    await probe.host.load('alone', await probePackage(handler, {}, 'alone'))
    const [without] = await probe.host.react('alone', 'probe', [probeInput('x')])
    expect(written(without)).toBe('calls_unavailable')
    const calls: HostCalls = { call: () => Promise.reject(new TypeError('a secret')) }
    const [failed] = await probe.host.react('alone', 'probe', [probeInput('x')], calls)
    expect(written(failed)).toBe('internal')
  })

  test('is one of eight at the most, and none may be huge or unreadable', async () => {
    const handler = `async (_input, ctx) => {
      const codes = []
      const tell = (e) => codes.push(e.code)
      await ctx.fetch('https://api.test/', { method: 'POST', body: 'x'.repeat(300_000) }).catch(tell)
      await ctx.fetch('https://api.test/', { body: 1n }).catch(tell)
      for (let n = 1; n <= 9; n += 1) await ctx.fetch('https://api.test/' + n).catch(tell)
      return write(codes)
    }`
    const [outcome] = await around('many', handler)
    expect(written(outcome)).toEqual(['call_too_large', 'call_too_large', 'too_many_calls'])
  })
})

describe('while items wait for the host', () => {
  test('they wait together, and no clock of computing runs', async () => {
    const all = Promise.withResolvers<void>()
    let waiting = 0
    const calls: HostCalls = {
      async call() {
        waiting += 1
        if (waiting === 10) setTimeout(all.resolve, 300)
        await all.promise
        return answer('late')
      },
    }
    const outcomes = await around('together', ask, {
      modes: Array.from({ length: 10 }, (_, at) => at),
      calls,
      agent: { timeoutMs: 50 },
    })
    expect(outcomes.map(written)).toEqual(Array.from({ length: 10 }, () => 'late'))
  })

  test('sixteen wait at once and the others have not begun (refused)', async () => {
    const all = Promise.withResolvers<void>()
    let most = 0
    let now = 0
    const calls: HostCalls = {
      async call() {
        now += 1
        most = Math.max(most, now)
        if (now === 16) all.resolve()
        await all.promise
        now -= 1
        return answer('x')
      },
    }
    const modes = Array.from({ length: 50 }, (_, at) => at)
    const outcomes = await around('window', ask, { modes, calls })
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    expect(most).toBe(16)
  })

  test('a plugin beside them is answered', async () => {
    const asked = Promise.withResolvers<void>()
    const open = Promise.withResolvers<string>()
    const calls: HostCalls = {
      call() {
        asked.resolve()
        return open.promise
      },
    }
    const waiting = around('beside', ask, { calls })
    await asked.promise
    const beside = await probe.host.react('neighbour', 'probe', [probeInput('x')])
    expect(beside).toMatchObject([{ ok: true }])
    open.resolve(answer('x'))
    expect((await waiting).map(written)).toEqual(['x'])
  })

  test('those that waited too long fail alone', async () => {
    const calls: HostCalls = {
      call: (item) => (item === 1 ? new Promise(() => {}) : Promise.resolve(answer('x'))),
    }
    const outcomes = await around('patient', ask, {
      modes: [0, 1, 2],
      calls,
      agent: { waitMs: 200 },
    })
    expect(outcomes).toMatchObject([
      { ok: true },
      { ok: false, code: 'plugin_timeout' },
      { ok: true },
    ])
  })

  test('one that computes for ever after its answer fails alone', async () => {
    const handler = `async ({ profile }, ctx) => {
      await ctx.fetch('https://api.test/')
      if (profile.traits.mode.value === 1) for (;;);
      return write(profile.traits.mode.value)
    }`
    const outcomes = await around('loops', handler, { modes: [0, 1, 2] })
    expect(outcomes.map(written)).toMatchObject([0, { code: 'plugin_timeout' }, 2])
  })

  test('what is computed between answers counts together', async () => {
    const handler = `async (_input, ctx) => {
      for (let n = 0; n < 6; n += 1) {
        await ctx.fetch('https://api.test/')
        const until = Date.now() + 60
        while (Date.now() < until);
      }
      return write(1)
    }`
    const outcomes = await around('adds-up', handler, { agent: { timeoutMs: 150 } })
    expect(outcomes).toMatchObject([{ ok: false, code: 'plugin_timeout' }])
  })

  test('one that hangs before it waits is found, and those that wait are kept', async () => {
    const handler = `async ({ profile }, ctx) => {
      if (profile.traits.mode.value === 2) for (;;);
      const { text } = await ctx.fetch('https://api.test/' + profile.traits.mode.value)
      return write(text)
    }`
    const counts: number[] = [0, 0, 0, 0]
    const calls: HostCalls = {
      call(item, name, body) {
        counts[item] = (counts[item] ?? 0) + 1
        return echo.call(item, name, body)
      },
    }
    const outcomes = await around('hangs', handler, { modes: [0, 1, 2, 3], calls })
    expect(outcomes.map(written)).toMatchObject(['/0', '/1', { code: 'plugin_timeout' }, '/3'])
    expect(counts).toEqual([1, 1, 0, 1])
  })

  test('one that waits for what never comes is found when the others are through', async () => {
    const handler = `async ({ profile }, ctx) => {
      if (profile.traits.mode.value === 1) await new Promise(() => {})
      return write((await ctx.fetch('https://api.test/x')).text)
    }`
    const outcomes = await around('stuck', handler, { modes: [0, 1, 2] })
    expect(outcomes.map(written)).toMatchObject(['/x', { code: 'plugin_timeout' }, '/x'])
  })

  test('one answer may serve several items', async () => {
    const handler = `async ({ profile }, ctx) => {
      globalThis.token ??= ctx.fetch('https://api.test/token')
      return write((await globalThis.token).text)
    }`
    const outcomes = await around('shared', handler, { modes: [0, 1, 2, 3] })
    expect(outcomes.map(written)).toEqual(['/token', '/token', '/token', '/token'])
  })

  test('one that eats memory after its answer fails alone, and the others run again', async () => {
    const handler = `async ({ profile }, ctx) => {
      const { text } = await ctx.fetch('https://api.test/' + profile.traits.mode.value)
      if (profile.traits.mode.value === 1) { const a = []; for (;;) a.push(new Array(10_000).fill(a.length)) }
      return write(text)
    }`
    const outcomes = await around('eats', handler, { modes: [0, 1, 2], agent: { timeoutMs: 1000 } })
    expect(outcomes.map(written)).toMatchObject(['/0', { code: 'plugin_out_of_memory' }, '/2'])
  })

  test('a cell that is killed gives them back, and is there for the next', async () => {
    await using own = probeHost({ cells: 1 })
    const asked = Promise.withResolvers<void>()
    const calls: HostCalls = {
      call() {
        asked.resolve()
        return new Promise(() => {})
      },
    }
    await own.host.load('ask', await probePackage(ask))
    const waiting = own.host.react('ask', 'probe', [1, 2].map(probeInput), calls)
    await asked.promise
    process.kill(own.host.stats().cells[0]?.pid ?? 0, 'SIGKILL')
    expect(await waiting).toMatchObject([
      { ok: false, code: 'cell_lost', retryable: true },
      { ok: false, code: 'cell_lost', retryable: true },
    ])
    expect((await own.host.react('ask', 'probe', [probeInput('x')], echo)).map(written)).toEqual([
      '/x',
    ])
  })
})

describe('what a hostile cell sends', () => {
  const frame = { kind: 'call', id: 1, bytes: 2, number: 1, item: 0, name: 'fetch' }

  test('is taken as a call when it is one, and refused when it is not', () => {
    expect(readReply(frame)).toEqual(frame)
    for (const wrong of [
      { number: 0 },
      { number: '1' },
      { item: -1 },
      { item: 0.5 },
      { name: '__proto__' },
      { name: 'x'.repeat(50) },
      { name: '' },
      { more: 1 },
    ]) {
      expect(readReply({ ...frame, ...wrong })).toBeUndefined()
    }
  })

  test('counts against the item that it names, which has to be one of the batch', async () => {
    const caller = new Caller(2, { call: () => Promise.resolve('{}') })
    const call = (item: number) => caller.to({ item, name: 'fetch' }, '{}')
    expect((await call(2)).body).toContain('too_many_calls')
    for (let n = 0; n < 24; n += 1) expect(await call(0)).toEqual({ isAnswer: true, body: '{}' })
    expect(await call(0)).toMatchObject({ isAnswer: false })
    expect(await call(1)).toEqual({ isAnswer: true, body: '{}' })
  })

  test.each([
    [
      'Array.prototype.shift = () => ({ run: {}, text: "1:0:fetch:{}" })',
      'invents calls without end',
    ],
    ['Map.prototype.get = () => undefined', 'forgets what it asked'],
    ['JSON.stringify = () => "x".repeat(3_000_000)', 'asks for too much'],
  ])('from a plugin that bends the guest (%s) costs nobody else', async (bending, what) => {
    const key = what.replaceAll(' ', '-')
    const outcomes = await around(
      key,
      `async (_input, ctx) => { ${bending}; await ctx.fetch('https://api.test/'); return done() }`,
      { modes: [0, 1], agent: { waitMs: 300 } },
    )
    expect(outcomes).toHaveLength(2)
    const beside = await probe.host.react('neighbour', 'probe', [probeInput('x')])
    expect(beside).toMatchObject([{ ok: true }])
    expect(probe.host.stats().cells).toMatchObject([{ restarts: 0 }])
  })
})
