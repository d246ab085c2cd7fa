import { readPackage } from '../../core/host/package.ts'
import type { TestApp } from './app.ts'
import { pluginFolder, pluginManifest, type PluginFolder } from './pluginFolder.ts'

/** Each by its id with its skill and its handler's source. */
type Performers = Record<string, [skill: string, handler: string]>

/** A plugin of performers alone. */
export function performersFolder(id: string, performers: Performers): Promise<PluginFolder> {
  const all = Object.entries(performers)
  return pluginFolder({
    'plugin.json': pluginManifest({
      id,
      traits: [],
      agents: [],
      performers: all.map(([name, [skill]]) => ({ id: name, skill, description: `does ${skill}` })),
    }),
    'plugin.ts': `import { cancel, definePlugin, finished, snooze } from 'slateboard/plugin'
      export default definePlugin({ performers: {
        ${all.map(([name, [, handler]]) => `'${name}': ${handler}`).join(',')} } })`,
  })
}

export async function installPerformers(
  app: Pick<TestApp, 'registry' | 'workspaceId'>,
  id: string,
  performers: Performers,
): Promise<void> {
  await using folder = await performersFolder(id, performers)
  await app.registry.install(app.workspaceId, await readPackage(folder.path), 'test')
}
