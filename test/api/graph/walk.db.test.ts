import { generateKeyPairSync } from 'node:crypto'
import { isObjectType } from 'graphql'
import type { GraphQLObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { encodeId, idOf, rowKeyOf } from '../../../api/graph/id.ts'
import { createSchema } from '../../../api/graph/schema.ts'
import { auditRoutes } from '../../../api/route/audit.ts'
import { erasureRoutes } from '../../../api/route/erasure.ts'
import { subjectRoutes } from '../../../api/route/subject.ts'
import { createApp } from '../../../api/server.ts'
import { createActions } from '../../../core/actions.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { roles } from '../../../core/model/principal.ts'
import type { PolicyDocument } from '../../../core/model/policy.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { activatePolicy } from '../../support/activatePolicy.ts'
import { reportOutcome } from '../../support/reportOutcome.ts'
import { addPublisher } from '../../../core/plugin/publisher.ts'
import { identify, openTestApp, track, type TestApp } from '../../support/app.ts'
import { createSigner, packedFiles } from '../../support/packed.ts'
import { pluginManifest, probeAgent, probeCode } from '../../support/pluginFolder.ts'
import { installPerformers } from '../../support/performers.ts'
import { readerOf } from '../../support/readerOf.ts'
import { openReceiver } from '../../support/receiver.ts'
import { fieldsIn, queriesOf, saysSomething } from '../../support/walk.ts'
import { inputs, unborn } from '../../support/walkWorld.ts'

/** Nobody may do anything, but that a document needs a rule. */
const nothing: PolicyDocument = {
  title: 'Nothing',
  rules: [
    {
      id: 'nobody-proposes',
      sentence: 'Metrics collectors may not propose activations.',
      effect: 'forbid',
      roles: ['metrics'],
      action: 'propose',
      subject: 'Activation',
      reason: 'nothing',
    },
  ],
}

/** Everybody may know that a profile exists, and nothing about it. */
const glimpse: PolicyDocument = {
  title: 'Glimpse',
  rules: [
    {
      id: 'all-read-nothing',
      sentence: 'Everybody may see one value that no profile has.',
      effect: 'permit',
      roles: [...roles],
      action: 'read',
      subject: 'Profile',
      purposes: ['*'],
      fields: ['trait:of_nobody'],
      reason: 'glimpse',
    },
  ],
}

const { publicKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const merging = [
  { namespace: 'user_id', value: 'ada' },
  { namespace: 'anonymous_id', value: 'ada-before' },
]

/** A platform in which every kind of row exists, and the API in front of it. */
async function openWorld() {
  await using stack = new AsyncDisposableStack()
  const receiver = stack.use(await openReceiver())
  const app = stack.use(await openTestApp())
  const door = createDoorkeeper(app.board, app.policies)
  const api = createApp({
    board: app.board,
    door,
    actions: createActions(app),
    metrics: app.metrics.registry,
    unready: () => [],
    routes: [auditRoutes(door), erasureRoutes(door), subjectRoutes(door)],
    production: true,
  })
  async function ask(key: string, query: string, variables = {}): Promise<Answer> {
    const body = JSON.stringify({ query, variables })
    const headers = {
      Authorization: `Bearer ${key}`,
      'Content-Type': 'application/json',
      traceparent,
      'Content-Length': String(Buffer.byteLength(body)),
    }
    const response = await api.request('/graphql', { method: 'POST', headers, body })
    return response.json()
  }
  const held = stack.move()
  return { app, ask, api, receiver, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

interface Answer {
  data?: Record<string, unknown> | null
  errors?: { message: string; extensions: { code?: string } }[]
}
type World = Awaited<ReturnType<typeof openWorld>>

async function live(world: World, admin: string): Promise<Record<string, string>> {
  const { app, ask, receiver } = world
  await app.install('tour')
  await fail(world)
  await reportOutcome(app, 'tour/count')
  await pursue(app)
  await app.send(
    identify('ada', { email: 'ada@canary.test', firstName: 'Canary', plan: 'canary-plan' }),
    track('ada', 'Order Completed', { total: 5, note: 'canary-note' }),
  )
  await app.sql`update trait_definition set shares = '{"quorum": 2}' where key = 'plan'`
  const subject = 'subject: { namespace: "user_id", value: "ada" }'
  const set =
    'setBudget(input: { name: "canary", unit: "canary-cent", cap: 5 }) { errors { message } }'
  await ask(admin, `mutation { ${set} }`)
  const done = [
    `recordConsent(input: { ${subject}, purpose: "marketing.promotion", channel: "webhook",
      decision: GRANTED, proof: { method: "canary-form" } }) { errors { message } }`,
    `proposeActivation(input: { ${subject}, purpose: "marketing.promotion", channel: "webhook",
      destination: "${receiver.url}/canary", cost: { budget: "canary", amount: 1 } })
      { errors { message } activation { id } }`,
    `openSubjectRequest(input: { ${subject}, kind: OBJECTION, purpose: "marketing",
      verification: { level: ASSERTED, method: LOGIN } }) { errors { message } }`,
    `setAgentWeight(input: { agent: "tour/count", delta: 1, reason: "canary" }) { errors { message } }`,
    `createSource(input: { name: "canary-source" }) { errors { message } }`,
    `publishNotice(input: { id: "canary-notice", version: "1", language: "en", text: "canary",
      purposes: ["marketing"] }) { errors { message } }`,
    `defineConsentMapping(input: { dialect: SEGMENT, consentId: "canary-id",
      targets: [{ purpose: "analytics" }] }) { errors { message } }`,
    `setReceiptKeys(input: { publicKeys: [${JSON.stringify(publicKey)}] }) { errors { message } }`,
    `setJurisdiction(input: { ${subject}, jurisdiction: "DE" }) { errors { message } }`,
    // Refused on one profile and granted later on another, which then turn out to be one.
    `recordConsent(input: { subject: { namespace: "anonymous_id", value: "ada-before" },
      purpose: "analytics", channel: "*", decision: DENIED }) { errors { message } }`,
    `recordConsent(input: { ${subject}, purpose: "analytics", channel: "*", decision: GRANTED })
      { errors { message } }`,
    `defineTrait(input: { key: "plan", dataClass: CONTACT, version: 1, reason: "canary-reason" })
      { errors { message } }`,
  ]
  const colleague = await app.principal('officer')
  const { document } = shippedPolicy()
  const propose = `proposePolicy(input: { document: $document, reason: "canary" })`
  const steps: [string, string][] = [
    ...done.map((mutation): [string, string] => [admin, `mutation { ${mutation} }`]),
    [admin, `mutation ($document: Json!) { ${propose} { errors { message } } }`],
    // What is proposed now is put to the version in shadow as well.
    [admin, 'mutation { shadowPolicy(input: { number: 2 }) { errors { message } } }'],
    [admin, `mutation { ${done[1]} }`],
    [
      colleague.key,
      'mutation { approvePolicy(input: { number: 2, comment: "canary" }) { errors { message } } }',
    ],
    [admin, `mutation ($document: Json!) { ${propose} { errors { message } } }`],
    [
      admin,
      `mutation { activatePolicy(input: { number: 3, breakGlass: { hours: 1, reason: "canary" } })
        { errors { message } } }`,
    ],
  ]
  for (const [at, [key, mutation]] of steps.entries()) {
    const title = `Canary ${at}`
    const { data, errors } = await ask(key, mutation, { document: { ...document, title } })
    expect({ errors, said: Object.values(data ?? {}) }).toMatchObject({
      errors: undefined,
      said: [{ errors: [] }],
    })
    await app.idle()
  }
  await app.send(identify('ada', {}, { identifiers: merging }))
  const ids = idsOf(
    await ask(
      admin,
      `{ profile(by: { namespace: "user_id", value: "ada" }) { id
    activations { edges { node { id decision { id } } } } } }`,
    ),
  )
  // Its receiver heard of the opt-out at the second try.
  await app.sql`
    insert into follow_up (workspace_id, profile_id, id, kind, purpose, channel, destination,
      activation_ids, reason, state, asked_at, due_at, attempts, last_error, updated_at, ended_at)
    select workspace_id, profile_id, id, 'opt_out', purpose, channel, 'https://shop.example/hook', array[id],
      'consent_withdrawn', 'acknowledged', now(), now(), 2, 'http_503', now(), now() from activation`
  // Somebody answers for what an agent counted, and decided between two agents.
  await app.sql`
    insert into trait_conflict (workspace_id, profile_id, id, trait, rule, winner_kind, winner, loser, value, stood,
      confidence, winner_confidence, revision, state, resolution, resolved_by, resolved_at, found_at, at)
    select workspace_id, id, '01C', 'orders', 'escalate', 'agent', 'tour/count', 'tour/thank', '7', '5', 1, 1, 1,
      'settled', 'kept', '01O', now(), now(), now()
    from profile where id = canonical_id and provenance ? 'orders' limit 1`
  // And that one announced something, which another would not have, or a person chose.
  await app.sql`
    insert into intent (workspace_id, profile_id, id, agent, kind, resource, direction, proposal, state, opposes,
      vetoed_by, veto_reason, activation_id, cause, hop, trail, announced_at, closes_at, ended_at, resolved_by)
    select workspace_id, profile.id, way.id, 'tour/count', 'spend', 'channel:email', 'up',
      '{"purpose": "marketing.promotion", "channel": "webhook"}', way.state, '01O', way.by, way.reason, way.act,
      'm:x', 0, '', now(), now(), now(), way.resolved
    from profile cross join (values ('01C', 'vetoed', 'tour/thank', 'canary', null, null),
      ('01D', 'carried', null, null, '01A', '01P')) as way (id, state, by, reason, act, resolved)
    where profile.id = canonical_id and provenance ? 'orders'`
  await ask(
    admin,
    `mutation { commitTrait(input: { by: { namespace: "user_id", value: "ada" }, key: "plan",
      allows: { type: "string" } }) { errors { message } } }`,
  )
  // An agent of the tour was given up on.
  await app.sql`
    insert into agenda (workspace_id, profile_id, agent, priority, parked, causes, hop, trail, attempts, last_error,
      enqueued_at)
    select workspace_id, id, 'tour/thank', 60, 'dead', array[${`${traceparent};t:01C:orders`}], 1, 'tour/count', 6, 'plugin_threw', now()
    from profile where id = canonical_id limit 1`
  // One was rewritten, and others were not: their replays differ and agree.
  const { id: first } = rowKeyOf(idOf('Activation', ids['activation'] ?? ''))
  await app.sql`update decision set reason = 'rewritten' where activation_id = ${first}`
  const begun = await ask(
    admin,
    `mutation ($document: Json!) { simulatePolicy(input: { document: $document }) {
      simulation { id } errors { message } } }`,
    { document: otherwise },
  )
  await app.simulations.idle()
  await hold(world, admin, colleague.key)
  await askForMore(app)
  await app.idle()
  const [, simulation = ''] = /"id":"([^"]+)"/.exec(JSON.stringify(begun.data)) ?? []
  const asked = await ask(admin, '{ subjectRequests { edges { node { id } } } }')
  const [, subjectRequest = ''] = /"id":"([^"]+)"/.exec(JSON.stringify(asked.data)) ?? []
  await ask(
    admin,
    `mutation { refuseSubjectRequestPart(input: { id: "${subjectRequest}", part: "events",
      reason: SUSPECTED_FRAUD }) { errors { message } } }`,
  )
  await app.observations.flush()
  return { ...ids, simulation, subjectRequest }
}

