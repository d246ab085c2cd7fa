/**
 * Deletes what a purged plugin left, batch by batch.
 *
 * The database holds how far it is. A batch is one transaction with its progress, and the row of the purge is
 * locked meanwhile, so any number of nodes may try and any of them may be killed. Profiles are walked in passes:
 * a node that had not heard of the end may still commit a reaction behind the first pass. It is over once a pass
 * that began late enough found nothing; then the plugin's versions go, and its row stays as a tombstone.
 */
import type { TransactionSql } from 'postgres'
import { buryPlugin } from '../../blackboard/query/buryPlugin.ts'
import { findPurge } from '../../blackboard/query/findPurge.ts'
import { liftPluginHolds } from '../../blackboard/query/liftPluginHolds.ts'
import { lockDerivations } from '../../blackboard/query/lockDerivations.ts'
import { lockNextProfiles } from '../../blackboard/query/lockNextProfiles.ts'
import { lockPurge, type LockedPurge } from '../../blackboard/query/lockPurge.ts'
import { movePurge } from '../../blackboard/query/movePurge.ts'
import { purgePluginState } from '../../blackboard/query/purgePluginState.ts'
import { purgeWords } from '../../blackboard/query/purgeWords.ts'
import { purgeProfiles } from '../../blackboard/query/purgeProfiles.ts'
import { resetPluginConfig } from '../../blackboard/query/resetPluginConfig.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import type { Board } from '../board.ts'
import { deriveAll } from '../trait/deriveAll.ts'

/** One batch's share of profiles: a transaction of some tens of milliseconds. */
export const purgeProfilesMax = 200
/** Other nodes hear of the end within a second, and drain for five; no statement may take longer than 30 s. */
export const purgeSettleMs = 60_000

interface Job {
  board: Board
  workspaceId: number
  pluginId: string
  id: string
}

/** Does one batch, of whatever has been due for longest. @returns 0 when nothing is due, or another has it */
export async function continuePurge(
  board: Board,
  profilesMax: number = purgeProfilesMax,
): Promise<number> {
  const { db, clock, signals } = board
  const [due] = await findPurge(db.sql, { now: clock.now().toISOString() })
  if (!due) return 0
  const done = await transact(db, (tx) => purgeBatch(tx, { board, ...due }, profilesMax))
  if (!done) return 0
  signals.profileChanged(due.workspaceId, done.ids)
  if (done.freed > 0) signals.send('proposed')
  if (done.isOver) {
    signals.send('trait')
    signals.send('plugin')
    signals.send('audit')
  }
  return 1
}

interface Batch {
  ids: readonly string[]
  freed: number
  isOver: boolean
}

async function purgeBatch(
  tx: TransactionSql,
  job: Job,
  profilesMax: number,
): Promise<Batch | undefined> {
  const { workspaceId, pluginId, id, board } = job
  // Before the profiles, as installations do: the last batch changes definitions.
  await lockDerivations(tx, { workspaceId })
  const [purge] = await lockPurge(tx, { workspaceId, pluginId, id })
  if (!purge) return undefined
  const now = board.clock.now()
  const after = purge.position
  const profiles = await lockNextProfiles(tx, { workspaceId, after, limit: profilesMax })
  const ids = profiles.map((profile) => profile.id)
  const { freed, words, ...found } = await purgeThese(tx, job, ids, now.toISOString())
  const { profiles: changed, traitValues, changes, holds, reactions } = found
  // Its own keys and secrets go with the first batch, and what it remembers of profiles as many at a time.
  const [forgotten] = await purgePluginState(tx, {
    workspaceId,
    plugin: pluginId,
    limit: profilesMax,
  })
  const total =
    changed + traitValues + changes + holds + reactions + words + (forgotten?.profiles ?? 0)
  const isThrough = ids.length < profilesMax
  const next = isThrough
    ? nextPass(purge, now, total)
    : { ...purge, passFound: purge.passFound + total, position: ids.at(-1) ?? after, isOver: false }
  const [sum] = await movePurge(tx, {
    workspaceId,
    pluginId,
    id,
    passBeganAt: next.passBeganAt.toISOString(),
    passFound: next.passFound,
    position: next.position,
    ...found,
    finishedAt: next.isOver ? now.toISOString() : null,
  })
  if (next.isOver) await bury(tx, job, purge.requestedBy, { ...sum })
  return { ids, freed, isOver: next.isOver }
}

async function purgeThese(
  tx: TransactionSql,
  { workspaceId, pluginId }: Job,
  ids: readonly string[],
  at: string,
) {
  const nothing = {
    profiles: 0,
    traitValues: 0,
    changes: 0,
    reactions: 0,
    holds: 0,
    freed: 0,
    words: 0,
  }
  if (ids.length === 0) return nothing
  const [written] = await purgeProfiles(tx, { workspaceId, pluginId, ids, at })
  const [said] = await purgeWords(tx, { workspaceId, pluginId, ids })
  const [lifted] = await liftPluginHolds(tx, { workspaceId, pluginId, ids, at })
  return { ...nothing, ...written, ...said, ...lifted }
}

/** After a pass: over when it began late enough and found nothing, else the next one once that can be. */
function nextPass(purge: LockedPurge, now: Date, found: number) {
  const settledAt = new Date(purge.requestedAt.getTime() + purgeSettleMs)
  const isOver = purge.passFound + found === 0 && purge.passBeganAt >= settledAt
  const nextAt = new Date(Math.max(now.getTime(), settledAt.getTime()))
  return { passBeganAt: isOver ? purge.passBeganAt : nextAt, passFound: 0, position: '', isOver }
}

async function bury(
  tx: TransactionSql,
  { board, workspaceId, pluginId }: Job,
  requestedBy: string,
  sum: Record<string, number>,
): Promise<void> {
  const at = board.clock.now().toISOString()
  const [gone] = await buryPlugin(tx, { workspaceId, id: pluginId, author: requestedBy, at })
  // The history of what was set stays; a plugin of the same name begins with nothing.
  await resetPluginConfig(tx, { workspaceId, plugin: pluginId, author: requestedBy, at })
  await deriveAll(tx, workspaceId)
  await audit(tx, board, {
    workspaceId,
    actor: 'system',
    action: 'plugin.purged',
    object: `plugin:${pluginId}`,
    payload: { ...sum, ...gone },
  })
}
