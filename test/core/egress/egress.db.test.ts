import { expect, test } from 'vitest'
import { bumpLegalStates } from '../../../blackboard/query/bumpLegalStates.ts'
import { memorySecrets } from '../../support/memorySecrets.ts'
import { hashed } from '../../../core/flow/dispatch/hashed.ts'
import { recordConsent } from '../../../core/flow/recordConsent.ts'
import { readPackage } from '../../../core/host/package.ts'
import { consentInputSchema } from '../../../core/model/consent.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { parsePolicy } from '../../../policies/document.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { activatePolicy } from '../../support/activatePolicy.ts'
import {
  identify,
  openTestApp,
  track,
  type TestApp,
  type TestAppOptions,
} from '../../support/app.ts'
import { pluginFolder, pluginManifest, probeAgent, probeCode } from '../../support/pluginFolder.ts'
import { openTlsServer, type TlsRequest, type TlsServer } from '../../support/tlsServer.ts'

interface Way extends AsyncDisposable {
  app: TestApp
  server: TlsServer
  /** Lets the plugin react on a person and gives what it wrote. */
  run(user: string): Promise<unknown>
  say(user: string, decision: 'granted' | 'withdrawn'): Promise<unknown>
  audit(): Promise<{ action: string; payload: JsonObject }[]>
}

const wholeAnswer = ({ headers, body }: TlsRequest): string =>
  JSON.stringify({
    got: body,
    auth: headers.authorization ?? null,
    known: 'ada@x.test',
    choices: [{ message: { role: 'assistant', content: 'Welcome back.' } }],
  })

