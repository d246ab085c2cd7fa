/**
 * Brings what plugins remember to the version of an upgrade, in the background: reactions do the same for what
 * they meet, so nothing waits for this. The plugin's `migrate` runs in the sandbox with no transaction open; what
 * it made replaces what it was made from, unless a reaction or an erasure came first.
 *
 * The database holds how far it is. A batch is one transaction with its progress, so any number of nodes may try
 * and any of them may be killed. What throws is counted, told and left as it was.
 */
import type { TransactionSql } from 'postgres'
import { findStateMigrations } from '../../blackboard/query/findStateMigrations.ts'
import { listPluginState } from '../../blackboard/query/listPluginState.ts'
import { listProfileStates } from '../../blackboard/query/listProfileStates.ts'
import { listStateKeys } from '../../blackboard/query/listStateKeys.ts'
import { lockPluginState } from '../../blackboard/query/lockPluginState.ts'
import { lockStateMigration } from '../../blackboard/query/lockStateMigration.ts'
import { moveStateMigration } from '../../blackboard/query/moveStateMigration.ts'
import { replaceProfileStates } from '../../blackboard/query/replaceProfileStates.ts'
import { writeStates } from '../../blackboard/query/writeStates.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import type { Board } from '../board.ts'
import { keyBytes } from '../flow/react/keep.ts'
import type { PluginHost } from '../host/host.ts'
import type { Migrated } from '../host/migrate.ts'
import type { RunnableAgent } from '../host/registry.ts'
import type { Json, JsonObject } from '../model/json.ts'
import { asState, bytesOf, stateLimits } from '../model/pluginState.ts'

/** Profiles of one batch: a transaction of some tens of milliseconds. */
export const migrateLimit = 200
const jobsMax = 100
/** More than a plugin can declare. */
const keysMax = 1000

export interface MigrateParts {
  board: Board
  host: PluginHost
  registry: { all(): readonly RunnableAgent[] }
}

type Job = Awaited<ReturnType<typeof findStateMigrations>>[number]

/** Migrates one batch. @returns 0 when nothing is due that a plugin on this node could migrate */
export async function migrateStates(
  { board, host, registry }: MigrateParts,
  limit = migrateLimit,
): Promise<number> {
  const agents = registry.all().filter(({ state }) => (state?.version ?? 1) > 1)
  // Most plugins keep nothing, or never changed its shape: then nobody is asked.
  if (agents.length === 0) return 0
  for (const job of await findStateMigrations(board.db.sql, { limit: jobsMax })) {
    const agent = agents.find(
      ({ workspaceId, pluginId, state }) =>
        workspaceId === job.workspaceId &&
        pluginId === job.plugin &&
        state?.version === job.version,
    )
    if (agent && (await migrateBatch(board, host, agent, job, limit))) return 1
  }
  return 0
}

async function migrateBatch(
  board: Board,
  host: PluginHost,
  { hostKey }: RunnableAgent,
  job: Job,
  limit: number,
): Promise<boolean> {
  const { workspaceId, plugin, version, position } = job
  const { sql } = board.db
  const page = await listProfileStates(sql, { workspaceId, plugin, after: position, limit })
  const old = page.filter((row) => row.version < version)
  const isThrough = page.length < limit
  const keys = isThrough
    ? await listPluginState(sql, { workspaceId, plugin, version, limit: keysMax })
    : []
  const answers = await host.migrate(hostKey, [
    ...old.map((row) => ({
      of: 'profile' as const,
      from: row.version,
      old: asState(row.state) ?? {},
    })),
    ...keys.map((row) => ({
      of: 'plugin' as const,
      from: row.version,
      old: { [row.key]: row.value },
    })),
  ])
  // A process that ended says nothing about the state: the batch comes again.
  if (answers.some((answer) => !answer.ok && answer.code === 'cell_lost')) return false
  tellFirst(board, job, answers)
  const batch = {
    profiles: made(old, answers),
    keys: made(keys, answers.slice(old.length)),
    failed: answers.filter(({ ok }) => !ok).length,
    position: page.at(-1)?.profileId ?? position,
    isThrough,
  }
  return transact(board.db, (tx) => store(tx, board, job, batch))
}

