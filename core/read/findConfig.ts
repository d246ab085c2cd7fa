import { findPluginConfig } from '../../blackboard/query/findPluginConfig.ts'
import { listConfigVersions } from '../../blackboard/query/listConfigVersions.ts'
import { listPluginSecrets } from '../../blackboard/query/listPluginSecrets.ts'
import { fail } from '../errors.ts'
import type { JsonObject } from '../model/json.ts'
import { asValues, completeConfig, configGap, shapeOf } from '../model/pluginConfig.ts'
import { readDeclared } from '../plugin/acceptConfig.ts'
import { demand, type Reader } from './reader.ts'

/** A secret as anybody may know it: never what it is. */
export interface SecretView {
  name: string
  description: string
  required: boolean
  isSet: boolean
  setBy: string | null
  setAt: Date | null
}

export interface ConfigVersionView {
  number: number
  config: JsonObject
  /** Names of the secrets that were set or taken away with it. */
  secrets: string[]
  returnsTo: number | null
  author: string
  reason: string | null
  setAt: Date
}

export interface ConfigView {
  plugin: string
  version: string
  /** Of the config in force; 0 where nothing was ever set. */
  number: number
  schema: JsonObject | null
  /** What was set. */
  config: JsonObject
  /** What agents are handed: defaults filled in. */
  effective: JsonObject
  secrets: SecretView[]
  /** Why its agents do not run, or null. */
  waitsFor: string | null
  history: ConfigVersionView[]
}

const historyMax = 100

/** What an installed plugin takes as config and what is set. @throws forbidden, plugin_not_found */
export async function findConfig(reader: Reader, plugin: string): Promise<ConfigView> {
  demand(reader, 'read', 'Plugin')
  const { workspaceId } = reader.principal
  const { sql } = reader.board.db
  const [[found], secretsSet, versions] = await Promise.all([
    findPluginConfig(sql, { workspaceId, plugin }),
    listPluginSecrets(sql, { workspaceId, plugin }),
    listConfigVersions(sql, { workspaceId, plugin, number: null, limit: historyMax }),
  ])
  if (!found) throw fail('plugin_not_found', { plugin })
  const declared = readDeclared(found.declared)
  const config = asValues(found.config)
  const names = secretsSet.map(({ name }) => name)
  const gap = declared && configGap(declared, config, names)
  return {
    plugin,
    config,
    version: found.version,
    number: found.number,
    schema: declared?.schema ?? null,
    effective: completeConfig(shapeOf(declared), config),
    secrets: (declared?.secrets ?? []).map((secret) => {
      const set = secretsSet.find(({ name }) => name === secret.name)
      return {
        ...secret,
        isSet: set !== undefined,
        setBy: set?.setBy ?? null,
        setAt: set?.setAt ?? null,
      }
    }),
    waitsFor: gap ? `${gap.path}: ${gap.reason}` : null,
    history: versions.map((version) => ({ ...version, config: asValues(version.config) })),
  }
}
