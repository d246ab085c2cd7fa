import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openClient } from '../../../api/cli/client.ts'
import type { CommandTable } from '../../../api/cli/context.ts'
import { runCommand } from '../../../api/cli/program.ts'
import { createApp } from '../../../api/server.ts'
import { createActions } from '../../../core/actions.ts'
import { startFlow } from '../../../core/flow/flow.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { curious, filesOf } from '../../core/plugin/given.ts'
import { openTestApp, track } from '../../support/app.ts'
import { createSigner } from '../../support/packed.ts'
import { pluginFolder } from '../../support/pluginFolder.ts'

/** Commands of two people over a platform without its steps. */
async function open() {
  const app = await openTestApp({ works: false })
  const door = createDoorkeeper(app.board, app.policies)
  const api = createApp({
    board: app.board,
    door,
    actions: createActions(app),
    metrics: app.metrics.registry,
    unready: () => [],
    routes: [],
    production: true,
  })
  const dataDir = mkdtempSync(join(tmpdir(), 'slate-cli-'))
  const as = (adminKey: string) => {
    const openLocal = () =>
      Promise.resolve({
        fetch: (request: Request) => api.fetch(request),
        adminKey,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      })
    return async (...args: string[]) => {
      const out: string[] = []
      const complaints: string[] = []
      const table: CommandTable = {
        start: () => Promise.resolve(),
        demo: () => Promise.resolve(),
        migrate: () => Promise.resolve({ applied: [] }),
        openClient: () => openClient({ dataDir, adminKey, openLocal }),
        write: (line) => out.push(line),
      }
      const code = await runCommand(['plugin', ...args], table, (line) => complaints.push(line))
      return { code, out: out.join('\n'), complaints: complaints.join('\n') }
    }
  }
  const admin = as((await app.principal('admin')).key)
  const officer = as((await app.principal('officer')).key)
  return { app, admin, officer, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

test('takes a harmless plugin through its life, each step in words', async () => {
  await using it = await open()
  await using folder = await pluginFolder({ ...filesOf(), 'README.md': '# Counts orders' })
  const seen = await it.admin('inspect', folder.path)
  expect(seen).toMatchObject({ code: 0, complaints: '' })
  expect(seen.out).toContain('+ probe is woken by the event Order.')
  expect((await it.admin('show', 'probe')).complaints).toContain('There is no plugin probe')
  expect((await it.admin('install', folder.path)).out).toMatch(/probe +active +- +running +1\.0\.0/)
  expect((await it.admin('list')).out).toMatch(/probe\/probe +1\.0\.0 +ACTIVE +service/)
  expect((await it.admin('show', 'probe')).out).toContain('# Counts orders')
  expect((await it.admin('pause', 'probe')).out).toMatch(/probe +paused/)
  expect((await it.admin('pause', 'probe')).complaints).toContain('Resume or remove it.')
  expect((await it.admin('resume', 'probe')).out).toMatch(/probe +active/)
  expect((await it.admin('release', 'probe')).code).toBe(1)
  const counted = await it.admin('purge', 'probe', '--json')
  expect(JSON.parse(counted.out)).toMatchObject([{ plugin: 'probe', versions: 1, values: 0 }])
  expect((await it.admin('remove', 'probe')).out).toContain('purge probe --yes')
  expect((await it.admin('purge', 'probe')).out).toContain('Nothing was deleted.')
  expect((await it.admin('show', 'probe')).out).toMatch(/probe +removed/)
  expect((await it.admin('purge', 'probe', '--yes')).code).toBe(0)
  expect((await it.admin('show', 'probe')).out).toContain('Being deleted')
})

test('has a reader of personal data approved by somebody else, as far as its publisher is trusted', async () => {
  await using it = await open()
  const signer = createSigner()
  await using folder = await pluginFolder(signer.sign(filesOf({ agent: curious })))
  const added = await it.admin('publisher', 'add', signer.publicKey, 'Acme')
  expect(added.out).toMatch(/Acme +VERIFIED/)
  expect((await it.admin('trust', 'pii', 'verified')).out).toMatch(/pii +verified/)
  expect((await it.admin('trust')).out).toMatch(/network +community/)
  const asked = await it.admin('install', folder.path, '--yes')
  expect(asked.code).toBe(1)
  expect(asked.out).toContain('signed by Acme, trusted as verified')
  expect(asked.out).toContain('+ probe reads the personal data email for service.  [pii]')
  expect(asked.complaints).toContain('Have somebody else approve it.')
  expect((await it.officer('approve', 'probe')).out).toMatch(/probe +active/)
  expect((await it.officer('refuse', 'probe')).complaints).toContain('waits for approval')
  expect((await it.admin('publisher', 'list')).out).toContain(signer.publicKey)
  expect((await it.admin('publisher', 'remove', signer.publicKey)).code).toBe(0)
  expect((await it.officer('publisher', 'list')).out).toBe('None yet.')
})

test('takes a key that begins like an option for a key, and an option that is none for a mistake', async () => {
  await using it = await open()
  const key = `-${'A'.repeat(42)}`
  expect(await it.admin('publisher', 'add', key, 'Acme', '--level', 'core')).toMatchObject({
    code: 0,
    complaints: '',
  })
  expect((await it.admin('publisher', 'add', key, 'Acme', '--levl', 'core')).code).not.toBe(0)
  expect((await it.admin('publisher', 'remove', key)).code).toBe(0)
})

test('says how a plugin fares, and what it wrote', async () => {
  await using it = await open()
  await using folder = await pluginFolder(
    filesOf({ code: `(_, ctx) => { ctx.log('warn', 'no luck'); throw new Error('out of luck') }` }),
  )
  await it.admin('install', folder.path)
  expect((await it.admin('show', 'probe')).out).toContain('Not called yet.')
  expect((await it.admin('logs', 'probe')).out).toBe('None yet.')
  expect((await it.admin('logs', 'stranger')).complaints).toContain('There is no plugin stranger')
  await it.app.send(track('ada', 'Order', { note: 'Elm Street' }))
  await using flow = startFlow(it.app)
  await flow.idle()
  await it.app.meter.flush()
  const shown = (await it.admin('show', 'probe')).out
  expect(shown).toMatch(/\d items in \d calls, \d failed/)
  expect(shown).toContain('probe/probe threw: Error: out of luck')
  expect(shown).toContain('"traits":{}')
  expect(shown).not.toContain('Elm Street')
  expect((await it.admin('logs', 'probe')).out).toMatch(/warn +probe +no luck/)
  const lines = await it.officer('logs', 'probe', '--json')
  expect(JSON.parse(lines.out)[0]).toMatchObject({ level: 'warn', message: 'no luck' })
})

test('rehearses a package, or the version that waits, and says in words what it would have changed', async () => {
  await using it = await open()
  const code = (value: string) =>
    `({ causes }) => done({ writes: { counted: { value: ${value} } } })`
  await using old = await pluginFolder(filesOf({ code: code('1') }))
  await it.admin('install', old.path)
  for (const user of ['ada', 'bob', 'cyd']) await it.app.send(track(user, 'Order'))
  await using same = await pluginFolder(filesOf({ version: '1.3.0', code: code('1') }))
  expect((await it.admin('rehearse', same.path)).out).toContain(
    'probe 1.3.0 would have changed none of the last 3 reactions of 1.0.0.',
  )
  const agent = { triggers: { events: ['Order', 'Refund'] } }
  await using other = await pluginFolder(filesOf({ version: '1.4.0', code: code('2'), agent }))
  const told = await it.admin('rehearse', other.path, '--last', '2')
  expect(told).toMatchObject({ code: 0, complaints: '' })
  expect(told.out.split('\n').slice(0, 3)).toEqual([
    'probe 1.4.0 would have changed 2 of the last 2 reactions of 1.0.0; here they are.',
    'probe: 2 reactions, 0 as before, 2 changed.',
    '  2 times trait counted changed',
  ])
  expect(told.out).toContain(`profile ${await it.app.profileOf('cyd')} (probe):`)
  expect((await it.admin('rehearse', 'probe')).complaints).toContain('No version of probe waits')
  await it.admin('install', other.path)
  const read = JSON.parse((await it.officer('rehearse', 'probe', '--json')).out)
  expect(read).toMatchObject({ version: '1.4.0', base: '1.0.0', changed: 3, compared: 3 })
  expect((await it.officer('rehearse', other.path)).code).toBe(1)
  expect((await it.admin('rehearse', 'probe', '--last', 'many')).complaints).toContain(
    '"many" is not from 1 to 2000',
  )
})

test('tries a version on a share of the profiles, takes it over and steps back, each step in words', async () => {
  await using it = await open()
  await using one = await pluginFolder(filesOf())
  await using two = await pluginFolder(filesOf({ version: '2.0.0' }))
  await using three = await pluginFolder(filesOf({ version: '3.0.0', agent: curious }))
  const first = await it.admin('upgrade', one.path)
  expect(first).toMatchObject({ code: 1, out: '' })
  expect(first.complaints).toContain('There is no plugin probe')
  await it.admin('install', one.path)
  expect((await it.admin('rollback', 'probe')).complaints).toContain('before this one')
  for (const share of ['0', '100', 'half']) {
    const wrong = await it.admin('upgrade', two.path, '--canary', share)
    expect(wrong.complaints).toContain('from 1 to 99')
  }
  const tried = await it.admin('upgrade', two.path, '--canary', '10')
  expect(tried.out).toMatch(/probe +active .*1\.0\.0 .*2\.0\.0 on 10 %/)
  expect((await it.admin('list')).out).toContain('2.0.0 on 10 %')
  const moved = await it.admin('canary', 'probe', '--share', '50')
  expect(moved.out).toContain('Rollout of 2.0.0: canary on 50 % of the profiles')
  expect(moved.out).toContain('0 of 0 items failed')
  expect((await it.officer('promote', 'probe')).code).toBe(1)
  const promoted = await it.admin('promote', 'probe')
  expect(promoted.out).toMatch(/probe +active .*2\.0\.0/)
  expect(promoted.out).toContain('Rollout of 2.0.0: watching')
  expect((await it.admin('canary', 'probe', '--share', '5')).complaints).toContain('--canary 10')
  const back = await it.admin('rollback', 'probe', '--comment', 'too loud')
  expect(back.out).toContain('Rollout of 2.0.0: rolled back (too loud)')
  const shown = await it.admin('show', 'probe')
  expect(shown.out).toContain('Before it: 2.0.0')
  const asked = await it.admin('install', three.path, '--canary', '20')
  expect(asked.out).toContain('Approve it with: slateboard plugin approve probe')
  expect((await it.admin('show', 'probe')).out).toContain(
    '3.0.0 waits for 20 % of the profiles, asked for by',
  )
  const json = JSON.parse((await it.admin('show', 'probe', '--json')).out)
  expect(json).toMatchObject({
    previousVersion: { version: '2.0.0' },
    rollout: { version: '2.0.0', state: 'ROLLED_BACK', share: 100, items: 0, baseItems: 0 },
  })
  expect((await it.officer('approve', 'probe', '--canary', 'all')).complaints).toContain('1 to 99')
  await it.admin('trust', 'pii', 'local')
  const agreed = await it.officer('approve', 'probe', '--canary', '5')
  expect(agreed.out).toMatch(/probe +active .*1\.0\.0 .*3\.0\.0 on 5 %/)
})
