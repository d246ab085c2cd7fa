import { open } from 'node:fs/promises'
import { fail } from '../errors.ts'
import { readPackage, type PluginPackage } from '../host/package.ts'
import { readPacked } from '../host/unpack.ts'
import type { TrustLevel } from '../model/pluginTrust.ts'

/** Where a package comes from: a folder or .tgz on the server's disk, or bytes that were sent. */
export type Origin = { path: string } | { package: Uint8Array }

export const packedBytesMax = 5_000_000

/** Without a signature: who may put files on the server is somebody, and who sends bytes is anybody. */
export const unsignedAs = (origin: Origin): TrustLevel => ('path' in origin ? 'local' : 'unsigned')

export async function readOrigin(origin: Origin): Promise<PluginPackage> {
  if ('package' in origin) return readPacked(origin.package)
  return /\.(tgz|tar\.gz)$/.test(origin.path)
    ? readPacked(await readFileOf(origin.path))
    : readPackage(origin.path)
}

async function readFileOf(path: string): Promise<Uint8Array> {
  const refuse = (reason: string, cause?: unknown) =>
    fail('plugin_file_refused', { file: 'the package', reason }, cause)
  const handle = await open(path).catch((cause: unknown) => {
    throw refuse('it does not exist or cannot be read', cause)
  })
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw refuse('it is not a plain file')
    if (stat.size > packedBytesMax) throw refuse(`it is larger than ${packedBytesMax} bytes`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}
