import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { create } from 'tar'
import { systemClock } from '../clock.ts'
import { fail } from '../errors.ts'
import { createHost } from '../host/host.ts'
import { integrityFile, signatureFile, signedText } from '../host/integrity.ts'
import { readPackage, type PluginPackage } from '../host/package.ts'
import { readPacked } from '../host/unpack.ts'

export interface Packed {
  /** A .tgz as `slateboard plugin install` takes it; equal folders give equal bytes. */
  bytes: Buffer
  /** `<id>-<version>.tgz` */
  name: string
  digest: string
  files: string[]
  /** The key that publishers' lists know the signer by; null where nobody signed. */
  publicKey: string | null
}

/** What a plugin runs by and what people read; tests and fixtures stay with the author. */
const packed = /\.(ts|js|mjs|json|md)$/
const leftOut =
  /(^|\/)(\.|node_modules\/|fixtures\/)|\.test\.|^(integrity|signature|package|package-lock|tsconfig)\.json$/

/**
 * Packs a plugin folder with the SHA-256 of each file, and a publisher's signature over that list where a key is
 * given. What comes out was read back and is the same plugin, by its digest.
 *
 * @param key PEM of an Ed25519 private key, as `openssl genpkey -algorithm ed25519` makes it
 * @throws whatever an installation of the folder would, and plugin_key_invalid
 */
export async function packPlugin(folder: string, key?: string): Promise<Packed> {
  const pkg = await readPackage(folder)
  const { manifest, digest } = pkg
  await testItself(pkg)
  const files = await filesIn(folder)
  const contents = new Map<string, Buffer>()
  for (const file of files) contents.set(file, await readFile(join(folder, file)))
  const digests = Object.fromEntries(
    [...contents].map(([file, bytes]) => [file, createHash('sha256').update(bytes).digest('hex')]),
  )
  contents.set(integrityFile, jsonOf({ files: digests }))
  const signer = key === undefined ? null : readKey(key)
  const publicKey = signer === null ? null : publicKeyOf(signer)
  if (signer !== null) {
    const signature = sign(null, signedText(digests), signer).toString('base64url')
    contents.set(signatureFile, jsonOf({ algorithm: 'ed25519', publicKey, signature }))
  }
  const bytes = await archive(contents)
  const back = await readPacked(bytes)
  if (back.digest !== digest)
    throw fail('internal', { what: 'a packed plugin that is another one' })
  return {
    bytes,
    name: `${manifest.id}-${manifest.version}.tgz`,
    digest,
    files: [...contents.keys()],
    publicKey,
  }
}

/** What would not be installed is not packed either. Code of the tier `trusted` runs only where it is trusted. */
async function testItself(pkg: PluginPackage): Promise<void> {
  const { id, tier } = pkg.manifest
  if (tier === 'trusted') return
  await using host = createHost({ cells: 1, clock: systemClock(), log: () => undefined })
  await host.load(id, pkg)
  await host.selfTest(id)
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => packed.test(path) && !leftOut.test(path))
    .toSorted()
}

function readKey(pem: string): KeyObject {
  let key: KeyObject | undefined
  try {
    key = createPrivateKey(pem)
  } catch {
    // What OpenSSL says of a key that it cannot read may quote it.
    throw fail('plugin_key_invalid', { reason: 'it is not a private key in PEM' })
  }
  if (key.asymmetricKeyType === 'ed25519') return key
  throw fail('plugin_key_invalid', { reason: `it is of type ${key.asymmetricKeyType}` })
}

const publicKeyOf = (key: KeyObject): string =>
  createPublicKey(key).export({ format: 'jwk' }).x ?? ''

const jsonOf = (value: object): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

async function archive(contents: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'slateboard-pack-'))
  try {
    for (const [file, bytes] of contents) {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), bytes)
    }
    const chunks: Buffer[] = []
    const stream = create(
      { cwd: folder, gzip: true, portable: true, noMtime: true, prefix: 'package' },
      [...contents.keys()].toSorted(),
    )
    for await (const chunk of stream) chunks.push(Buffer.from(chunk))
    return Buffer.concat(chunks)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
