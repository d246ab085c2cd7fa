import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extract } from 'tar'
import { fail } from '../errors.ts'
import { bundleBytesMax, readPackage, type PluginPackage } from './package.ts'

const filesMax = 500
const unpackedBytesMax = 4 * bundleBytesMax

/**
 * Reads a plugin out of a packed folder (.tgz, as `npm pack` makes it). Only plain files and folders are
 * taken; links, devices, absolute paths and ways out of the folder are refused, and so is what unpacks to
 * more than 4 MB. Nothing of it is run.
 */
export async function readPacked(bytes: Uint8Array): Promise<PluginPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'slateboard-plugin-'))
  try {
    const file = join(folder, 'package.tgz')
    await writeFile(file, bytes)
    await unpack(file, folder)
    return await readPackage(join(folder, 'package'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function unpack(file: string, cwd: string): Promise<void> {
  let files = 0
  let size = 0
  let refused: string | undefined
  await extract({
    file,
    cwd,
    strict: true,
    preservePaths: false,
    filter: (path, entry) => {
      files += 1
      size += entry.size ?? 0
      const type = 'type' in entry ? entry.type : 'File'
      const isPlain = type === 'File' || type === 'OldFile' || type === 'Directory'
      const isInside = /^package(\/|$)/.test(path) && !path.split('/').includes('..')
      if (!isPlain || !isInside || files > filesMax || size > unpackedBytesMax) refused ??= path
      return refused === undefined
    },
  }).catch((cause: unknown) => {
    throw fail(
      'plugin_file_refused',
      { file: 'the package', reason: 'it is not a sound .tgz archive' },
      cause,
    )
  })
  if (refused !== undefined) {
    throw fail('plugin_file_refused', {
      file: refused.slice(0, 200),
      reason: 'packages hold at most 500 plain files of 4 MB together, below package/',
    })
  }
}
