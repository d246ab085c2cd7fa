import type { Handle } from '../../blackboard/statement.ts'
import { findPluginConfig } from '../../blackboard/query/findPluginConfig.ts'
import { fail } from '../errors.ts'
import type { Manifest } from '../model/manifest.ts'
import {
  asValues,
  configProblem,
  pluginConfigSchema,
  shapeOf,
  type PluginConfig,
} from '../model/pluginConfig.ts'

/** @param declared the part of a manifest; null where the plugin takes no config */
export const readDeclared = (declared: unknown): PluginConfig | undefined =>
  declared === null || declared === undefined ? undefined : pluginConfigSchema.parse(declared)

/**
 * Refuses an upgrade that could not run with what is set, so that what runs goes on. New keys take their
 * defaults, and keys that it no longer knows are left out. Who waits for a config already, or never had one,
 * is not held up: there it may wait for the new keys as well. The caller holds the plugin's row.
 *
 * @throws plugin_config_refused naming the key
 */
export async function acceptConfig(
  tx: Handle,
  workspaceId: number,
  { id: plugin, version, config }: Manifest,
): Promise<void> {
  if (!config) return
  const [standing] = await findPluginConfig(tx, { workspaceId, plugin })
  if (!standing || standing.number === 0) return
  const values = asValues(standing.config)
  const problem = configProblem(shapeOf(config), values)
  if (!problem || configProblem(shapeOf(readDeclared(standing.declared)), values)) return
  const { path: key, reason } = problem
  throw fail('plugin_config_refused', { plugin, version, key, reason })
}
