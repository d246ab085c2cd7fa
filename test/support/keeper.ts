import { readPackage, type PluginPackage } from '../../core/host/package.ts'
import type { JsonObject } from '../../core/model/json.ts'
import { pluginFolder, pluginManifest, probeAgent } from './pluginFolder.ts'

interface Keeper {
  /** Source of the handler of the agent `keeper/probe`, which is woken by the event Order. */
  handler: string
  version?: string
  state?: JsonObject
  config?: JsonObject
  agent?: JsonObject
  /** Source of `migrate`. */
  migrate?: string
}

/** A plugin `keeper` that remembers, or is configured. */
export async function keeper({
  handler,
  version = '1.0.0',
  state,
  config,
  agent = {},
  migrate,
}: Keeper): Promise<PluginPackage> {
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({
      id: 'keeper',
      version,
      traits: [{ key: 'probe', class: 'none', purposes: ['service'] }],
      agents: [probeAgent({ triggers: { events: ['Order'] }, purpose: 'service', ...agent })],
      ...(state ? { state } : {}),
      ...(config ? { config } : {}),
    }),
    'plugin.ts': `
      import { definePlugin, done } from 'slateboard/plugin'
      // ${version}
      const write = (value) => done({ writes: { probe: { value } } })
      export default definePlugin({
        agents: { probe: ${handler} }${migrate === undefined ? '' : `, migrate: ${migrate}`} })`,
  })
  return await readPackage(folder.path)
}

/** Counts the orders of a profile in its state, and writes the count for everybody to see. */
export const countOrders = `({ state, causes }) => {
  const seen = (state.profile.seen ?? 0) + causes.length
  return done({ writes: { probe: { value: seen } }, state: { profile: { seen } } })
}`