/** The plugin failed lately, and was quarantined for that before. */
async function fail({ app }: World): Promise<void> {
  const { workspaceId, registry, meter, sql } = app
  const { digest = '' } = registry.all().find(({ pluginId }) => pluginId === 'tour') ?? {}
  const failure = {
    code: 'plugin_timeout',
    message: 'slow',
    profileId: '01P',
    eventId: '01E',
    shape: () => ({ traits: {} }),
  }
  const run = { workspaceId, plugin: 'tour', agent: 'tour', digest, items: 1, ms: 1 }
  const told = { items: 1, failures: 1 }
  app.board.signals.ran({
    ...run,
    denials: 0,
    bytesOut: 0,
    writes: 0,
    conflicts: 0,
    told,
    failures: [failure],
  })
  await meter.flush()
  const lines = [{ at: '2026-01-01T00:00:00Z', level: 'warn', agent: 'tour', message: 'well' }]
  const at = '2026-01-01T00:00:00Z'
  const { code, profileId, eventId } = failure
  await sql`
    update plugin_health set ok_at = now(), quarantine = ${JSON.stringify({
      at,
      code,
      digest,
      profileId,
      eventId,
      strikes: 5,
      lines,
    })}::text::jsonb where plugin_id = 'tour'`
}

/** An objective that was reached, with a task that somebody did. */
async function pursue(app: TestApp): Promise<void> {
  const { workspaceId, sql } = app
  await installPerformers(app, 'crew', { canary: ['canary', '() => finished({})'] })
  await reportOutcome(app, 'crew/canary')
  await sql`
    insert into objective (workspace_id, id, name, purpose, metric, brief, budgets, direction, target, baseline,
      measured, measured_at, state, round, rounds_max, approves_plans, settling_ms, deadline, due_at, created_by,
      created_at, updated_at, ended_at)
    values (${workspaceId}, '01T', 'canary', 'marketing', '{"kind": "sum", "trait": "canary"}', '{"a": "canary"}',
      '{canary}', 'up', 3, 1, 3, now(), 'reached', 1, 3, true, 5, now(), now(), 'principal:1', now(), now(), now())`
  await sql`
    insert into task (workspace_id, objective_id, id, round, key, skill, kind, input, after, joins, on_failure, state,
      performer, tried, attempts, due_at, result, error, created_at, updated_at, ended_at)
    values (${workspaceId}, '01T', '01T', 1, 'canary', 'canary', 'any', '{"a": "canary"}', '{b}', '{"need": "all"}',
      'skip', 'skipped', 'crew/canary', '{crew/canary}', 1, now(), '"canary"', 'canary', now(), now(), now()),
      (${workspaceId}, '01T', '02T', 1, 'other', 'canary', 'any', '{}', '{canary}', '{}', 'skip', 'waiting',
      null, '{}', 0, now(), null, null, now(), now(), null)`
}

