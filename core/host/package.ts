import { createHash } from 'node:crypto'
import { readdir, readFile, realpath } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, extname, join, relative, resolve, sep } from 'node:path'
import { build, type BuildFailure, type Loader, type Plugin } from 'esbuild'
import { canonical } from '../audit/chain.ts'
import { fail, SlateboardError } from '../errors.ts'
import { jsonSchema, type Json } from '../model/json.ts'
import type { Manifest, Tier } from '../model/manifest.ts'
import { readIntegrity, type Integrity } from './integrity.ts'
import { readManifest } from './manifest.ts'
import { readPlain } from './readPlain.ts'
import { plainBuiltins } from './sandbox/builtins.ts'

/** No file of a plugin, and no bundle made of them, may be larger: 1 MB. */
export const bundleBytesMax = 1_048_576
const manifestBytesMax = 262_144
const readmeFile = 'README.md'
/** What is shown of a longer one. */
const readmeCharsMax = 20_000

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
  /** The beginning of its README.md. */
  readme?: string
  /** The Ed25519 public key that the package is signed with. */
  signer?: string
}

/**
 * Reads a plugin folder and bundles its main file. Nothing of it is run. Throws `manifest_invalid`,
 * `plugin_file_refused` (links, missing or large files, files outside the folder),
 * `plugin_import_refused` and `plugin_bundle_failed`; and, of a package that lists or signs its files,
 * `plugin_integrity_broken` and `plugin_signature_invalid`.
 */
export async function readPackage(folder: string): Promise<PluginPackage> {
  const root = await realpath(folder).catch((cause: unknown) => {
    throw fail(
      'plugin_file_refused',
      { file: 'plugin.json', reason: 'the folder does not exist' },
      cause,
    )
  })
  const integrity = await readIntegrity(root)
  const source = await readPlain(root, 'plugin.json', manifestBytesMax)
  integrity.check('plugin.json', source)
  const manifest = readManifest(source.toString('utf8'))
  const bundle = await bundleMain(root, manifest, integrity)
  const readme = await readReadme(root)
  const { signer } = integrity
  return {
    manifest,
    bundle,
    digest: digestOf(manifest, bundle),
    ...(readme === null ? {} : { readme }),
    ...(signer === null ? {} : { signer }),
  }
}

/**
 * SHA-256 in hex over the RFC 8785 form of the manifest and the bundle. A stored version can be held against it
 * although jsonb keeps no order of keys.
 */
export const digestOf = (manifest: Manifest | Json, bundle: string): string =>
  createHash('sha256')
    // What has no JSON, such as a key that is undefined, is not stored either.
    .update(canonical(jsonSchema.parse(JSON.parse(JSON.stringify(manifest)))))
    .update('\0')
    .update(bundle)
    .digest('hex')

async function readReadme(root: string): Promise<string | null> {
  if (!(await readdir(root)).includes(readmeFile)) return null
  const bytes = await readPlain(root, readmeFile, bundleBytesMax)
  // Neither jsonb nor text takes a null character.
  return bytes.toString('utf8').replaceAll('\0', '').slice(0, readmeCharsMax)
}

async function bundleMain(
  root: string,
  { main, tier }: Manifest,
  integrity: Integrity,
): Promise<string> {
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
    plugins: [closedFolder(root, tier, integrity, refusals)],
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
function closedFolder(
  root: string,
  tier: Tier,
  integrity: Integrity,
  refusals: SlateboardError[],
): Plugin {
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
          const contents = await readPlain(root, path, bundleBytesMax)
          // Once more: the file may be another one since the list was gone through.
          integrity.check(path, contents)
          return { contents, loader, resolveDir: join(root) }
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
