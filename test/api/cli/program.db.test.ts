import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runningServer } from '../../../api/cli/client.ts'
import { listen } from '../../../api/server.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { openCli } from '../../support/cli.ts'

test('creates and lists sources, for people and for programs', async () => {
  await using cli = await openCli()
  const created = await cli.run('source', 'create', 'Shop', '--json')
  expect(JSON.parse(created.out)).toMatchObject([{ name: 'Shop' }])
  expect(created.out).toMatch(/"writeKey": "wk_[\w-]{43}"/)
  const listed = await cli.run('source', 'list')
  expect(listed.out).toMatch(/^id +name\n\S+ +Shop$/)
  expect(listed.out).not.toContain('wk_')
})

test('creates, lists and revokes principals', async () => {
  await using cli = await openCli()
  const created = await cli.run(
    'principal',
    'create',
    'shop',
    '--role',
    'app',
    '--purpose',
    'service',
    'analytics',
    '--json',
  )
  const [principal] = JSON.parse(created.out)
  expect(principal).toMatchObject({ role: 'app', purposes: ['service', 'analytics'] })
  expect((await cli.run('principal', 'revoke', principal.id)).code).toBe(0)
  const again = await cli.run('principal', 'revoke', principal.id)
  expect(again).toMatchObject({ code: 1, complaints: expect.stringContaining('no principal') })
  const listed = await cli.run('principal', 'list', '--json')
  expect(JSON.parse(listed.out)).toContainEqual(
    expect.objectContaining({ id: principal.id, revokedAt: expect.any(String) }),
  )
})

test('refuses what the server refuses, in its words and with its remedy', async () => {
  await using cli = await openCli()
  const refused = await cli.run('principal', 'create', 'x', '--role', 'root')
  expect(refused.code).toBe(1)
  expect(refused.complaints).toContain('input.role')
})

test('answers an unknown command or argument with a sentence, the remedy and exit code 2', async () => {
  await using cli = await openCli()
  for (const args of [
    ['sorce'],
    ['source', 'make'],
    ['source', 'list', '--yaml'],
    ['principal', 'create', 'x'],
  ]) {
    const { code, complaints } = await cli.run(...args)
    expect(code).toBe(2)
    expect(complaints).toMatch(/^[A-Z].*\. Run `slateboard --help`/)
  }
  expect((await cli.run('--help')).code).toBe(0)
})

test('exports the active policy, and lints a document with path and remedy', async () => {
  await using cli = await openCli()
  const { document } = shippedPolicy()
  const exported = await cli.run('policy', 'export')
  expect(JSON.parse(exported.out)).toEqual(JSON.parse(JSON.stringify(document)))
  const file = join(cli.dataDir, 'policy.json')
  writeFileSync(file, exported.out)
  expect(await cli.run('policy', 'lint', file)).toMatchObject({ code: 0 })
  writeFileSync(file, exported.out.replace('"permit"', '"allow"'))
  const refused = await cli.run('policy', 'lint', file)
  expect(refused).toMatchObject({ code: 1, complaints: expect.stringContaining('effect') })
})

test('lints all that is wrong at once, a line or an object each, and a key that stands twice', async () => {
  await using cli = await openCli()
  const file = join(cli.dataDir, 'policy.json')
  const text = JSON.stringify(shippedPolicy().document)
  writeFileSync(file, text.replace('"permit"', '"allow"').replace('"app"', '"aap"'))
  const { code, complaints } = await cli.run('policy', 'lint', file)
  expect(code).toBe(1)
  expect(complaints).toMatch(
    /rules\.0\.effect is "allow".*\n.*roles\.0 is "aap".*Did you mean app\?/,
  )
  const asJson = await cli.run('policy', 'lint', file, '--json')
  expect(JSON.parse(asJson.out)).toMatchObject([{ path: 'rules.0.effect' }, { value: '"aap"' }])
  writeFileSync(file, text.replace('"title":', '"title":"Two","title":'))
  const twice = await cli.run('policy', 'propose', file, '--reason', 'test')
  expect(twice).toMatchObject({ code: 1, complaints: expect.stringContaining('stands twice') })
})

test('prints the schema of policy documents', async () => {
  await using cli = await openCli()
  expect(JSON.parse((await cli.run('policy', 'schema')).out)).toMatchObject({
    title: 'Slateboard policy',
    properties: { rules: { type: 'array' } },
  })
})

test('goes through a running server, and opens the database itself when none runs', async () => {
  await using cli = await openCli()
  await using server = await listen(cli.app, { host: '127.0.0.1', port: 0 })
  await cli.run('source', 'list')
  expect(cli.opened).toHaveLength(1)
  const file = join(cli.dataDir, 'server.json')
  writeFileSync(file, JSON.stringify({ url: server.url, pid: process.pid }))
  expect((await cli.run('source', 'create', 'Over HTTP')).code).toBe(0)
  expect(cli.opened).toHaveLength(1)
  expect((await cli.run('source', 'list')).out).toContain('Over HTTP')
  // No process has this number: a crash left the file behind.
  writeFileSync(file, JSON.stringify({ url: server.url, pid: 2 ** 30 }))
  expect(runningServer(cli.dataDir)).toBeUndefined()
})
