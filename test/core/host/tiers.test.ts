import { expect, test } from 'vitest'
import { readPackage } from '../../../core/host/package.ts'
import { pluginFolder, pluginManifest, probeCode } from '../../support/pluginFolder.ts'
import { probeHost, probeInput, probePackage } from '../../support/probeHost.ts'

const packageOf = async (tier: string, code: string) => {
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({ tier }),
    'plugin.ts': code,
  })
  return await readPackage(folder.path)
}

const hashing = `import { createHash } from 'node:crypto'\n${probeCode(
  `() => write(createHash('sha256').update('a').digest('hex').slice(0, 8))`,
)}`

test('a process plugin computes with built-ins and waits for what they promise', async () => {
  await using own = probeHost({ cells: 1 })
  await own.host.load('hash', await packageOf('process', hashing))
  const waiting = `import { setTimeout as pause } from 'node:timers/promises'\n${probeCode(
    `async () => { await pause(5); return write('waited') }`,
  )}`
  await own.host.load('wait', await packageOf('process', waiting))
  expect(await own.host.react('hash', 'probe', [probeInput('x')])).toMatchObject([
    { outcome: { writes: { probe: { value: 'ca978112' } } } },
  ])
  expect(await own.host.react('wait', 'probe', [probeInput('x'), probeInput('x')])).toMatchObject([
    { outcome: { writes: { probe: { value: 'waited' } } } },
    { ok: true },
  ])
  expect(own.host.stats().plugins).toMatchObject([{ tier: 'process' }, { tier: 'process' }])
})

test.each(['node:fs', 'fs', 'node:child_process', 'node:sqlite', 'node:v8', 'node:vm'])(
  'a process plugin that imports %s is refused when it is read',
  async (name) => {
    const code = `import x from '${name}'\n${probeCode('() => write(typeof x)')}`
    await expect(packageOf('process', code)).rejects.toMatchObject({
      code: 'plugin_import_refused',
    })
    await expect(packageOf('trusted', code)).resolves.toMatchObject({
      manifest: { tier: 'trusted' },
    })
  },
)

test('a process plugin that asks for a dangerous module when it runs is refused', async () => {
  await using own = probeHost({ cells: 1 })
  // The name is put together at run time, so that reading the package cannot see it.
  const handler = `() => {
    const tries = ['fs', 'child_process', 'worker_threads', 'v8'].map((name) => () => require('node:' + name))
    tries.push(() => process.getBuiltinModule('fs'), () => process.binding('fs'), () => process.kill(1, 0))
    return write(tries.filter((attempt) => { try { attempt(); return true } catch { return false } }).length)
  }`
  await own.host.load('sly', await probePackage(handler, {}, 'sly', undefined, 'process'))
  expect(await own.host.react('sly', 'probe', [probeInput('x')])).toMatchObject([
    { outcome: { writes: { probe: { value: 0 } } } },
  ])
})

test('a trusted plugin is refused unless it is known to be of the makers', async () => {
  const pkg = await packageOf('trusted', hashing)
  await using strict = probeHost({ cells: 1 })
  await expect(strict.host.load('ours', pkg)).rejects.toMatchObject({ code: 'plugin_tier_refused' })
  await using open = probeHost({ cells: 1, isFirstParty: ({ digest }) => digest === pkg.digest })
  await open.host.load('ours', pkg)
  expect(await open.host.react('ours', 'probe', [probeInput('x')])).toMatchObject([{ ok: true }])
  const other = await packageOf('trusted', probeCode('() => done()'))
  await expect(open.host.load('theirs', other)).rejects.toMatchObject({
    code: 'plugin_tier_refused',
  })
})

test('QuickJS takes over with a warning where isolated-vm does not load', async () => {
  await using own = probeHost({ cells: 1, addon: '/nowhere/isolated_vm.node' })
  await own.host.load('probe', await probePackage('() => write(1)'))
  expect(await own.host.react('probe', 'probe', [probeInput('x')])).toMatchObject([{ ok: true }])
  expect(own.host.stats().cells).toMatchObject([{ backend: 'quickjs', restarts: 0 }])
  expect(own.logs).toMatchObject([
    { level: 'warn', message: expect.stringMatching(/isolated-vm does not load .*QuickJS/) },
  ])
})

test('a forced isolate does not fall back', async () => {
  await using own = probeHost({ cells: 1, backend: 'isolate', addon: '/nowhere/isolated_vm.node' })
  await expect(own.host.load('probe', await probePackage('() => write(1)'))).rejects.toMatchObject({
    code: 'sandbox_unavailable',
  })
})