/** One version of a plugin waits for approval, one was tried and taken back, and another plugin was purged. */
async function askForMore(app: TestApp): Promise<void> {
  const reader = await readerOf(app, 'admin')
  const actions = createActions(app)
  const files = {
    'plugin.json': pluginManifest({ agents: [probeAgent({ reads: { pii: ['email'] } })] }),
    'plugin.ts': probeCode('() => done()'),
  }
  const signer = createSigner()
  await addPublisher(reader, { key: signer.publicKey, name: 'canary', level: 'verified' })
  const readme = { 'README.md': 'canary' }
  const packages = [
    packedFiles(signer.sign({ ...files, ...readme, 'plugin.json': pluginManifest() })),
    packedFiles(signer.sign({ ...files, ...readme })),
  ]
  for (const bytes of packages) await actions.installPlugin(reader, { package: bytes })
  const next = { ...files, 'plugin.json': pluginManifest({ version: '1.0.1' }) }
  const tried = { package: packedFiles(signer.sign(next)) }
  await actions.installPlugin(reader, tried, { canary: 10 })
  await actions.rollbackPlugin(reader, { plugin: 'probe', comment: 'canary' })
  await app.install('count')
  await actions.purgePlugin(reader, { plugin: 'count' })
}

/** One activation that waits for a person, and one that an officer has approved. */
async function hold({ ask, receiver }: World, admin: string, officer: string): Promise<void> {
  const propose = `mutation { proposeActivation(input: { subject: { namespace: "user_id", value: "ada" },
    purpose: "marketing.promotion", channel: "webhook", destination: "${receiver.url}/canary",
    fields: ["plan"], requires: ["plan"], risk: 0.9 }) { errors { message } activation { id } } }`
  await ask(admin, propose)
  const [, id = ''] = /"id":"([^"]+)"/.exec(JSON.stringify(await ask(admin, propose))) ?? []
  const approve = `approveActivation(input: { id: "${id}", reason: "canary" })`
  const { data } = await ask(officer, `mutation { ${approve} { errors { message } } }`)
  expect(data).toEqual({ approveActivation: { errors: [] } })
}

