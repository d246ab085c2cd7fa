import { describe, expect, test } from 'vitest'
import { readPackage } from '../../../core/host/package.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import type { PolicyRule } from '../../../core/model/policy.ts'
import type { Role } from '../../../core/model/principal.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { listTraitDefinitions, listTraitVersions } from '../../../core/read/listTraitDefinitions.ts'
import { defineTrait } from '../../../core/trait/defineTrait.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { activatePolicy } from '../../support/activatePolicy.ts'
import { identify, openTestApp, testClock, type TestApp } from '../../support/app.ts'
import { pluginFolder, pluginManifest, probeAgent, probeCode } from '../../support/pluginFolder.ts'

const still = { works: false } as const

const readerOf = (app: TestApp, role: Role = 'officer') =>
  createDoorkeeper(app.board, app.policies).read({
    id: role,
    workspaceId: app.workspaceId,
    name: role,
    role,
    purposes: [],
  })

const define = async (app: TestApp, input: object, role?: Role) =>
  defineTrait(await readerOf(app, role), { reason: 'for the test', ...input })

const definitionOf = async (app: TestApp, key: string) =>
  (await app.definitions.of(app.workspaceId)).get(key)

const { document } = shippedPolicy()

const forbidOn = (trait: string): PolicyRule => ({
  id: 'vip-only',
  sentence: 'Nobody in analytics sees who is on the free plan.',
  effect: 'forbid',
  roles: ['app'],
  action: 'read',
  subject: 'Profile',
  purposes: ['analytics'],
  when: { [`traits.${trait}`]: { $in: ['free'] } },
  reason: 'vip_only',
})

describe('defining a trait', () => {
  test('is written with its history and told of in the audit', async () => {
    await using app = await openTestApp(still)
    const plan = { key: 'plan', dataClass: 'none', purposes: ['analytics'] }
    expect(await define(app, plan)).toMatchObject({ key: 'plan', version: 1 })
    await define(app, {
      ...plan,
      version: 1,
      schema: { enum: ['free', 'pro'] },
      ttlMs: 86_400_000,
      reason: 'Only two plans are sold.',
    })
    expect(await definitionOf(app, 'plan')).toMatchObject({ version: 2, ttlMs: 86_400_000 })
    const [history] = await listTraitVersions(await readerOf(app), ['plan'], 10)
    expect(history).toMatchObject([
      { version: 2, schema: { enum: ['free', 'pro'] }, reason: 'Only two plans are sold.' },
      { version: 1, schema: null, author: 'principal:officer' },
    ])
    const audited = await app.sql`
      select actor, object, payload from audit_inbox where action = 'trait.define' order by id`
    expect(audited).toMatchObject([
      { actor: 'principal:officer', object: 'trait:plan', payload: { version: 1, was: null } },
      { payload: { version: 2, class: 'none', was: 'none' } },
    ])
  })

  test('binds this node at once and one that heard nothing within a second', async () => {
    const clock = testClock()
    await using app = await openTestApp({ ...still, clock })
    const deaf = createDoorkeeper({ ...app.board, signals: deafTo(app) }, app.policies)
    const officer = { id: 'o', name: 'o', role: 'officer', purposes: [] } as const
    const there = async () =>
      (await deaf.read({ ...officer, purposes: [], workspaceId: app.workspaceId })).definitions
    expect((await there()).has('plan')).toBe(false)
    await define(app, { key: 'plan', dataClass: 'none' })
    expect((await definitionOf(app, 'plan'))?.dataClass).toBe('none')
    expect((await there()).has('plan')).toBe(false)
    clock.advance(1000)
    expect((await there()).get('plan')?.dataClass).toBe('none')
  })

  test('leaves a history that the database lets nobody change', async () => {
    await using app = await openTestApp(still)
    await define(app, { key: 'plan', dataClass: 'none' })
    for (const statement of [
      `update trait_definition_version set reason = 'other'`,
      'delete from trait_definition_version',
      'truncate trait_definition_version',
    ]) {
      await expect(app.sql.unsafe(statement)).rejects.toThrow(/append-only/)
    }
  })

  test('tells how many values that stand would not fit, and leaves them', async () => {
    await using app = await openTestApp(still)
    await app.send(...['free', 'pro', 'PRO'].map((plan, n) => identify(`u${n}`, { plan })))
    const schema = { enum: ['free', 'pro'] }
    expect(await define(app, { key: 'plan', version: 1, dataClass: 'none', schema })).toMatchObject(
      {
        examined: 3,
        contradicted: 1,
      },
    )
    const plans = await app.sql`select traits ->> 'plan' as plan from profile order by 1`
    expect(plans.map(({ plan }) => plan)).toContain('PRO')
  })
})

