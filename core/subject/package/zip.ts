import { constants, crc32, deflateRawSync } from 'node:zlib'
import { fail } from '../../errors.ts'

/** A file of an archive; its text is asked for when its turn comes, and never held as a whole. */
export interface ZipFile {
  name: string
  text: AsyncIterable<string>
}

// Held at a time; deflating it takes about a millisecond.
const chunkBytes = 64 * 1024
// Without Zip64, which older systems do not read.
const sizeMax = 0xffff_ffff

const localHeader = 0x0403_4b50
const descriptor = 0x0807_4b50
const centralHeader = 0x0201_4b50
const endOfCentral = 0x0605_4b50
/** Sizes come after the data; names are UTF-8. */
const flags = 0x0808
const deflated = 8
const version = 20

interface Entry {
  name: Buffer
  offset: number
  crc: number
  packed: number
  size: number
}

/** Packs files as they are read (APPNOTE 6.3.10, 4.3). What stops early lacks its directory and opens nowhere. */
export async function* zip(files: AsyncIterable<ZipFile>, at: Date): AsyncGenerator<Buffer> {
  const entries: Entry[] = []
  let offset = 0
  for await (const { name, text } of files) {
    const entry: Entry = { name: Buffer.from(name), offset, crc: 0, packed: 0, size: 0 }
    const head = headOf(entry, at)
    offset += head.length
    yield head
    for await (const part of deflate(entry, text)) {
      offset += part.length
      yield part
    }
    const tail = numbers(4, [descriptor, entry.crc, entry.packed, entry.size])
    offset += tail.length
    if (offset > sizeMax) throw fail('request_answer_too_large')
    entries.push(entry)
    yield tail
  }
  const directory = Buffer.concat(entries.map((entry) => centralOf(entry, at)))
  yield directory
  yield Buffer.concat([
    numbers(4, [endOfCentral]),
    numbers(2, [0, 0, entries.length, entries.length]),
    numbers(4, [directory.length, offset]),
    numbers(2, [0]),
  ])
}

/** Each chunk is deflated for itself and ended at a byte; the last one ends the stream. */
async function* deflate(entry: Entry, text: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const chunk of chunksOf(text)) {
    yield pack(entry, chunk, constants.Z_SYNC_FLUSH)
  }
  yield pack(entry, Buffer.alloc(0), constants.Z_FINISH)
}

function pack(entry: Entry, chunk: Buffer, finishFlush: number): Buffer {
  const packed = deflateRawSync(chunk, { finishFlush })
  entry.crc = crc32(chunk, entry.crc)
  entry.size += chunk.length
  entry.packed += packed.length
  return packed
}

async function* chunksOf(text: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let parts: string[] = []
  let length = 0
  for await (const part of text) {
    parts.push(part)
    length += part.length
    if (length < chunkBytes) continue
    yield Buffer.from(parts.join(''))
    parts = []
    length = 0
  }
  if (length > 0) yield Buffer.from(parts.join(''))
}

const headOf = ({ name }: Entry, at: Date): Buffer =>
  Buffer.concat([
    numbers(4, [localHeader]),
    numbers(2, [version, flags, deflated, ...dosTime(at)]),
    numbers(4, [0, 0, 0]),
    numbers(2, [name.length, 0]),
    name,
  ])

const centralOf = ({ name, offset, crc, packed, size }: Entry, at: Date): Buffer =>
  Buffer.concat([
    numbers(4, [centralHeader]),
    numbers(2, [version, version, flags, deflated, ...dosTime(at)]),
    numbers(4, [crc, packed, size]),
    numbers(2, [name.length, 0, 0, 0, 0]),
    numbers(4, [0, offset]),
    name,
  ])

/** In the calendar of MS-DOS, which begins in 1980 and counts every other second. */
const dosTime = (at: Date): [number, number] => [
  (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
  ((Math.max(at.getUTCFullYear(), 1980) - 1980) << 9) |
    ((at.getUTCMonth() + 1) << 5) |
    at.getUTCDate(),
]

function numbers(bytes: 2 | 4, values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(bytes * values.length)
  values.forEach((value, nth) => buffer.writeUIntLE(value, nth * bytes, bytes))
  return buffer
}
