import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import { fail } from '../../core/errors.ts'

type Decoder = (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: inflateEither,
}

/** "deflate" means zlib by the standard and raw deflate to some clients; the first byte tells. */
function inflateEither(body: Uint8Array, options: { maxOutputLength: number }): Promise<Buffer> {
  const isZlib = ((body[0] ?? 0) & 0x0f) === 8
  return isZlib ? promisify(inflate)(body, options) : promisify(inflateRaw)(body, options)
}

/**
 * The bytes of a request's body, decompressed whatever its content type says. Stops reading, and stops
 * decompressing, as soon as `limit` bytes are passed, so a small body cannot become a large one here.
 *
 * Fails with `body_too_large`, `body_encoding_unknown`, or `body_not_json` when it does not decompress.
 */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') return readAtMost(request, limit)
  const decode = decoders[encoding]
  if (!decode) throw fail('body_encoding_unknown')
  const compressed = await readAtMost(request, limit)
  try {
    return await decode(compressed, { maxOutputLength: limit })
  } catch (thrown) {
    const isBomb = thrown instanceof RangeError
    throw isBomb
      ? fail('body_too_large', { limit })
      : fail('body_not_json', { reason: `it does not decompress as ${encoding}` })
  }
}

async function readAtMost(request: Request, limit: number): Promise<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? Number.NaN)
  if (announced > limit) throw fail('body_too_large', { limit })
  // With a length announced, the server reads no more than that.
  if (announced <= limit) return new Uint8Array(await request.arrayBuffer())
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > limit) throw fail('body_too_large', { limit })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}
