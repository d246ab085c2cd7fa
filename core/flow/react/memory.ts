/** What a plugin remembers, on its way into a batch of reactions: read, and brought to the version that runs. */
import type { StateRow } from '../../../blackboard/query/loadStates.ts'
import { fail, type ErrorCode, type ErrorValues } from '../../errors.ts'
import type { StateView } from '../../host/contract.ts'
import type { PluginHost } from '../../host/host.ts'
import type { Migrated, OldState } from '../../host/migrate.ts'
import type { JsonObject } from '../../model/json.ts'
import { asState, pickKeys, type PluginState } from '../../model/pluginState.ts'
import type { RunnableAgent } from './reaction.ts'

export interface Trouble {
  code: ErrorCode
  values: ErrorValues
  message: string
  /** True where it goes away by itself once another plugin version is in service: no attempt is counted. */
  waits: boolean
}

/** What is remembered of one profile, and of the plugin itself. */
export interface Memory {
  /** All of it, whatever this agent is handed. */
  profile: JsonObject
  /** Revision of the profile's own row, 0 for none. */
  revision: number
  /** The row is of an older version: it is written with the reaction, whether or not the handler touches it. */
  isMigrated: boolean
  plugin: JsonObject
  /** Of each of the plugin's keys that this agent is handed, 0 for one that does not stand. */
  revisions: Readonly<Record<string, number>>
  migratedKeys: ReadonlySet<string>
  trouble: Trouble | undefined
}

export type Memories = (profileId: string) => Memory

/** The part that an agent is handed. */
export const viewOf = ({ profile, plugin }: Memory, declared: PluginState): StateView => ({
  profile: pickKeys(profile, declared.profile),
  plugin,
})

/**
 * Brings rows to the version of the plugin that runs, in its own sandbox and with no transaction open. Rows of
 * a newer version are not handed to an older plugin, which could only spoil them.
 */
export async function recall(
  host: PluginHost,
  { hostKey, pluginId }: RunnableAgent,
  declared: PluginState,
  rows: readonly StateRow[],
): Promise<Memories> {
  const old = rows.filter(({ version }) => version < declared.version)
  const given = old.map(oldOf)
  const answers = given.length > 0 ? await host.migrate(hostKey, given) : []
  const migrated = new Map(old.map((row, at) => [row, answers[at]]))
  const read = (row: StateRow): Read => {
    if (row.version > declared.version) {
      const values = { plugin: pluginId, stored: row.version, known: declared.version }
      return { state: {}, trouble: troubleOf('plugin_state_newer', values, true) }
    }
    return migrated.has(row) ? asRead(migrated.get(row)) : { state: oldOf(row).old }
  }
  const own = readOwn(declared, rows, read)
  const profiles = new Map(
    rows.flatMap((row) => (row.profileId === null ? [] : [[row.profileId, row] as const])),
  )
  return (profileId) => {
    const row = profiles.get(profileId)
    const { state, trouble }: Read = row ? read(row) : { state: {} }
    return {
      ...own,
      profile: state,
      revision: row?.revision ?? 0,
      isMigrated: row !== undefined && row.version < declared.version,
      trouble: own.trouble ?? trouble,
    }
  }
}

interface Read {
  state: JsonObject
  trouble?: Trouble
}

const oldOf = ({ profileId, key, version, value }: StateRow): OldState =>
  key === null || profileId !== null
    ? { of: 'profile', from: version, old: asState(value) ?? {} }
    : { of: 'plugin', from: version, old: { [key]: value } }

const asRead = (answer: Migrated | undefined): Read =>
  answer?.ok
    ? { state: answer.state }
    : { state: {}, trouble: troubleOf(answer?.code ?? 'internal', answer?.values ?? {}, false) }

function readOwn(
  declared: PluginState,
  rows: readonly StateRow[],
  read: (row: StateRow) => Read,
): Pick<Memory, 'plugin' | 'revisions' | 'migratedKeys' | 'trouble'> {
  const plugin: JsonObject = {}
  const revisions: Record<string, number> = Object.fromEntries(
    declared.plugin.map((key) => [key, 0]),
  )
  const migratedKeys = new Set<string>()
  let trouble: Trouble | undefined
  for (const row of rows) {
    if (row.key === null) continue
    const one = read(row)
    trouble ??= one.trouble
    Object.assign(plugin, one.state)
    revisions[row.key] = row.revision
    if (row.version < declared.version) migratedKeys.add(row.key)
  }
  return { plugin, revisions, migratedKeys, trouble }
}

const troubleOf = (code: ErrorCode, values: ErrorValues, waits: boolean): Trouble => ({
  code,
  values,
  waits,
  message: fail(code, values).message,
})
