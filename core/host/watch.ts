import { watch } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Logger } from 'pino'
import { trouble } from '../trouble.ts'
import { readPackage } from './package.ts'
import type { Registry } from './registry.ts'

// Editors write a file in several steps; a build writes several files.
const settleMs = 150
const by = 'watch'

/**
 * Keeps a workspace's plugins like the folders below `folder`: a new one is installed, a changed one
 * replaced, a deleted one taken out of service, all while events flow. For development. A folder that is not
 * a working plugin is logged and the version before goes on.
 */
export async function watchPlugins(
  folder: string,
  workspaceId: number,
  registry: Registry,
  log: Logger,
): Promise<AsyncDisposable> {
  // By folder name: the plugin it brought, and the digest that was installed last.
  const installed = new Map<string, { id: string; digest: string }>()
  const pending = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  const sync = async (name: string): Promise<void> => {
    const known = installed.get(name)
    if (!(await foldersIn(folder)).includes(name)) {
      if (!known) return
      await registry.remove(workspaceId, known.id, by)
      installed.delete(name)
      log.info({ plugin: known.id }, 'plugin removed')
      return
    }
    const pkg = await readPackage(join(folder, name))
    if (known?.digest === pkg.digest) return
    if (known && known.id !== pkg.manifest.id) {
      // First, since the renamed plugin brings the traits that the one before owned.
      await registry.remove(workspaceId, known.id, by)
      installed.delete(name)
    }
    await registry.install(workspaceId, pkg, by)
    installed.set(name, { id: pkg.manifest.id, digest: pkg.digest })
    log.info({ plugin: pkg.manifest.id, version: pkg.manifest.version }, 'plugin installed')
  }
  const syncAll = async (names: readonly string[]): Promise<void> => {
    for (const name of names) {
      try {
        await sync(name)
      } catch (thrown) {
        const text = thrown instanceof Error ? thrown.message : ''
        log.error({ folder: name, problem: text, ...trouble(thrown) }, 'plugin folder not usable')
      }
    }
  }
  const flush = (): void => {
    const names = [...pending]
    pending.clear()
    running = running.then(() => syncAll(names))
  }

  await syncAll(await foldersIn(folder))
  const watcher = watch(folder, { recursive: true }, (_event, path) => {
    const name = path?.split(sep)[0]
    if (!name) return
    pending.add(name)
    clearTimeout(timer)
    timer = setTimeout(flush, settleMs)
  })
  // Without a listener the process would end, for example when the folder itself is deleted.
  watcher.on('error', (thrown) => log.error(trouble(thrown), 'plugin folder no longer watched'))
  return {
    async [Symbol.asyncDispose]() {
      watcher.close()
      clearTimeout(timer)
      await running
    },
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}
