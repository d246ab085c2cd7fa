import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extract } from 'tar'
import { fail } from '../errors.ts'
import { filesMax } from './integrity.ts'
import { bundleBytesMax, readPackage, type PluginPackage } from './package.ts'

const unpackedBytesMax = 4 * bundleBytesMax

/** What a machine would run by itself; a plugin is text that the bundler reads. */
const scripts = /\.(sh|bash|bat|cmd|ps1|exe|com|dll|so|dylib|node|wasm)$|(^|\/)binding\.gyp$/i

/** npm runs these on its own when it installs a package. */
const lifecycleScripts = ['preinstall', 'install', 'postinstall', 'prepare'] as const

/**
 * Reads a plugin out of a packed folder (.tgz, as `npm pack` makes it). Only plain files and folders are
 * taken; links, devices, absolute paths, ways out of the folder, names that are one on a file system that
 * ignores case, and scripts are refused, and so is what unpacks to more than 4 MB. Nothing of it is run, and
 * no dependency of it is fetched.
 */
export async function readPacked(bytes: Uint8Array): Promise<PluginPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'slateboard-plugin-'))
  try {
    const file = join(folder, 'package.tgz')
    await writeFile(file, bytes)
    await unpack(file, folder)
    await refuseLifecycle(join(folder, 'package', 'package.json'))
    return await readPackage(join(folder, 'package'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function unpack(file: string, cwd: string): Promise<void> {
  const judge = createJudge()
  let refused: { path: string; reason: string } | undefined
  await extract({
    file,
    cwd,
    strict: true,
    preservePaths: false,
    filter: (path, entry) => {
      const type = 'type' in entry ? entry.type : 'File'
      const reason = judge(path, type, entry.size ?? 0)
      if (reason !== undefined) refused ??= { path, reason }
      return refused === undefined
    },
  }).catch((cause: unknown) => {
    throw fail(
      'plugin_file_refused',
      { file: 'the package', reason: 'it is not a sound .tgz archive' },
      cause,
    )
  })
  if (refused === undefined) return
  const { path, reason } = refused
  throw fail('plugin_file_refused', { file: path.slice(0, 200), reason })
}

/** Says of each entry of an archive, in turn, why it is refused; undefined where it may be unpacked. */
function createJudge(): (path: string, type: string, size: number) => string | undefined {
  const seen = new Set<string>()
  let files = 0
  let total = 0
  return (path, type, size) => {
    files += 1
    total += size
    if (type === 'Link' || type === 'SymbolicLink') return 'it is a link'
    if (!isPlain(type)) return 'it is not a plain file'
    if (path.startsWith('/') || path.includes('\\') || path.split('/').includes('..')) {
      return 'its path leads out of the package'
    }
    if (!/^package(\/|$)/.test(path)) return 'it does not lie below package/'
    if (files > filesMax) return `the package holds more than ${filesMax} files`
    if (total > unpackedBytesMax)
      return `the package unpacks to more than ${unpackedBytesMax} bytes`
    if (scripts.test(path)) return 'it is a script or a program, and a plugin brings none'
    const name = path.replace(/\/$/, '').normalize('NFC').toLowerCase()
    // A folder may be named before each of its files.
    if (seen.has(name) && type !== 'Directory') return 'its name stands twice but for the case'
    seen.add(name)
    return undefined
  }
}

const isPlain = (type: string): boolean =>
  type === 'File' || type === 'OldFile' || type === 'Directory'

/** None would be run. A package that counts on it is refused rather than installed and not working. */
async function refuseLifecycle(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return
  const refuse = (reason: string) => fail('plugin_file_refused', { file: 'package.json', reason })
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw refuse('it is not JSON')
  }
  const named = typeof read === 'object' && read !== null && 'scripts' in read ? read.scripts : {}
  const script = lifecycleScripts.find(
    (name) => typeof named === 'object' && named !== null && Object.hasOwn(named, name),
  )
  if (script === undefined) return
  throw refuse(`it has the script ${script}; nothing of a package is ever run, so take it out`)
}
