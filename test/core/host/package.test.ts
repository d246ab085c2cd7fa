import { link, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { digestOf, readPackage } from '../../../core/host/package.ts'
import { pluginFolder, pluginManifest, probeCode } from '../../support/pluginFolder.ts'

const good = { 'plugin.json': pluginManifest(), 'plugin.ts': probeCode('() => done()') }

test('bundles the main file and what it imports into one script without imports', async () => {
  await using folder = await pluginFolder({
    ...good,
    'plugin.ts': `import { answer } from './answer.ts'\n${probeCode('() => write(answer)')}`,
    'answer.ts': 'export const answer: number = 42',
  })
  const { bundle, manifest } = await readPackage(folder.path)
  expect(manifest.id).toBe('probe')
  expect(bundle).toContain('answer = 42')
  expect(bundle).not.toMatch(/^\s*(import|export)\b|\brequire\(/m)
})

test('gives equal folders equal digests wherever they lie, and other code another digest', async () => {
  await using here = await pluginFolder(good)
  await using there = await pluginFolder(good)
  await using changed = await pluginFolder({
    ...good,
    'plugin.ts': probeCode('() => cancel("no")'),
  })
  const [first, second, third] = await Promise.all(
    [here, there, changed].map((folder) => readPackage(folder.path)),
  )
  expect(first?.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(second?.digest).toBe(first?.digest)
  expect(third?.digest).not.toBe(first?.digest)
  expect(first && digestOf(first.manifest, first.bundle)).toBe(first?.digest)
})

test('accepts a main file that is JavaScript already', async () => {
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({ main: 'plugin.js' }),
    'plugin.js': 'export default { agents: { probe: () => ({ kind: "snooze", ms: 1000 }) } }',
  })
  expect((await readPackage(folder.path)).bundle).toContain('snooze')
})

test('runs nothing of the plugin while reading it', async () => {
  await using folder = await pluginFolder({ ...good, 'plugin.ts': 'throw new Error("I ran")' })
  await expect(readPackage(folder.path)).resolves.toMatchObject({ manifest: { id: 'probe' } })
})

test.each([
  ['a package', `import x from 'lodash'`, 'lodash'],
  ['a Node built-in', `import x from 'node:fs'`, 'node:fs'],
  ['a Node built-in by its old name', `const x = require('fs')`, 'fs'],
  ['an absolute path', `import x from '/etc/hosts.json'`, '/etc/hosts.json'],
  ['a dynamic package', `const x = () => import('undici')`, 'undici'],
])('refuses the import of %s and names it', async (_what, code, specifier) => {
  await using folder = await pluginFolder({ ...good, 'plugin.ts': `${code}\nexport default x` })
  await expect(readPackage(folder.path)).rejects.toMatchObject({
    code: 'plugin_import_refused',
    values: { specifier },
  })
})

const refusal = (reason: RegExp) => ({
  code: 'plugin_file_refused',
  message: expect.stringMatching(reason),
})

test('refuses an import from outside the folder', async () => {
  await using folder = await pluginFolder({
    ...good,
    'plugin.ts': `import x from '../secret.json'\nexport default x`,
  })
  const secret = join(dirname(folder.path), 'secret.json')
  await writeFile(secret, '{}')
  await expect(readPackage(folder.path)).rejects.toMatchObject(
    refusal(/lies outside the plugin folder/),
  )
})

test('refuses a main file that is a symbolic link', async () => {
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest(),
    'real.ts': 'export default {}',
  })
  await symlink(join(folder.path, 'real.ts'), join(folder.path, 'plugin.ts'))
  await expect(readPackage(folder.path)).rejects.toMatchObject(refusal(/is a symbolic link/))
})

test('refuses a file behind a linked folder', async () => {
  await using elsewhere = await pluginFolder({ 'data.json': '{}' })
  await using folder = await pluginFolder({
    ...good,
    'plugin.ts': `import x from './inner/data.json'\nexport default x`,
  })
  await symlink(elsewhere.path, join(folder.path, 'inner'))
  await expect(readPackage(folder.path)).rejects.toMatchObject(refusal(/behind a symbolic link/))
})

test('refuses a hard link', async () => {
  await using elsewhere = await pluginFolder({ 'data.json': '{}' })
  await using folder = await pluginFolder({
    ...good,
    'plugin.ts': `import x from './data.json'\nexport default x`,
  })
  await link(join(elsewhere.path, 'data.json'), join(folder.path, 'data.json'))
  await expect(readPackage(folder.path)).rejects.toMatchObject(refusal(/is a hard link/))
})

test('refuses missing files, folders in place of files, and other kinds of file', async () => {
  await using bare = await pluginFolder({})
  await expect(readPackage(bare.path)).rejects.toMatchObject(
    refusal(/plugin\.json is refused: it does not exist/),
  )
  await expect(readPackage(join(bare.path, 'nowhere'))).rejects.toMatchObject(
    refusal(/folder does not exist/),
  )
  await using mainless = await pluginFolder({ 'plugin.json': pluginManifest() })
  await expect(readPackage(mainless.path)).rejects.toMatchObject(refusal(/plugin\.ts is refused/))
  await mkdir(join(mainless.path, 'plugin.ts'))
  await expect(readPackage(mainless.path)).rejects.toMatchObject(refusal(/not a plain file/))
  await using native = await pluginFolder({
    ...good,
    'plugin.ts': `import x from './x.node'\nexport default x`,
  })
  await expect(readPackage(native.path)).rejects.toMatchObject(
    refusal(/only \.ts, \.js, \.mjs and \.json/),
  )
})

test('refuses files and bundles above 1 MB', async () => {
  const big = `export default ${JSON.stringify('x'.repeat(1_100_000))}`
  await using file = await pluginFolder({ ...good, 'plugin.ts': big })
  await expect(readPackage(file.path)).rejects.toMatchObject(refusal(/limit is 1048576/))
  const half = `export default ${JSON.stringify('x'.repeat(600_000))}`
  await using sum = await pluginFolder({
    ...good,
    'plugin.ts': `import a from './a.ts'\nimport b from './b.ts'\nexport default a + b`,
    'a.ts': half,
    'b.ts': half,
  })
  await expect(readPackage(sum.path)).rejects.toMatchObject(
    refusal(/bundled it has more than 1048576 bytes/),
  )
})

test('says where code does not compile', async () => {
  await using folder = await pluginFolder({ ...good, 'plugin.ts': 'export default {\n' })
  await expect(readPackage(folder.path)).rejects.toMatchObject({
    code: 'plugin_bundle_failed',
    message: expect.stringMatching(/: plugin\.ts:\d+: /),
  })
})