/** What shows contact data to more, other values to fewer, and lets nothing leave that rests on consent. */
const otherwise: PolicyDocument = {
  title: 'Otherwise',
  rules: shippedPolicy()
    .document.rules.filter(
      ({ id }) => id !== 'consented-activations-leave' && id !== 'operator-reads-harmless',
    )
    .map((rule) =>
      rule.id === 'app-reads-contact-for-service'
        ? { ...rule, purposes: ['service', 'analytics'] }
        : rule,
    ),
}

function idsOf({ data }: Answer): Record<string, string> {
  const text = JSON.stringify(data)
  const [profile = '', activation = '', decision = ''] = [...text.matchAll(/"id":"([^"]+)"/g)].map(
    ([, id]) => id,
  )
  return { profile, activation, decision }
}

/** A document with a test that fails, and a rule that no test tries. */
const candidate: PolicyDocument = {
  title: 'Candidate',
  rules: ['service', 'analytics'].map((purpose) => ({
    id: `apps-read-for-${purpose}`,
    sentence: `Apps read harmless values for ${purpose}.`,
    effect: 'permit',
    roles: ['app'],
    action: 'read',
    subject: 'Profile',
    purposes: [purpose],
    fields: ['class:none'],
    ...(purpose === 'service' ? {} : { when: { restricted: true } }),
    reason: 'candidate',
  })),
  tests: [{ table: 'reading', name: 'red', description: 'Nobody reads.', permits: [] }],
}
/** As GraphQL writes it. */
const literal = (value: object): string => JSON.stringify(value).replaceAll(/"(\w+)":/g, '$1:')

