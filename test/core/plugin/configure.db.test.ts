import { describe, expect, test } from 'vitest'
import { createActions } from '../../../core/actions.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { purgeSettleMs } from '../../../core/plugin/continuePurge.ts'
import { holdingsOf } from '../../../core/plugin/removePlugin.ts'
import { findConfig } from '../../../core/read/findConfig.ts'
import { openTestApp, testClock, track, type TestApp } from '../../support/app.ts'
import { keeper } from '../../support/keeper.ts'
import { readerOf } from '../../support/readerOf.ts'
import { findTexts } from '../../support/scan.ts'

const config = {
  schema: {
    type: 'object',
    properties: {
      threshold: { type: 'integer', minimum: 1, default: 5 },
      label: { type: 'string', maxLength: 10 },
    },
    required: ['label'],
  },
  secrets: [{ name: 'API_KEY', description: 'of the receiver' }],
}
const shown = { handler: `({ config }) => write(config)`, config }

type Given = Parameters<typeof keeper>[0]

async function openConfigured(given: Given = shown) {
  const clock = testClock()
  const app = await openTestApp({ clock })
  const reader = await readerOf(app, 'admin')
  const actions = createActions(app)
  await install(app, given)
  return {
    app,
    clock,
    reader,
    configure: (input: object) => actions.configurePlugin(reader, { plugin: 'keeper', ...input }),
    rollback: (number: number) =>
      actions.rollbackPluginConfig(reader, { plugin: 'keeper', number, reason: 'back' }),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

async function install(app: TestApp, given: Given): Promise<void> {
  await app.registry.install(app.workspaceId, await keeper(given), 'test')
}

/** What the agent was handed with its newest order. */
async function handed(app: TestApp): Promise<unknown> {
  await app.send(track('ada', 'Order'))
  await app.idle()
  const [row] = await app.sql<{ traits: JsonObject }[]>`select traits from profile`
  return row?.traits['probe']
}

describe('what is set', () => {
  test('is handed to the next batch with defaults filled in, and until then nothing runs and it says why', async () => {
    await using given = await openConfigured()
    const { app, configure, reader } = given
    expect(await handed(app)).toBeUndefined()
    expect(await app.sql`select attempts, lease_owner from agenda`).toEqual([
      { attempts: 0, lease_owner: null },
    ])
    const { waitsFor } = await findConfig(reader, 'keeper')
    expect(waitsFor).toBe('label: it is required and has neither a value nor a default')
    await configure({ values: { label: 'one' } })
    await app.idle()
    expect(await handed(app)).toEqual({ threshold: 5, label: 'one' })
    await configure({ values: { threshold: 7 } })
    expect(await handed(app)).toEqual({ threshold: 7, label: 'one' })
    await configure({ values: { threshold: null } })
    expect(await handed(app)).toEqual({ threshold: 5, label: 'one' })
  })

  test.each([
    [{ values: { label: 'one', threshold: 0 } }, 'threshold', /\/minimum/],
    [{ values: { labl: 'one' } }, 'labl', /did you mean label\?/],
    [{ values: { threshold: 2 } }, 'label', /required/],
    [{ secrets: [{ name: 'API_KEI', value: 'x' }] }, 'API_KEI', /did you mean API_KEY\?/],
  ])('is refused with its path, and nothing is written: %j', async (input, key, reason) => {
    await using given = await openConfigured()
    await expect(given.configure(input)).rejects.toMatchObject({
      code: 'plugin_config_invalid',
      values: { key, path: `input.${key}`, reason: expect.stringMatching(reason) },
    })
    expect(await given.app.sql`select 1 from plugin_config_version`).toHaveLength(0)
  })

  test('is kept version by version, and comes back in one step', async () => {
    await using given = await openConfigured()
    const { app, configure, rollback, reader } = given
    await configure({ values: { label: 'one' }, reason: 'start' })
    await configure({ values: { label: 'two' } })
    await rollback(1)
    expect(await handed(app)).toEqual({ threshold: 5, label: 'one' })
    const { history, number } = await findConfig(reader, 'keeper')
    expect(number).toBe(3)
    expect(history).toMatchObject([
      { number: 3, config: { label: 'one' }, returnsTo: 1, reason: 'back' },
      { number: 2, config: { label: 'two' }, returnsTo: null },
      { number: 1, config: { label: 'one' }, reason: 'start' },
    ])
    await expect(rollback(9)).rejects.toMatchObject({ code: 'not_found' })
    await expect(app.sql`update plugin_config_version set config = '{}'`).rejects.toThrow(
      /append-only/,
    )
    await expect(app.sql`delete from plugin_config_version`).rejects.toThrow(/append-only/)
  })

  test('is refused to whoever may not administer plugins', async () => {
    await using given = await openConfigured()
    const { app } = given
    const auditor = await readerOf(app, 'auditor')
    const actions = createActions(app)
    const input = { plugin: 'keeper', values: { label: 'x' } }
    await expect(actions.configurePlugin(auditor, input)).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

describe('a secret', () => {
  const secret = 'sk-planted-secret-93'

  test('is found nowhere in the open, told of by name only, and given to the platform alone', async () => {
    await using given = await openConfigured()
    const { app, configure, reader } = given
    await configure({ values: { label: 'one' }, secrets: [{ name: 'API_KEY', value: secret }] })
    expect(await findTexts(app.sql, [secret])).toEqual([])
    const found = await findConfig(reader, 'keeper')
    expect(JSON.stringify(found)).not.toContain(secret)
    expect(found.secrets).toMatchObject([
      { name: 'API_KEY', isSet: true, setBy: `principal:${reader.principal.id}` },
    ])
    expect(found.history).toMatchObject([{ secrets: ['API_KEY'] }])
    expect(await handed(app)).toEqual({ threshold: 5, label: 'one' })
    const held = await app.secrets.secretsOf(app.workspaceId, 'keeper')
    expect([...held]).toEqual([['API_KEY', secret]])
    await configure({ secrets: [{ name: 'API_KEY', value: null }] })
    expect([...(await app.secrets.secretsOf(app.workspaceId, 'keeper'))]).toEqual([])
  })

  test('is not given to a version that does not declare it (refused)', async () => {
    await using given = await openConfigured()
    const { app, configure } = given
    await configure({ secrets: [{ name: 'API_KEY', value: secret }] })
    await install(app, { ...shown, version: '2.0.0', config: { schema: config.schema } })
    expect([...(await app.secrets.secretsOf(app.workspaceId, 'keeper'))]).toEqual([])
  })
})

describe('an upgrade', () => {
  const withProperties = (version: string, properties: JsonObject, required: string[] = []) => ({
    ...shown,
    version,
    config: { schema: { ...config.schema, properties, required } },
  })

  test('that refuses what is set is not installed, and the version before goes on', async () => {
    await using given = await openConfigured()
    const { app, configure } = given
    await configure({ values: { label: 'one' } })
    const stricter = withProperties('2.0.0', { label: { enum: ['two'] } })
    await expect(install(app, stricter)).rejects.toMatchObject({
      code: 'plugin_config_refused',
      values: { key: 'label', version: '2.0.0' },
    })
    const needs = withProperties('2.0.0', { label: {}, more: { type: 'string' } }, ['more'])
    await expect(install(app, needs)).rejects.toMatchObject({
      code: 'plugin_config_refused',
      values: { key: 'more' },
    })
    expect(await handed(app)).toEqual({ threshold: 5, label: 'one' })
  })

  test('takes defaults for its new keys, and is not handed what it no longer knows', async () => {
    await using given = await openConfigured()
    const { app, configure } = given
    await configure({ values: { label: 'one', threshold: 9 } })
    const more = { type: 'string', default: 'new' }
    await install(app, withProperties('2.0.0', { label: { type: 'string' }, more }, ['more']))
    expect(await handed(app)).toEqual({ label: 'one', more: 'new' })
  })
})

test('a purge leaves nothing of it but the history of what was set', async () => {
  await using given = await openConfigured({
    ...shown,
    handler: `() => done({ state: { profile: { seen: 1 }, plugin: { total: 1 } } })`,
    state: { version: 1, profile: ['seen'], plugin: ['total'] },
  })
  const { app, clock, configure, reader } = given
  const { sql } = app
  await configure({ values: { label: 'one' }, secrets: [{ name: 'API_KEY', value: 'x' }] })
  await app.send(...['a', 'b', 'c'].map((user) => track(user, 'Order')))
  await app.idle()
  expect(await holdingsOf(reader, 'keeper')).toMatchObject({ states: 3, keys: 1, secrets: 1 })
  await createActions(app).purgePlugin(reader, { plugin: 'keeper' })
  await app.idle()
  clock.advance(purgeSettleMs)
  await app.idle()
  expect(await holdingsOf(reader, 'keeper')).toMatchObject({ states: 0, keys: 0, secrets: 0 })
  expect(await sql`select number, config from plugin_config_version order by number`).toEqual([
    { number: 1, config: { label: 'one' } },
    { number: 2, config: {} },
  ])
})
