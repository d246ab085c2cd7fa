import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readFile, realpath } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, extname, join, relative, resolve, sep } from 'node:path'
import { build, type BuildFailure, type Loader, type Plugin } from 'esbuild'
import { fail, SlateboardError } from '../errors.ts'
import type { Manifest, Tier } from '../model/manifest.ts'
import { readManifest } from './manifest.ts'
import { plainBuiltins } from './sandbox/builtins.ts'

/** No file of a plugin, and no bundle made of them, may be larger: 1 MB. */
export const bundleBytesMax = 1_048_576
const manifestBytesMax = 262_144

/** The global that the bundle leaves its exports in; sandbox/isolate.ts picks them up there. */
const bundleGlobal = 'slateboardPlugin'

/** A plugin ready to be stored or loaded; equal digests mean equal manifest and code. */
export interface PluginPackage {
  manifest: Manifest
  /**
   * One classic script that sets `slateboardPlugin`. It imports nothing, save that outside the sandbox it
   * requires Node's built-ins.
   */
  bundle: string
  /** SHA-256 in hex over the manifest and the bundle. */
  digest: string
}

/**
 * Reads a plugin folder and bundles its main file. Nothing of it is run. Throws `manifest_invalid`,
 * `plugin_file_refused` (links, missing or large files, files outside the folder),
 * `plugin_import_refused` and `plugin_bundle_failed`.
 */
export async function readPackage(folder: string): Promise<PluginPackage> {
  const root = await realpath(folder).catch((cause: unknown) => {
    throw fail(
      'plugin_file_refused',
      { file: 'plugin.json', reason: 'the folder does not exist' },
      cause,
    )
  })
  const manifest = readManifest(await readPlain(root, 'plugin.json', manifestBytesMax))
  const bundle = await bundleMain(root, manifest)
  return { manifest, bundle, digest: digestOf(manifest, bundle) }
}

/** SHA-256 in hex over the manifest and the bundle: what a stored package is checked against. */
export function digestOf(manifest: Manifest, bundle: string): string {
  return createHash('sha256')
    .update(JSON.stringify(manifest))
    .update('\0')
    .update(bundle)
    .digest('hex')
}

/** The text of a plain file inside the folder; links of both kinds are refused. */
async function readPlain(root: string, file: string, bytesMax: number): Promise<string> {
  const refuse = (reason: string, cause?: unknown) =>
    fail('plugin_file_refused', { file, reason }, cause)
  const path = resolve(root, file)
  if (!path.startsWith(root + sep)) throw refuse('it lies outside the plugin folder')
  const parent = await realpath(dirname(path)).catch(() => undefined)
  if (parent === undefined) throw refuse('it does not exist')
  if (parent !== dirname(path)) throw refuse('it lies behind a symbolic link')
  // O_NOFOLLOW and a check on the open handle leave no moment in which the file could be exchanged.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(
    (cause: unknown) => {
      const code = cause instanceof Error && 'code' in cause ? cause.code : ''
      throw refuse(
        code === 'ELOOP' ? 'it is a symbolic link' : 'it does not exist or cannot be read',
        cause,
      )
    },
  )
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw refuse('it is not a plain file')
    if (stat.nlink > 1) throw refuse('it is a hard link')
    if (stat.size > bytesMax) throw refuse(`it has ${stat.size} bytes, the limit is ${bytesMax}`)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

async function bundleMain(root: string, { main, tier }: Manifest): Promise<string> {
  const refusals: SlateboardError[] = []
  const built = await build({
    entryPoints: [main],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: 'iife',
    globalName: bundleGlobal,
    target: 'es2023',
    platform: 'neutral',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    // Otherwise a tsconfig.json of the folder, or of a folder above it, would change the result.
    tsconfigRaw: '{}',
    plugins: [closedFolder(root, tier, refusals)],
  }).catch((cause: unknown) => {
    throw refusals[0] ?? fail('plugin_bundle_failed', { reason: firstError(cause) }, cause)
  })
  const bundle = built.outputFiles[0]?.text ?? ''
  if (Buffer.byteLength(bundle) > bundleBytesMax) {
    const reason = `bundled it has more than ${bundleBytesMax} bytes`
    throw fail('plugin_file_refused', { file: main, reason })
  }
  return bundle
}

const mayImport = (tier: Tier, builtin: string): boolean =>
  tier === 'trusted' || (tier === 'process' && plainBuiltins.has(builtin))

const loaders: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.js': 'js',
  '.mjs': 'js',
  '.json': 'json',
}

/** Lets esbuild see the contract and plain files of the folder, and nothing else of the disk. */
function closedFolder(root: string, tier: Tier, refusals: SlateboardError[]): Plugin {
  // Of several refusals the first is told, whichever of esbuild's goroutines it came from.
  const refuse = (error: SlateboardError) => {
    refusals.push(error)
    return { errors: [{ text: error.message }] }
  }
  return {
    name: 'closed-folder',
    setup(esbuild) {
      esbuild.onResolve({ filter: /.*/ }, ({ path, kind, importer }) => {
        if (path === 'slateboard/plugin') return { path, namespace: 'contract' }
        if (kind === 'entry-point')
          return { path: relative(root, resolve(root, path)), namespace: 'plugin' }
        const builtin = isBuiltin(path) ? `node:${path.replace('node:', '')}` : undefined
        if (builtin !== undefined && mayImport(tier, builtin))
          return { path: builtin, external: true }
        if (!path.startsWith('./') && !path.startsWith('../')) {
          return refuse(fail('plugin_import_refused', { specifier: path, file: importer }))
        }
        const file = relative(root, resolve(root, dirname(importer), path))
        return { path: file.split(sep).join('/'), namespace: 'plugin' }
      })
      esbuild.onLoad({ filter: /.*/, namespace: 'contract' }, async () => ({
        contents: await readFile(new URL('./contract.ts', import.meta.url), 'utf8'),
        loader: 'ts',
      }))
      esbuild.onLoad({ filter: /.*/, namespace: 'plugin' }, async ({ path }) => {
        const loader = loaders[extname(path)]
        const reason = 'only .ts, .js, .mjs and .json files can be bundled'
        if (loader === undefined) return refuse(fail('plugin_file_refused', { file: path, reason }))
        try {
          return {
            contents: await readPlain(root, path, bundleBytesMax),
            loader,
            resolveDir: join(root),
          }
        } catch (thrown) {
          if (thrown instanceof SlateboardError) return refuse(thrown)
          throw thrown
        }
      })
    },
  }
}

const isBuildFailure = (thrown: unknown): thrown is BuildFailure =>
  thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors)

function firstError(thrown: unknown): string {
  const error = isBuildFailure(thrown) ? thrown.errors[0] : undefined
  if (error === undefined) return 'the bundler failed'
  const place = error.location
    ? `${error.location.file.replace('plugin:', '')}:${error.location.line}: `
    : ''
  return (place + error.text).slice(0, 300)
}
