import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { signedText } from '../../core/host/integrity.ts'
import type { Json } from '../../core/model/json.ts'

export interface Entry {
  path: string
  content?: string
  /** As ustar writes it: 0 file, 1 hard link, 2 symbolic link, 3 device, 5 folder. */
  type?: '0' | '1' | '2' | '3' | '5'
  target?: string
}

/** A .tgz with exactly these entries, also those that no honest program writes. */
export function packed(entries: readonly Entry[]): Uint8Array {
  const blocks = entries.flatMap(({ path, content = '', type = '0', target = '' }) => {
    const body = Buffer.from(content)
    const padding = Buffer.alloc((512 - (body.length % 512)) % 512)
    return [header(path, body.length, type, target), body, padding]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

function header(path: string, size: number, type: string, target: string): Buffer {
  const block = Buffer.alloc(512)
  block.write(path, 0, 100)
  block.write('0000644\0', 100)
  block.write('0000000\0', 108)
  block.write('0000000\0', 116)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write('00000000000\0', 136)
  block.write('        ', 148)
  block.write(type, 156)
  block.write(target, 157, 100)
  block.write('ustar\x0000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

export const packedFiles = (files: Record<string, string | Json>): Uint8Array =>
  packed(
    Object.entries(textsOf(files)).map(([name, content]) => ({
      path: `package/${name}`,
      content,
    })),
  )

const textsOf = (files: Record<string, string | Json>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files).map(([name, content]) => [
      name,
      typeof content === 'string' ? content : JSON.stringify(content),
    ]),
  )

/** The files with the list of their digests beside them. */
export function listed(files: Record<string, string | Json>): Record<string, string> {
  const texts = textsOf(files)
  return { ...texts, 'integrity.json': JSON.stringify({ files: digestsOf(texts) }) }
}

const digestsOf = (texts: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      createHash('sha256').update(text).digest('hex'),
    ]),
  )

export interface Signer {
  publicKey: string
  /** The files with their list and the signature over it. */
  sign(files: Record<string, string | Json>): Record<string, string>
}

export function createSigner(): Signer {
  const { publicKey: key, privateKey } = generateKeyPairSync('ed25519')
  const publicKey = String(key.export({ format: 'jwk' }).x)
  return {
    publicKey,
    sign(files) {
      const text = signedText(digestsOf(textsOf(files)))
      const signature = sign(null, text, privateKey).toString('base64url')
      const statement = { algorithm: 'ed25519', publicKey, signature }
      return { ...listed(files), 'signature.json': JSON.stringify(statement) }
    },
  }
}
