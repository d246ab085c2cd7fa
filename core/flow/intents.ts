/**
 * Carries out what agents announced and nobody vetoed, and tells them what became of it.
 *
 * The database is authoritative for the state of an intent. Whoever announces, vetoes, closes or resolves one holds the
 * person's canonical profile, so of a veto and the end of the window exactly one comes first.
 */
import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { ensureLegalStates } from '../../blackboard/query/ensureLegalStates.ts'
import { findDueIntents } from '../../blackboard/query/findDueIntents.ts'
import { insertActivations } from '../../blackboard/query/insertActivations.ts'
import { lockIntents, type LockedIntent } from '../../blackboard/query/lockIntents.ts'
import { lockProfiles } from '../../blackboard/query/lockProfiles.ts'
import { moveIntents } from '../../blackboard/query/moveIntents.ts'
import { wakeAgents } from '../../blackboard/query/wakeAgents.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { isOpposed, type IntentState } from '../model/intent.ts'
import { outcomeHappening } from './notice.ts'

/** Intents that one look takes up; the persons whom they are about are held for some milliseconds. */
const intentsMax = 200

/** Looks at intents that are due. @returns how many moved on */
export async function closeIntents(board: Board): Promise<number> {
  const now = board.clock.now().toISOString()
  const due = await findDueIntents(board.db.sql, { now, limit: intentsMax })
  let moved = 0
  for (const [workspaceId, rows] of Map.groupBy(due, (row) => row.workspaceId)) {
    const ids = [...new Set(rows.map(({ canonical }) => canonical))]
    const moves = await transact(board.db, async (tx) => {
      await holdPersons(tx, workspaceId, ids)
      const moves = movesOf(await lockIntents(tx, { workspaceId, ids, now }))
      await applyMoves(tx, board, { workspaceId, moves, actor: 'system' })
      return moves
    })
    tellMoves(board, moves)
    moved += moves.length
  }
  return moved
}

/** Holds canonical profiles, which every other word about their intents takes first. */
export const holdPersons = (
  tx: TransactionSql,
  workspaceId: number,
  ids: readonly string[],
): Promise<unknown> =>
  lockProfiles(tx, {
    workspaceId,
    ids,
    profiles: JSON.stringify(ids.map((id) => ({ id, whole: false }))),
  })

/** What becomes of an intent. */
export interface Move {
  intent: LockedIntent
  state: IntentState
  /** The first that it is opposed to. */
  opposes?: string | undefined
  resolvedBy?: string
}

/** @param locked all that is open or conflicted of the persons, for a merge may have brought opposites together */
export function movesOf(locked: readonly LockedIntent[]): Move[] {
  const waiting = locked.filter(({ state }) => state === 'open' || state === 'conflicted')
  return locked.flatMap((intent): Move[] => {
    const opposes = waiting.find((other) => isOpposed(intent, other))?.id
    if (intent.state !== 'open') return intent.isDue ? [{ intent, state: intent.state }] : []
    if (opposes !== undefined) return [{ intent, state: 'conflicted', opposes }]
    if (!intent.isDue) return []
    return [{ intent, state: intent.isThere ? 'carried' : 'lapsed' }]
  })
}

interface Applied {
  workspaceId: number
  moves: readonly Move[]
  actor: string
}

/** In the caller's transaction, which holds the persons and the intents. */
export async function applyMoves(
  tx: TransactionSql,
  { clock }: Pick<Board, 'clock'>,
  { workspaceId, moves, actor }: Applied,
): Promise<void> {
  if (moves.length === 0) return
  const now = clock.now()
  const at = now.toISOString()
  const drafts = moves.map((move) => {
    const isProposed = move.state === 'carried' && move.intent.proposal !== null
    return { ...move, activationId: isProposed ? clock.id() : null }
  })
  const proposed = drafts.flatMap(({ intent, activationId: id }) => {
    const { profileId, agent: proposerId, cause, trace, proposal } = intent
    const proposer = { proposerKind: 'agent', proposerId } as const
    return id === null ? [] : [{ ...proposal, id, profileId, ...proposer, cause, trace }]
  })
  const profileIds = [...new Set(proposed.map(({ profileId }) => profileId))]
  if (proposed.length > 0) {
    await ensureLegalStates(tx, { workspaceId, ids: JSON.stringify(profileIds), at })
    await insertActivations(tx, { workspaceId, activations: JSON.stringify(proposed), at })
  }
  const happenings = drafts.map(({ intent, state }) => outcomeHappening({ ...intent, state }))
  const entries = drafts.map(({ intent, state, activationId }) => ({
    id: clock.id(),
    at: now,
    actor,
    action: `intent.${state}`,
    object: `intent:${intent.id}`,
    payload: {
      profile: intent.profileId,
      agent: intent.agent,
      kind: intent.kind,
      resource: intent.resource,
      direction: intent.direction,
      activation: activationId,
    },
  }))
  await Promise.all([
    moveIntents(tx, {
      workspaceId,
      profileIds: [...new Set(drafts.map(({ intent }) => intent.home))],
      moves: JSON.stringify(
        drafts.map(({ intent: { home, id }, ...move }) => ({ home, id, ...move })),
      ),
      at,
    }),
    wakeAgents(tx, { workspaceId, happenings, at }),
    appendAudit(tx, { workspaceId, entries: JSON.stringify(entries) }),
  ])
}

export function tellMoves({ signals }: Pick<Board, 'signals'>, moves: readonly Move[]): void {
  if (moves.length === 0) return
  for (const { state } of moves) {
    signals.count({ what: 'intent', state })
    if (state === 'conflicted') signals.count({ what: 'conflict', rule: 'intent', state: 'open' })
  }
  signals.send('agenda')
  signals.send('proposed')
  signals.send('audit')
}