/** A plugin that sends for marketing.promotion, a server that answers it, and an app between them. */
async function openWay(
  handler: string,
  { answer, worker = {} }: { answer?: Promise<void>; worker?: TestAppOptions['worker'] } = {},
): Promise<Way> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(
    await openTlsServer('api.test', (request, response) => {
      const reply = async (): Promise<void> => {
        await answer
        response.end(wholeAnswer(request))
      }
      void reply()
    }),
  )
  const app = stack.use(
    await openTestApp({
      worker,
      secrets: memorySecrets({ probe: { KEY: 's3cr3t-value' } }),
      egress: { ca: server.ca, lookup: () => Promise.resolve([{ address: '127.0.0.1' }]) },
    }),
  )
  const folder = stack.use(
    await pluginFolder({
      'plugin.json': pluginManifest({
        traits: [{ key: 'probe', class: 'none', purposes: ['service', 'marketing'] }],
        network: [
          {
            host: 'api.test',
            methods: ['GET', 'POST'],
            purpose: 'marketing.promotion',
            reason: 'to reach people',
            secrets: [{ name: 'KEY' }],
          },
        ],
        agents: [
          probeAgent({
            purpose: 'service',
            triggers: { events: ['Order'] },
            reads: { traits: ['plan'], pii: ['email'], events: { Order: ['note'] } },
          }),
        ],
      }),
      'plugin.ts': probeCode(
        `async (input, ctx) => {
          const email = input.profile.traits.email?.value
          const url = 'https://api.test:${server.port}/v1'
          const post = (body, headers = {}) =>
            ctx.fetch(url, { method: 'POST', body, headers })
          try { return write(await (${handler})({ input, email, post, ctx, url })) }
          catch (e) { return write([e.name, e.code, e.rule ?? null, e.missing ?? null, e.remedy ?? null]) }
        }`,
      ),
    }),
  )
  await app.registry.install(app.workspaceId, await readPackage(folder.path), 'test')
  const held = stack.move()
  return {
    app,
    server,
    async run(user) {
      await app.send(track(user, 'Order', { note: 'hello' }))
      await app.idle()
      const id = await app.profileOf(user)
      const [row] = await app.sql<{ value: unknown }[]>`
        select traits -> 'probe' as value from profile where id = ${id}`
      return row?.value
    },
    say: (user, decision) =>
      recordConsent(
        app.board,
        app.intake,
        app.workspaceId,
        'principal:test',
        consentInputSchema.parse({
          subject: { namespace: 'user_id', value: user },
          purpose: 'marketing.promotion',
          channel: 'webhook',
          decision,
          proof: { method: 'test' },
        }),
      ),
    audit: () => app.sql<{ action: string; payload: JsonObject }[]>`
      select action, payload::jsonb as payload from audit_entry where action like 'egress.%' order by id`,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

const ada = identify('ada', { email: 'ada@x.test', plan: 'pro' })
const denied = (code: string, more: unknown[] = []) =>
  expect.arrayContaining(['PluginCallDenied', code, ...more])

test('leaves with a grant, and without one is refused with what is missing', async () => {
  await using way = await openWay(`async ({ post }) => (await post('{"a":1}')).status`)
  await way.app.send(ada)
  const missing = { purpose: 'marketing.promotion', channel: 'webhook' }
  expect(await way.run('ada')).toEqual(
    denied('no_consent', [missing, expect.stringContaining('recordConsent')]),
  )
  expect(way.server.requests).toEqual([])
  await way.say('ada', 'granted')
  expect(await way.run('ada')).toBe(200)
  expect(way.server.requests).toMatchObject([{ method: 'POST', url: '/v1', body: '{"a":1}' }])
  await way.say('ada', 'withdrawn')
  expect(await way.run('ada')).toEqual(denied('consent_withdrawn', [missing]))
  expect(way.server.requests).toHaveLength(1)
  const host = { host: 'api.test', method: 'POST', purpose: 'marketing.promotion' }
  expect(await way.audit()).toMatchObject([
    { action: 'egress.deny', payload: { ...host, reason: 'no_consent' } },
    { action: 'egress.begin', payload: host },
    { action: 'egress.end', payload: { ...host, status: 200, bytes: expect.any(Number) } },
    { action: 'egress.deny', payload: { ...host, reason: 'consent_withdrawn' } },
  ])
  expect(JSON.stringify(await way.audit())).not.toMatch(/ada@x|"a":1/)
})

test('is part of the trace that woke the agent, whatever the plugin says it is part of', async () => {
  await using way = await openWay(
    `async ({ post }) => (await post('{}', { traceparent: 'of-the-plugin' })).status`,
  )
  const { app } = way
  await app.send(ada)
  await way.say('ada', 'granted')
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await app.intake.submit(
    { id: 'test', workspaceId: app.workspaceId },
    [track('ada', 'Order')],
    trace,
  )
  await app.idle()
  expect(way.server.requests.map(({ headers }) => headers['traceparent'])).toEqual([trace])
})

test('has a model say something as it leaves to anybody else: with a grant, its key, and no handle', async () => {
  await using way = await openWay(`async ({ email, ctx, url }) => {
    const ask = (prompt) =>
      ctx.generate({ url, model: 'small', key: 'KEY', prompt })
        .then(({ text }) => text, ({ code }) => code)
    return [await ask('Greet them.'), await ask('Greet ' + email)]
  }`)
  await way.app.send(ada)
  expect(await way.run('ada')).toEqual(['no_consent', 'handle_in_prompt'])
  await way.say('ada', 'granted')
  expect(await way.run('ada')).toEqual(['Welcome back.', 'handle_in_prompt'])
  expect(way.server.requests).toMatchObject([
    {
      method: 'POST',
      url: '/v1/chat/completions',
      headers: { authorization: 'Bearer s3cr3t-value' },
      body: expect.stringContaining('Greet them.'),
    },
  ])
})

test('shows in the health of the plugin: what was sent, what was denied, what it cost', async () => {
  await using way = await openWay(`async ({ post }) => (await post('{"a":1}')).status`)
  const { app } = way
  await app.send(ada)
  await way.run('ada')
  await way.say('ada', 'granted')
  await way.run('ada')
  await app.meter.flush()
  const sent = (await way.audit()).find(({ action }) => action === 'egress.end')
  const [health] = await app.sql<{ denials: number; bytesOut: number }[]>`
    select denials::int, bytes_out::int as "bytesOut" from plugin_health`
  expect(health).toEqual({ denials: 1, bytesOut: sent?.payload['bytes'] })
  expect(Number(sent?.payload['bytes'])).toBeGreaterThan(0)
  const [totals] = app.meter.totals().values()
  const used = app.host.stats().plugins.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  expect(totals?.cpuMs).toBeCloseTo(used)
  expect(used).toBeGreaterThan(0)
})

test.each([
  ['restricted', 'restricted = true'],
  ['objected', `objections = '{marketing}'`],
  ['legal_hold', 'legal_hold = true'],
  ['erased', 'erased_at = now()'],
  [
    'complaint_open',
    `holds = '[{"agent":"a/b","purpose":"marketing","reason":"complaint_open","since":"2026-01-01T00:00:00Z"}]'`,
  ],
])('does not leave for a person who is %s', async (code, column) => {
  await using way = await openWay(`async ({ post }) => (await post('{}')).status`)
  await way.app.send(ada)
  await way.say('ada', 'granted')
  const { sql, workspaceId } = way.app
  const id = await way.app.profileOf('ada')
  await bumpLegalStates(sql, {
    workspaceId,
    ids: JSON.stringify([id]),
    at: new Date().toISOString(),
  })
  await sql.unsafe(`update legal_state set ${column} where profile_id = '${id}'`)
  await way.run('ada')
  expect(way.server.requests).toEqual([])
  expect(await way.audit()).toMatchObject([{ action: 'egress.deny', payload: { reason: code } }])
})

test('is refused by a rule, which the plugin is told by name', async () => {
  await using way = await openWay(`async ({ post }) => (await post('{}')).status`)
  await way.app.send(ada)
  await way.say('ada', 'granted')
  expect(await way.run('ada')).toBe(200)
  const rule = {
    id: 'no-probe-outside',
    sentence: 'The probe sends nothing for promotion.',
    effect: 'forbid',
    agents: ['probe/*'],
    action: 'activate',
    subject: 'Activation',
    purposes: ['marketing'],
    channels: ['webhook'],
    reason: 'probe_is_quiet',
  }
  const { document: shipped } = shippedPolicy()
  const document = { ...shipped, rules: [...shipped.rules, rule] }
  await activatePolicy(way.app, parsePolicy(document).document, 2)
  expect(await way.run('ada')).toEqual(denied('probe_is_quiet', ['no-probe-outside']))
  expect(way.server.requests).toHaveLength(1)
})

test('keeps nobody else from working while it waits, whatever waits', async () => {
  const open = Promise.withResolvers<void>()
  await using way = await openWay(`async ({ post }) => (await post('{}')).status`, {
    answer: open.promise,
    worker: { batchesMax: 1 },
  })
  const { app, server } = way
  await app.install('count')
  await app.send(ada)
  await way.say('ada', 'granted')
  const waiting = way.run('ada')
  const traits = async (): Promise<JsonObject> => {
    const [row] = await app.sql<{ traits: JsonObject }[]>`select traits from profile`
    return row?.traits ?? {}
  }
  while (server.requests.length === 0 || (await traits())['orders_followed'] !== 1) {
    await new Promise(setImmediate)
  }
  expect(await traits()).not.toHaveProperty('probe')
  open.resolve()
  expect(await waiting).toBe(200)
})

test('puts secrets and personal data in on the way, and takes them out of the answer', async () => {
  await using way = await openWay(`async ({ email, post }) => {
    const body = JSON.stringify({ to: email, sha: '{{' + email + '|sha256}}' })
    const { text } = await post(body, { authorization: 'Bearer {{secret:KEY}}' })
    const { got, auth, known } = JSON.parse(text.replaceAll(email, 'HANDLE'))
    return [typeof email, email.startsWith('pii:email:h_'), got, auth, known]
  }`)
  await way.app.send(ada)
  await way.say('ada', 'granted')
  const sha = hashed('email', 'ada@x.test')
  expect(await way.run('ada')).toEqual([
    'string',
    true,
    `{"to":"HANDLE","sha":"${sha}"}`,
    'Bearer [secret KEY]',
    'HANDLE',
  ])
  expect(way.server.requests).toMatchObject([
    {
      body: `{"to":"ada@x.test","sha":"${sha}"}`,
      headers: { authorization: 'Bearer s3cr3t-value', 'idempotency-key': expect.any(String) },
    },
  ])
  const rows = await way.audit()
  expect(rows).toMatchObject([
    { action: 'egress.begin', payload: { fields: ['plan', 'email'] } },
    { action: 'egress.end', payload: { fields: ['email'], status: 200 } },
  ])
  expect(JSON.stringify(rows)).not.toMatch(/ada@x|s3cr3t/)
  const metrics = await way.app.metrics.registry.metrics()
  expect(metrics).toContain('slateboard_egress_requests_total{plugin="probe",code="sent"} 1')
  expect(metrics).toMatch(/slateboard_egress_bytes_total\{plugin="probe"\} \d{3}/)
})

test('carries no personal data that the plugin came by otherwise (refused)', async () => {
  await using way = await openWay(`async ({ post, input }) => {
    const { note } = input.causes[0].properties
    const codes = []
    for (const body of ['ada', 'ADA@X.TEST', '616461407' + '82e74657374']) {
      const text = body === 'ada' ? 'ada' + '@' + 'x.test' : body
      codes.push(await post(text).then(({ status }) => status, (e) => e.code))
    }
    return [note, ...codes, (await post('fine')).status]
  }`)
  await way.app.send(ada)
  await way.say('ada', 'granted')
  const code = 'personal_data'
  expect(await way.run('ada')).toEqual(['hello', code, code, code, 200])
  expect(way.server.requests.map(({ body }) => body)).toEqual(['fine'])
  expect(await way.app.metrics.registry.metrics()).toContain(
    'slateboard_egress_requests_total{plugin="probe",code="personal_data"} 3',
  )
})

test('carries nothing of a trait that may not be used for its purpose, and all of one that may', async () => {
  await using way = await openWay(`async ({ post }) => (await post('{}')).status`)
  await way.app.send(ada)
  await way.say('ada', 'granted')
  expect(await way.run('ada')).toBe(200)
  await way.app
    .sql`update trait_definition set purposes = '{service}', effective_purposes = '{service}' where key = 'plan'`
  way.app.definitions.forget(way.app.workspaceId)
  expect(await way.run('ada')).toEqual(denied('purpose_incompatible'))
  expect(way.server.requests).toHaveLength(1)
})

test('gives no handle of one person to another, nor of a call that is over (refused)', async () => {
  await using way = await openWay(`async ({ email, post }) => {
    const before = globalThis.kept
    globalThis.kept = email
    return before === undefined ? 'kept' : (await post(before)).status
  }`)
  await way.app.send(ada)
  await way.say('ada', 'granted')
  expect(await way.run('ada')).toBe('kept')
  expect(await way.run('ada')).toEqual(denied('handle_unknown'))
  await way.app.send(identify('bob', { email: 'bob@x.test', plan: 'pro' }))
  await way.say('bob', 'granted')
  expect(await way.run('bob')).toEqual(denied('handle_unknown'))
  expect(way.server.requests).toEqual([])
})

test('is for the hosts, methods and purposes of the manifest alone (refused)', async () => {
  await using way = await openWay(`async ({ ctx }) => {
    const codes = []
    for (const [url, init] of [
      ['https://other.test/', {}],
      ['https://api.test/', { method: 'DELETE' }],
      ['https://api.test/', { purpose: 'analytics' }],
    ]) codes.push(await ctx.fetch(url, init).then(() => 'sent', (e) => e.code))
    return codes
  }`)
  await way.app.send(ada)
  await way.say('ada', 'granted')
  expect(await way.run('ada')).toEqual(['not_declared', 'not_declared', 'not_declared'])
  expect(way.server.requests).toEqual([])
})