const made = <Row>(rows: readonly Row[], answers: readonly Migrated[]): Made<Row>[] =>
  rows.flatMap((row, at) => {
    const answer = answers[at]
    return answer?.ok ? [{ row, state: answer.state }] : []
  })

interface Made<Row> {
  row: Row
  state: JsonObject
}

interface Batch {
  profiles: Made<{ profileId: string; revision: number }>[]
  keys: Made<{ key: string; revision: number }>[]
  failed: number
  position: string
  isThrough: boolean
}

async function store(
  tx: TransactionSql,
  board: Board,
  job: Job,
  { profiles, keys, failed, position, isThrough }: Batch,
): Promise<boolean> {
  const { workspaceId, plugin, version } = job
  const at = board.clock.now().toISOString()
  const [mine] = await lockStateMigration(tx, job)
  if (!mine) return false
  const replaced = await replaceProfileStates(tx, {
    workspaceId,
    plugin,
    version,
    at,
    ids: profiles.map(({ row }) => row.profileId),
    revisions: profiles.map(({ row }) => row.revision),
    states: profiles.map(({ state }) => JSON.stringify(state)),
    bytes: profiles.map(({ state }) => bytesOf(state)),
  })
  const own = keys.length > 0 ? await storeKeys(tx, job, keys, at) : { migrated: 0, failed: 0 }
  const [sum] = await moveStateMigration(tx, {
    workspaceId,
    plugin,
    version,
    position,
    migrated: replaced.length + own.migrated,
    failed: failed + own.failed,
    finishedAt: isThrough ? at : null,
  })
  if (!isThrough) return true
  const payload = { version, ...sum }
  const object = `plugin:${plugin}`
  await audit(tx, board, {
    workspaceId,
    actor: 'system',
    action: 'plugin.migrate',
    object,
    payload,
  })
  return true
}

/** Those that stand as they were read, as far as the quota goes. */
async function storeKeys(
  tx: TransactionSql,
  { workspaceId, plugin, version }: Job,
  keys: Batch['keys'],
  at: string,
): Promise<{ migrated: number; failed: number }> {
  await lockPluginState(tx, { workspaceId, plugin })
  const standing = await listStateKeys(tx, { workspaceId, plugin })
  const known = new Map(standing.map((row) => [row.key, row]))
  let total = standing.reduce((sum, { bytes }) => sum + bytes, 0)
  let failed = 0
  const written: { key: string; value: Json | null; bytes: number }[] = []
  for (const { row, state } of keys) {
    const before = known.get(row.key)
    if (before?.revision !== row.revision) continue
    const value = state[row.key] ?? null
    const bytes = value === null ? 0 : keyBytes(row.key, value)
    const next = total + bytes - before.bytes
    if (next > total && next > stateLimits.pluginBytes) failed += 1
    else {
      total = next
      written.push({ key: row.key, value, bytes })
    }
  }
  await writeStates(tx, {
    workspaceId,
    plugin,
    version,
    at,
    ids: [],
    states: [],
    stateBytes: [],
    keys: written.map(({ key }) => key),
    values: written.map(({ value }) => (value === null ? null : JSON.stringify(value))),
    valueBytes: written.map(({ bytes }) => bytes),
  })
  return { migrated: written.length, failed }
}

function tellFirst({ log }: Board, { plugin }: Job, answers: readonly Migrated[]): void {
  const failures = answers.filter((answer) => !answer.ok)
  const [first] = failures
  if (!first || first.ok) return
  const { code, message } = first
  log.warn({ plugin, code, failed: failures.length }, message)
}