/** Signals of a node that nobody reaches. */
const deafTo = (app: TestApp): TestApp['board']['signals'] => ({
  ...app.board.signals,
  on: () => () => false,
})

describe('a definition is refused', () => {
  test('to who may not give it, and leaves no trace', async () => {
    await using app = await openTestApp(still)
    for (const role of ['app', 'operator', 'auditor', 'metrics'] as const) {
      await expect(define(app, { key: 'plan', dataClass: 'none' }, role)).rejects.toMatchObject({
        code: 'forbidden',
      })
    }
    expect(await app.sql`select 1 from trait_definition`).toHaveLength(0)
    await expect(listTraitDefinitions(await readerOf(app, 'app'), {}, {})).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('when it was made of another version than there is', async () => {
    await using app = await openTestApp(still)
    await define(app, { key: 'plan', dataClass: 'none' })
    for (const version of [null, 2]) {
      await expect(define(app, { key: 'plan', version, dataClass: 'none' })).rejects.toMatchObject({
        code: 'trait_version_outdated',
      })
    }
    await expect(define(app, { key: 'new', version: 1, dataClass: 'none' })).rejects.toMatchObject({
      code: 'trait_version_outdated',
      message: expect.stringContaining('at version none'),
    })
  })

  test('to one of two officers who make it at once', async () => {
    await using app = await openTestApp(still)
    const make = (key: string, version: number | null) =>
      Promise.allSettled(
        ['none', 'pseudonymous'].map((dataClass) => define(app, { key, version, dataClass })),
      )
    for (const answers of [await make('plan', null), await make('plan', 1)]) {
      expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      const reason: unknown = answers.find((answer) => answer.status === 'rejected')?.reason
      expect(reason).toMatchObject({ code: 'trait_version_outdated' })
    }
    expect((await definitionOf(app, 'plan'))?.version).toBe(2)
  })

  test.each<[what: string, input: JsonObject, path: string]>([
    ['without a reason', { reason: ' ' }, 'input.reason'],
    ['of an unknown class', { dataClass: 'secret' }, 'input.dataClass'],
    ['for an unknown purpose', { purposes: ['markting'] }, 'input.purposes.0'],
    ['with a pattern', { schema: { pattern: '(a+)+$' } }, 'input.schema'],
    ['with a reference', { schema: { items: { $ref: 'https://x.test' } } }, 'input.schema.items'],
    ['with a key __proto__', { schema: JSON.parse('{"__proto__":{"a":1}}') }, 'input.schema'],
    ['that sums what is sealed', { dataClass: 'contact', mergeRule: 'sum' }, 'input.mergeRule'],
    ['that hears owners and names none', { conflictRule: 'owner' }, 'input.owners'],
    ['with an owner of no kind', { owners: ['crm'] }, 'input.owners.0'],
    ['that lives half a second', { ttlMs: 500 }, 'input.ttlMs'],
    ['named __proto__', { key: '__proto__' }, 'input.key'],
    ['with a word that nobody knows', { clas: 'none' }, 'input'],
  ])('%s', async (_what, input, path) => {
    await using app = await openTestApp(still)
    await expect(define(app, { key: 'plan', dataClass: 'none', ...input })).rejects.toMatchObject({
      status: 400,
      values: { path },
    })
    expect(await app.sql`select 1 from trait_definition`).toHaveLength(0)
  })

  test('when the policy in force asks for the value of what it would seal', async () => {
    await using app = await openTestApp(still)
    await activatePolicy(app, { ...document, rules: [...document.rules, forbidOn('plan')] }, 2)
    await expect(define(app, { key: 'plan', dataClass: 'sensitive' })).rejects.toMatchObject({
      code: 'trait_in_policy',
      values: { rules: 'vip-only' },
    })
    await define(app, { key: 'plan', dataClass: 'pseudonymous' })
    await define(app, { key: 'planet', dataClass: 'sensitive' })
    await activatePolicy(app, document, 3)
    await define(app, { key: 'plan', version: 1, dataClass: 'sensitive' })
  })
})

describe('a trait that a plugin brings', () => {
  async function install(app: TestApp, version: string, trait: JsonObject = {}): Promise<void> {
    await using folder = await pluginFolder({
      'plugin.json': pluginManifest({
        version,
        traits: [{ key: 'probe', class: 'pseudonymous', purposes: ['analytics'], ...trait }],
        agents: [probeAgent()],
      }),
      'plugin.ts': probeCode(`() => write('${version}')`),
    })
    await app.registry.install(app.workspaceId, await readPackage(folder.path), 'test')
  }

  test('may be classed more strictly by an officer, and not less', async () => {
    await using app = await openTestApp(still)
    await install(app, '1.0.0')
    await expect(
      define(app, { key: 'probe', version: 1, dataClass: 'none' }),
    ).rejects.toMatchObject({
      code: 'trait_class_too_open',
      values: { plugin: 'probe', class: 'pseudonymous' },
    })
    await define(app, { key: 'probe', version: 1, dataClass: 'sensitive' })
    expect(await definitionOf(app, 'probe')).toMatchObject({
      dataClass: 'sensitive',
      owner: 'probe/probe',
    })
    await app.registry.remove(app.workspaceId, 'probe', 'test')
    await define(app, { key: 'probe', version: 2, dataClass: 'none' })
  })

  test('keeps through an upgrade what an officer said, unless the manifest asks for more care', async () => {
    await using app = await openTestApp(still)
    await install(app, '1.0.0')
    await define(app, {
      key: 'probe',
      version: 1,
      dataClass: 'pseudonymous',
      purposes: ['service'],
      schema: { maxLength: 9 },
      freshnessMs: 5000,
    })
    await install(app, '1.1.0', { purposes: ['marketing'], schema: { maxLength: 99 } })
    const said = { purposes: ['service'], schema: { maxLength: 9 }, freshnessMs: 5000 }
    expect(await definitionOf(app, 'probe')).toMatchObject({ version: 2, ...said })
    await install(app, '1.2.0', { class: 'contact' })
    expect(await definitionOf(app, 'probe')).toMatchObject({
      version: 3,
      dataClass: 'contact',
      ...said,
    })
    expect(await app.sql`select key, version, state from trait_sealing`).toMatchObject([
      { key: 'probe', version: 3, state: 'sealing' },
    ])
    await define(app, { key: 'probe', version: 3, dataClass: 'special', purposes: ['service'] })
    await install(app, '1.3.0', { class: 'none' })
    expect(await definitionOf(app, 'probe')).toMatchObject({ version: 4, dataClass: 'special' })
  })

  test('gets a version when its manifest says something new, and none when it says the same', async () => {
    await using app = await openTestApp(still)
    await install(app, '1.0.0')
    await install(app, '1.1.0')
    expect((await definitionOf(app, 'probe'))?.version).toBe(1)
    await install(app, '1.2.0', { schema: { type: 'string' } })
    const [history] = await listTraitVersions(await readerOf(app), ['probe'], 10)
    expect(history).toMatchObject([
      { version: 2, author: 'plugin:probe', reason: 'brought by probe 1.2.0' },
      { version: 1, reason: 'brought by probe 1.0.0' },
    ])
  })

  test('is refused when it would seal what the policy in force asks for', async () => {
    await using app = await openTestApp(still)
    await activatePolicy(app, { ...document, rules: [...document.rules, forbidOn('probe')] }, 2)
    await expect(install(app, '1.0.0', { class: 'contact' })).rejects.toMatchObject({
      code: 'trait_in_policy',
    })
    expect(await app.sql`select 1 from plugin`).toHaveLength(0)
    await install(app, '1.0.0')
  })

  test('does not open what was sealed before it came', async () => {
    await using app = await openTestApp(still)
    await app.send(identify('ada', { probe: 'ada@example.com' }))
    await install(app, '1.0.0')
    expect(await definitionOf(app, 'probe')).not.toHaveProperty('openedAt')
  })
})
