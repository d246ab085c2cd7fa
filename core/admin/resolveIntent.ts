import { z } from 'zod'
import { findCanonical } from '../../blackboard/query/findCanonical.ts'
import { lockIntents, type LockedIntent } from '../../blackboard/query/lockIntents.ts'
import { transact } from '../../blackboard/transact.ts'
import { fail } from '../errors.ts'
import { applyMoves, holdPersons, tellMoves, type Move } from '../flow/intents.ts'
import { findIntent, type IntentView } from '../read/listIntents.ts'
import { demand, type Reader } from '../read/reader.ts'
import type { RowKey } from '../read/visibility.ts'
import { parseInput } from './parseInput.ts'

/** `carry`: this one is carried out, and those opposed to it lapse. `drop`: none of them is carried out. */
export const intentVerdicts = ['carry', 'drop'] as const

const verdictSchema = z.enum(intentVerdicts)

/**
 * A person chooses between what agents announced of one thing. What is carried out goes before the gate as it would have.
 *
 * @throws forbidden, bad_input, not_found, intent_not_conflicted
 */
export async function resolveIntent(
  reader: Reader,
  key: RowKey,
  given: unknown,
): Promise<IntentView> {
  demand(reader, 'approve', 'Activation')
  const verdict = parseInput(verdictSchema, given)
  const { board, principal } = reader
  const { workspaceId, id: resolvedBy } = principal
  const before = await findIntent(reader, key)
  if (!before) throw fail('not_found', { what: 'intent' })
  const moves = await transact(board.db, async (tx) => {
    const [found] = await findCanonical(tx, { workspaceId, id: key.profileId })
    const ids = found ? [found.canonical] : []
    await holdPersons(tx, workspaceId, ids)
    const now = board.clock.now().toISOString()
    const locked = await lockIntents(tx, { workspaceId, ids, now })
    const chosen = locked.find(({ id, state }) => id === key.id && state === 'conflicted')
    if (!chosen) throw fail('intent_not_conflicted', { state: before.state })
    const moves = locked.flatMap((intent) => settle(intent, chosen, verdict, resolvedBy))
    await applyMoves(tx, board, { workspaceId, moves, actor: `principal:${resolvedBy}` })
    return moves
  })
  tellMoves(board, moves)
  const after = await findIntent(reader, key)
  if (!after) throw fail('not_found', { what: 'intent' })
  return after
}

function settle(
  intent: LockedIntent,
  chosen: LockedIntent,
  verdict: (typeof intentVerdicts)[number],
  resolvedBy: string,
): Move[] {
  if (intent.state !== 'conflicted' || intent.resource !== chosen.resource) return []
  const isCarried = verdict === 'carry' && intent.id === chosen.id && intent.isThere
  return [{ intent, state: isCarried ? 'carried' : 'lapsed', resolvedBy }]
}
