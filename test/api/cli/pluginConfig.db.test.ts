import { expect, test } from 'vitest'
import { openCli } from '../../support/cli.ts'

const manifest = {
  config: {
    schema: { properties: { step: { type: 'integer', default: 2 }, code: { type: 'string' } } },
    secrets: [{ name: 'API_KEY', description: 'of the receiver', required: true }],
  },
}

async function open() {
  const cli = await openCli()
  const id = cli.workspaceId
  await cli.sql`
    insert into plugin_version
      (workspace_id, plugin_id, digest, version, manifest, bundle, installed_by, installed_at)
    values (${id}, 'keeper', 'd', '1.0.0', ${cli.sql.json(manifest)}, '', 'test', now())`
  await cli.sql`
    insert into plugin (workspace_id, id, state, digest, updated_at)
    values (${id}, 'keeper', 'active', 'd', now())`
  return cli
}

test('shows and sets what a plugin takes, never a secret, and brings a version back', async () => {
  await using cli = await open()
  const { key } = await cli.principal('admin')
  const admin = cli.as(key)
  const before = await admin('plugin', 'config', 'keeper')
  expect(before.out).toContain('config was never set')
  expect(before.out).toContain(
    'Its agents do not run: API_KEY: the secret is required and not set.',
  )
  const set = await admin(
    'plugin',
    'config',
    'keeper',
    '--set',
    'step=5',
    'code=007',
    '--secret',
    'API_KEY=planted-secret',
    '--reason',
    'spring',
  )
  expect(set).toMatchObject({ code: 0 })
  expect(set.out).toMatch(/\ncode +"007" +yes\nstep +5 +yes\nAPI_KEY +secret, by principal:/)
  expect(set.out).not.toContain('planted-secret')
  expect((await admin('plugin', 'config', 'keeper', '--unset', 'step')).out).toMatch(
    /\nstep +2 +default/,
  )
  const back = await admin('plugin', 'config', 'keeper', '--rollback', '1', '--json')
  expect(JSON.parse(back.out)).toMatchObject({
    number: 3,
    values: { step: 5, code: '007' },
    waitsFor: null,
    history: [
      { returnsTo: 1 },
      { number: 2 },
      { number: 1, reason: 'spring', secrets: ['API_KEY'] },
    ],
  })
})

test('tells what is wrong, with the path and without the value', async () => {
  await using cli = await open()
  const { key } = await cli.principal('admin')
  const admin = cli.as(key)
  const refused = await admin('plugin', 'config', 'keeper', '--set', 'step=many')
  expect(refused.code).not.toBe(0)
  expect(JSON.stringify(refused)).toContain('not usable at step')
  const unknown = await admin('plugin', 'config', 'nobody', '--set', 'step=1')
  expect(JSON.stringify(unknown)).toContain('There is no plugin nobody')
  const bare = await admin('plugin', 'config', 'keeper', '--secret', 'planted-secret')
  expect(JSON.stringify(bare)).not.toContain('planted-secret')
})
