import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openClient, runningServer } from '../../../api/cli/client.ts'
import type { CommandTable } from '../../../api/cli/context.ts'
import { runCommand } from '../../../api/cli/program.ts'
import { listen } from '../../../api/server.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { openGraph } from '../../support/graph.ts'

/** Commands over a seeded workspace; what they print, by line. */
async function open() {
  const graph = await openGraph()
  const admin = await graph.principal('admin')
  const dataDir = mkdtempSync(join(tmpdir(), 'slate-cli-'))
  const opened: string[] = []
  const table: CommandTable = {
    start: () => Promise.resolve(),
    demo: () => Promise.resolve(),
    migrate: () => Promise.resolve({ applied: [] }),
    openClient: () =>
      openClient({
        dataDir,
        adminKey: admin.key,
        openLocal: () => {
          opened.push('local')
          return Promise.resolve({
            fetch: (request) => graph.app.fetch(request),
            adminKey: admin.key,
            [Symbol.asyncDispose]: () => Promise.resolve(),
          })
        },
      }),
    audit: {
      verify: () => Promise.resolve({ valid: true, entries: 3 }),
      export: () => Promise.resolve({ entries: 0 }),
    },
    write: (line) => out.push(line),
  }
  let out: string[] = []
  async function run(...args: string[]) {
    out = []
    const complaints: string[] = []
    const code = await runCommand(args, table, (line) => complaints.push(line))
    return { code, out: out.join('\n'), complaints: complaints.join('\n') }
  }
  return {
    ...graph,
    admin,
    dataDir,
    opened,
    run,
    [Symbol.asyncDispose]: () => graph[Symbol.asyncDispose](),
  }
}

test('creates and lists sources, for people and for programs', async () => {
  await using cli = await open()
  const created = await cli.run('source', 'create', 'Shop', '--json')
  expect(JSON.parse(created.out)).toMatchObject([{ name: 'Shop' }])
  expect(created.out).toMatch(/"writeKey": "wk_[\w-]{43}"/)
  const listed = await cli.run('source', 'list')
  expect(listed.out).toMatch(/^id +name\n\S+ +Shop$/)
  expect(listed.out).not.toContain('wk_')
})

test('creates, lists and revokes principals', async () => {
  await using cli = await open()
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
  await using cli = await open()
  const refused = await cli.run('principal', 'create', 'x', '--role', 'root')
  expect(refused.code).toBe(1)
  expect(refused.complaints).toContain('input.role')
})

test('answers an unknown command or argument with a sentence, the remedy and exit code 2', async () => {
  await using cli = await open()
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
  await using cli = await open()
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

test('goes through a running server, and opens the database itself when none runs', async () => {
  await using cli = await open()
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
