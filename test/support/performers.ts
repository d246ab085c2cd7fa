import { readPackage } from '../../core/host/package.ts'
import type { TestApp } from './app.ts'
import { pluginFolder, pluginManifest } from './pluginFolder.ts'

/** Installs a plugin of performers alone: each by its id with its skill and its handler's source. */
export async function installPerformers(
  app: Pick<TestApp, 'registry' | 'workspaceId'>,
  id: string,
  performers: Record<string, [skill: string, handler: string]>,
): Promise<void> {
  const all = Object.entries(performers)
  await using folder = await pluginFolder({
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
  await app.registry.install(app.workspaceId, await readPackage(folder.path), 'test')
}