const argumentsWith = (ids: Record<string, string>) => ({
  profile: 'by: { namespace: "user_id", value: "ada" }',
  activation: `id: "${ids['activation']}"`,
  decision: `id: "${ids['decision']}"`,
  node: `id: "${ids['profile']}"`,
  objective: `id: "${encodeId('Objective', '01T')}"`,
  audience: 'purpose: "marketing.promotion", channel: "email"',
  policyVersion: 'number: 1',
  activations: 'filter: { state: HELD }, first: 5',
  policySimulation: `id: "${ids['simulation']}"`,
  policyReport: `document: ${literal(candidate)}`,
  traitDefinition: 'key: "plan"',
  subjectRequest: `id: "${ids['subjectRequest']}"`,
  plugin: 'id: "tour"',
  pluginHoldings: 'plugin: "tour"',
  pluginHealth: 'plugin: "tour"',
  pluginConfig: 'plugin: "tour"',
})

test('every field of the API gives its value under a policy, and none without one', async () => {
  await using world = await openWorld()
  const { app, ask } = world
  const schema = createSchema()
  const admin = await app.principal('admin')
  const ids = await live(world, admin.key)
  const queries = queriesOf(schema, argumentsWith(ids))
  const unasked = Object.keys(schema.getQueryType()?.getFields() ?? {}).filter(
    (name) => !queries.some(({ field }) => field === name),
  )
  expect(unasked).toEqual([])

  const reached = new Set<string>()
  for (const { field, query } of queries) {
    const { data, errors } = await ask(admin.key, query)
    expect({ field, errors }).toEqual({ field, errors: undefined })
    expect([field, saysSomething(data)]).toEqual([field, true])
    for (const name of fieldsIn(data)) reached.add(name)
  }
  expect(unreached(reached)).toEqual([])

  await activatePolicy(app, nothing, 9)
  app.board.signals.send('policy')
  for (const role of roles) {
    const { key } = await app.principal(role)
    for (const { field, query } of queries) {
      const { data, errors } = await ask(key, query)
      const told = [role, field, saysSomething(data)]
      expect(told).toEqual([role, field, false])
      for (const error of errors ?? []) expect(error.extensions.code).toBe('forbidden')
      expect(JSON.stringify(errors ?? [])).not.toMatch(/canary/i)
    }
  }

  await activatePolicy(app, glimpse, 10)
  app.board.signals.send('policy')
  for (const role of roles) {
    const { key } = await app.principal(role)
    for (const { field, query } of queries) {
      const { data, errors } = await ask(key, query)
      expect([role, field, JSON.stringify([data, errors])]).not.toEqual([
        role,
        field,
        expect.stringMatching(/canary/i),
      ])
      if (field === 'profile') expect([role, saysSomething(data)]).toEqual([role, true])
    }
  }
}, 120_000)

