/** What operators set for a plugin: values that its agents are handed, and secrets that nobody is shown. */
import type { TransactionSql } from 'postgres'
import { z } from 'zod'
import { appendConfigVersion } from '../../blackboard/query/appendConfigVersion.ts'
import { findPluginConfig } from '../../blackboard/query/findPluginConfig.ts'
import { listConfigVersions } from '../../blackboard/query/listConfigVersions.ts'
import { lockPlugin } from '../../blackboard/query/lockPlugin.ts'
import { storePluginSecrets } from '../../blackboard/query/storePluginSecrets.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import { parseInput } from '../admin/parseInput.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { jsonSchema, type Json, type JsonObject } from '../model/json.ts'
import { nearest } from '../model/nearest.ts'
import { asValues, configProblem, type PluginConfig, shapeOf } from '../model/pluginConfig.ts'
import { bytesOf, patched, pickKeys, stateFlaw } from '../model/pluginState.ts'
import { demand, type Reader } from '../read/reader.ts'
import { readDeclared } from './acceptConfig.ts'
import { sealSecret } from './secretSource.ts'

const configBytesMax = 65_536
const reasonSchema = z.string().trim().min(1).max(500).nullish()

const configureSchema = z.object({
  plugin: z.string().min(1).max(60),
  /** By key; null takes a key back to its default. What is not named stays. */
  values: z.record(z.string().max(60), jsonSchema).nullish(),
  /** Null takes a secret away. */
  secrets: z
    .array(z.object({ name: z.string().max(60), value: z.string().min(1).max(8192).nullish() }))
    .max(50)
    .nullish(),
  reason: reasonSchema,
})

const rollbackSchema = z.object({
  plugin: z.string().min(1).max(60),
  number: z.int().min(1),
  reason: reasonSchema,
})

/**
 * Sets values and secrets as the next version of the plugin's config. It counts for the next batch on every node.
 *
 * @throws forbidden, plugin_not_found, plugin_config_invalid, bad_input
 */
export async function configurePlugin(reader: Reader, given: unknown): Promise<void> {
  demand(reader, 'administer', 'Plugin')
  const { plugin, values, secrets, reason } = parseInput(configureSchema, given)
  if (!values && !secrets?.length) {
    throw fail('bad_input', { path: 'input', reason: 'give values or secrets' })
  }
  await change(reader, plugin, async (tx, act, { declared, config }) => {
    const next = values ? merged(plugin, declared, config, values) : config
    for (const { name } of secrets ?? []) refuseUnknownSecret(plugin, declared, name)
    const { board, workspaceId } = act
    const kept = (secrets ?? []).flatMap(({ name, value }) =>
      value == null ? [] : [sealSecret(board.vault, { workspaceId, plugin, name }, value)],
    )
    const removed = (secrets ?? []).flatMap(({ name, value }) => (value == null ? [name] : []))
    if (secrets?.length) {
      const { author: by, at } = act
      const rows = JSON.stringify(kept)
      await storePluginSecrets(tx, { workspaceId, plugin, secrets: rows, removed, by, at })
    }
    return {
      config: next,
      keys: Object.keys(values ?? {}),
      secrets: (secrets ?? []).map(({ name }) => name),
      reason: reason ?? null,
      returnsTo: null,
    }
  })
}

/**
 * Sets the values of an earlier version again, as a new version. Secrets stay as they are: what was
 * overwritten is not kept anywhere.
 *
 * @throws forbidden, plugin_not_found, not_found, plugin_config_invalid
 */
export async function rollbackPluginConfig(reader: Reader, given: unknown): Promise<void> {
  demand(reader, 'administer', 'Plugin')
  const { plugin, number, reason } = parseInput(rollbackSchema, given)
  await change(reader, plugin, async (tx, { workspaceId }, { declared }) => {
    const [before] = await listConfigVersions(tx, { workspaceId, plugin, number, limit: 1 })
    if (!before) throw fail('not_found', { what: `config version ${number} of ${plugin}` })
    const config = pickKeys(asValues(before.config), [...shapeOf(declared).properties.keys()])
    refuseProblem(plugin, declared, config)
    return {
      config,
      keys: Object.keys(config),
      secrets: [],
      reason: reason ?? null,
      returnsTo: number,
    }
  })
}

interface Act {
  board: Board
  workspaceId: number
  author: string
  at: string
}

interface Standing {
  declared: PluginConfig
  config: JsonObject
}

interface Next {
  config: JsonObject
  /** Names for the audit log; values may be anything. */
  keys: string[]
  secrets: string[]
  reason: string | null
  returnsTo: number | null
}

/** One change at a time of a plugin, numbered and written down in the transaction that makes it. */
async function change(
  { board, principal }: Reader,
  plugin: string,
  work: (tx: TransactionSql, act: Act, standing: Standing) => Promise<Next>,
): Promise<void> {
  const { workspaceId } = principal
  const author = `principal:${principal.id}`
  const at = board.clock.now().toISOString()
  await transact(board.db, async (tx) => {
    await lockPlugin(tx, { workspaceId, id: plugin })
    const [found] = await findPluginConfig(tx, { workspaceId, plugin })
    if (!found) throw fail('plugin_not_found', { plugin })
    const declared = readDeclared(found.declared)
    if (!declared) throw invalid(plugin, 'config', 'the plugin takes no config')
    const standing = { declared, config: asValues(found.config) }
    const next = await work(tx, { board, workspaceId, author, at }, standing)
    const { config, keys, secrets, reason, returnsTo } = next
    const [made] = await appendConfigVersion(tx, {
      workspaceId,
      plugin,
      secrets,
      returnsTo,
      author,
      reason,
      at,
      config: JSON.stringify(config),
    })
    const payload = { number: made?.number ?? 0, keys, secrets, returnsTo }
    const object = `plugin:${plugin}`
    await audit(tx, board, {
      workspaceId,
      actor: author,
      action: 'plugin.configure',
      object,
      payload,
    })
  })
  board.signals.send('plugin')
  board.signals.send('audit')
}

function merged(
  plugin: string,
  declared: PluginConfig,
  config: JsonObject,
  values: Readonly<Record<string, Json>>,
): JsonObject {
  const known = [...shapeOf(declared).properties.keys()]
  for (const key of Object.keys(values)) {
    if (known.includes(key)) continue
    throw invalid(plugin, key, `there is no such key${hint(key, known)}`)
  }
  const flaw = stateFlaw(values)
  if (flaw !== undefined) throw invalid(plugin, 'values', `it is or has ${flaw}`)
  const next = pickKeys(patched(config, values), known)
  const bytes = bytesOf(next)
  if (bytes > configBytesMax) {
    throw invalid(plugin, 'values', `they have ${bytes} bytes, the limit is ${configBytesMax}`)
  }
  refuseProblem(plugin, declared, next)
  return next
}

function refuseProblem(plugin: string, declared: PluginConfig, config: JsonObject): void {
  const problem = configProblem(shapeOf(declared), config)
  if (problem) throw invalid(plugin, problem.path, problem.reason)
}

function refuseUnknownSecret(plugin: string, { secrets }: PluginConfig, name: string): void {
  const known = secrets.map((secret) => secret.name)
  if (!known.includes(name))
    throw invalid(plugin, name, `there is no such secret${hint(name, known)}`)
}

function hint(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  if (meant !== undefined) return `, did you mean ${meant}?`
  return known.length === 0 ? ' and the plugin takes none' : `; there are ${known.join(', ')}`
}

const invalid = (plugin: string, key: string, reason: string) =>
  fail('plugin_config_invalid', { plugin, key, reason, path: `input.${key}` })
