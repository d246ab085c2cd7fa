import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createPlugin } from '../../../core/kit/create.ts'
import { packPlugin } from '../../../core/kit/pack.ts'
import { readPackage } from '../../../core/host/package.ts'
import { readPacked } from '../../../core/host/unpack.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function newPlugin(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'slateboard-kit-'))
  folders.push(parent)
  return (await createPlugin(parent, 'packed', '0.1.0')).folder
}

const pem = (type: 'ed25519' | 'ed448'): string =>
  (type === 'ed25519'
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ed448')
  ).privateKey.export({ type: 'pkcs8', format: 'pem' })

test('a packed plugin is the plugin of the folder, without its tests and fixtures', async () => {
  const folder = await newPlugin()
  const packed = await packPlugin(folder)
  expect(packed).toMatchObject({ name: 'packed-0.1.0.tgz', publicKey: null })
  expect(packed.files).toEqual(['README.md', 'plugin.json', 'plugin.ts', 'integrity.json'])
  expect((await readPacked(packed.bytes)).digest).toBe((await readPackage(folder)).digest)
})

test('equal folders give equal bytes, and another text gives others', async () => {
  const folder = await newPlugin()
  const [one, again] = [await packPlugin(folder), await packPlugin(folder)]
  expect(again.bytes.equals(one.bytes)).toBe(true)
  await writeFile(join(folder, 'README.md'), '# Another')
  expect((await packPlugin(folder)).bytes.equals(one.bytes)).toBe(false)
})

test('a signed one names who signed it', async () => {
  const { bytes, publicKey } = await packPlugin(await newPlugin(), pem('ed25519'))
  expect(publicKey).toMatch(/^[\w-]{43}$/)
  expect((await readPacked(bytes)).signer).toBe(publicKey)
})

test.each([
  ['a text that is no key', 'hello'],
  ['a key of another kind', pem('ed448')],
])('refuses to sign with %s, and does not repeat it', async (_, key) => {
  const refused = packPlugin(await newPlugin(), key)
  await expect(refused).rejects.toMatchObject({
    code: 'plugin_key_invalid',
    message: expect.not.stringContaining(key),
  })
})