/** Fields of types that a query leads to, which no answer held. */
function unreached(reached: ReadonlySet<string>): string[] {
  const types = Object.values(createSchema().getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
  )
  return (
    types
      .filter(({ name }) => !/^(Query|Mutation|Subscription)$|Payload$|^UserError$/.test(name))
      // Told by the mutation that rehearses a version.
      .filter(({ name }) => !name.includes('Rehearsal'))
      .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`))
      .filter((name) => !reached.has(name) && !unborn.has(name))
  )
}

test('no mutation does anything without a rule that permits it', async () => {
  await using world = await openWorld()
  const { app, ask } = world
  await activatePolicy(app, nothing, 9)
  app.board.signals.send('policy')
  const names = Object.keys(createSchema().getMutationType()?.getFields() ?? {})
  expect(Object.keys(inputs).toSorted()).toEqual(names.toSorted())
  for (const role of roles) {
    const { key } = await app.principal(role)
    for (const [name, input] of Object.entries(inputs)) {
      const answer = await ask(key, `mutation { ${name}(input: { ${input} }) { errors { code } } }`)
      expect([role, name, codesOf(answer)]).toEqual([role, name, ['forbidden']])
    }
  }
})

const codesOf = (answer: Answer): string[] =>
  [...JSON.stringify(answer).matchAll(/"code":"(\w+)"/g)].map(([, code]) => code ?? '')

test('no export leaves without a rule that permits it', async () => {
  await using world = await openWorld()
  const { app, api } = world
  const statusOf = async (path: string, key: string) =>
    (await api.request(path, { headers: { Authorization: `Bearer ${key}` } })).status
  const { key: admin } = await app.principal('admin')
  await app.send(identify('ada'))
  const opened = await world.ask(
    admin,
    `mutation { openSubjectRequest(input: { subject: { namespace: "user_id", value: "ada" }, kind: ACCESS,
      verification: { level: VERIFIED, method: LOGIN } }) { subjectRequest { id } } }`,
  )
  const [, request = ''] = /"id":"([^"]+)"/.exec(JSON.stringify(opened.data)) ?? []
  const paths = [
    '/audit/key',
    '/audit/entries',
    '/erasure/tombstones',
    '/metrics',
    `/subject-requests/${request}/package`,
  ]
  for (const path of paths) expect([path, await statusOf(path, admin)]).toEqual([path, 200])
  await activatePolicy(app, nothing, 9)
  app.board.signals.send('policy')
  for (const role of roles) {
    const { key } = await app.principal(role)
    for (const path of paths)
      expect([role, path, await statusOf(path, key)]).toEqual([role, path, 403])
  }
})

test('no subscription begins without a rule that permits it', async () => {
  await using world = await openWorld()
  const { app, api } = world
  await app.send(identify('ada', { plan: 'canary' }))
  await activatePolicy(app, nothing, 9)
  app.board.signals.send('policy')
  const { key } = await app.principal('admin')
  expect(Object.keys(createSchema().getSubscriptionType()?.getFields() ?? {})).toEqual([
    'profileChanged',
  ])
  const query = `subscription { profileChanged(by: { namespace: "user_id", value: "ada" }) { id } }`
  const response = await api.request('/graphql', {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${key}`,
      'Content-Type': 'application/json',
      Accept: 'text/event-stream',
    },
    body: JSON.stringify({ query }),
  })
  expect(await response.text()).toMatch(/"code":"forbidden"/)
})

test('an agent is handed no trait and no event under a policy that permits it none', async () => {
  await using app = await openTestApp()
  await app.install('tour')
  const orders = async (user: string) => {
    await app.send(identify(user), track(user, 'Order Completed', { total: 5 }))
    await app.idle()
    const id = await app.profileOf(user)
    const [row] = await app.sql`select traits from profile where id = ${id}`
    return row?.['traits']
  }
  expect(await orders('ada')).toMatchObject({ orders: 1 })
  await activatePolicy(app, nothing, 9)
  app.board.signals.send('policy')
  expect(await orders('bob')).toEqual({})
})
