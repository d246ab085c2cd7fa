import { crc32, inflateRawSync } from 'node:zlib'

/** The files of an archive by name, read by its directory as other programs read it, each held to its checksum. */
export function unzip(archive: Buffer): Map<string, string> {
  const end = archive.lastIndexOf(Buffer.from('504b0506', 'hex'))
  if (end < 0) throw new TypeError('the archive has no end')
  const count = archive.readUInt16LE(end + 10)
  let at = archive.readUInt32LE(end + 16)
  const files = new Map<string, string>()
  for (let nth = 0; nth < count; nth += 1) {
    const [crc, packed, size] = [16, 20, 24].map((offset) => archive.readUInt32LE(at + offset))
    const nameLength = archive.readUInt16LE(at + 28)
    const local = archive.readUInt32LE(at + 42)
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength)
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
    const content = inflateRawSync(archive.subarray(start, start + (packed ?? 0)))
    if (crc32(content) !== crc || content.length !== size) {
      throw new TypeError(`${name} does not hold`)
    }
    files.set(name, content.toString('utf8'))
    at += 46 + nameLength
  }
  return files
}
