/**
 * What a package says of its own files. `integrity.json` lists the SHA-256 of each; `signature.json` is a
 * publisher's Ed25519 signature over that list. Both are optional, and what is there has to be right.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'
import { canonical } from '../audit/chain.ts'
import { fail } from '../errors.ts'
import { publicKeySchema } from '../model/pluginTrust.ts'
import { readPlain } from './readPlain.ts'

export const integrityFile = 'integrity.json'
export const signatureFile = 'signature.json'
const listBytesMax = 262_144
const signatureBytesMax = 4096
/** As many as a packed plugin may hold. */
export const filesMax = 500

const integritySchema = z.strictObject({
  files: z.record(z.string().min(1).max(300), z.string().regex(/^[0-9a-f]{64}$/)),
})
const signatureSchema = z.strictObject({
  algorithm: z.literal('ed25519'),
  publicKey: publicKeySchema,
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
})

export interface Integrity {
  /** @throws plugin_integrity_broken when the bytes are not those that the list names */
  check(file: string, bytes: Uint8Array): void
  /** The key of who signed the list; null where nobody did. */
  signer: string | null
}

const unlisted: Integrity = { check: () => undefined, signer: null }

/**
 * Reads both files of a plugin folder and holds every other file against them.
 *
 * @throws plugin_integrity_broken, plugin_signature_invalid, plugin_file_refused
 */
export async function readIntegrity(root: string): Promise<Integrity> {
  const present = new Set(await readdir(root))
  if (!present.has(integrityFile)) {
    if (!present.has(signatureFile)) return unlisted
    throw fail('plugin_signature_invalid', { reason: 'there is no integrity.json that it signs' })
  }
  const { files } = parse(
    integritySchema,
    await readPlain(root, integrityFile, listBytesMax),
    (reason) => broken(integrityFile, reason),
  )
  const listed = new Map(Object.entries(files))
  const check = (file: string, bytes: Uint8Array): void => {
    const wanted = listed.get(file)
    if (wanted === undefined) throw broken(file, 'is not listed there')
    if (createHash('sha256').update(bytes).digest('hex') !== wanted) {
      throw broken(file, 'has other bytes')
    }
  }
  const signer = present.has(signatureFile)
    ? signerOf(await readPlain(root, signatureFile, signatureBytesMax), files)
    : null
  const found = await filesIn(root)
  for (const file of found) check(file, await readPlain(root, file, listBytesMax * 4))
  const missing = [...listed.keys()].find((file) => !found.includes(file))
  if (missing !== undefined) throw broken(missing, 'is missing')
  return { check, signer }
}

/** What a publisher signs: the digest of the list, told apart from anything else that the key may sign. */
export const signedText = (files: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(
    `slateboard-plugin:${createHash('sha256').update(canonical({ files })).digest('hex')}`,
  )

function signerOf(bytes: Uint8Array, files: Readonly<Record<string, string>>): string {
  const refuse = (reason: string) => fail('plugin_signature_invalid', { reason })
  const { publicKey, signature } = parse(signatureSchema, bytes, (reason) =>
    refuse(`signature.json ${reason}`),
  )
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: publicKey },
    format: 'jwk',
  })
  if (verify(null, signedText(files), key, Buffer.from(signature, 'base64url'))) return publicKey
  throw refuse('it was made for other files, or with another key')
}

const broken = (file: string, reason: string) =>
  fail('plugin_integrity_broken', { file: file.slice(0, 200), reason })

function parse<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Uint8Array,
  refuse: (reason: string) => Error,
): z.output<Schema> {
  let raw: unknown
  try {
    raw = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    throw refuse('is not JSON')
  }
  const read = schema.safeParse(raw)
  if (read.success) return read.data
  throw refuse('does not have the right shape')
}

async function filesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const paths = entries.map((entry) => ({
    entry,
    path: relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'),
  }))
  if (paths.length > filesMax) {
    throw fail('plugin_file_refused', {
      file: 'the package',
      reason: `it holds more than ${filesMax} files`,
    })
  }
  const odd = paths.find(({ entry }) => !entry.isFile() && !entry.isDirectory())
  if (odd) throw fail('plugin_file_refused', { file: odd.path, reason: 'it is not a plain file' })
  return paths
    .filter(({ entry, path }) => entry.isFile() && path !== integrityFile && path !== signatureFile)
    .map(({ path }) => path)
}
