/** A person decides between agents that say different things of somebody, or over what was committed to. */
import type { TransactionSql } from 'postgres'
import { z } from 'zod'
import { findCanonical } from '../../blackboard/query/findCanonical.ts'
import { lockProfiles } from '../../blackboard/query/lockProfiles.ts'
import { lockTraitConflict } from '../../blackboard/query/lockTraitConflict.ts'
import { settleTraitConflict } from '../../blackboard/query/settleTraitConflict.ts'
import { storeChanges } from '../../blackboard/query/storeChanges.ts'
import { updateTraits } from '../../blackboard/query/updateTraits.ts'
import { wakeAgents } from '../../blackboard/query/wakeAgents.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { traitChange, traitHappening } from '../flow/notice.ts'
import type { Write } from '../flow/project.ts'
import { lockPerson } from '../flow/subject.ts'
import { jsonEqual, type Json } from '../model/json.ts'
import { expiryOf, isVaulted, type Provenance, type TraitState } from '../model/trait.ts'
import { findTraitConflict, type TraitConflictView } from '../read/listTraitConflicts.ts'
import { demand, type Reader } from '../read/reader.ts'
import type { RowKey } from '../read/visibility.ts'

/** `keep`: what stands goes on standing. `take`: what lost is written in its place, as of now. */
export const conflictVerdicts = ['keep', 'take'] as const

const verdictSchema = z.enum(conflictVerdicts)

type Locked = Awaited<ReturnType<typeof lockTraitConflict>>[number]

/**
 * Settles a conflict that waits; the same words are settled by it from then on. What a taken value changes wakes
 * agents, all of them: whoever said it was not heard until now.
 *
 * @throws forbidden, not_found, trait_conflict_settled, trait_not_standing where the value may not be written any more
 */
export async function resolveConflict(
  reader: Reader,
  key: RowKey,
  given: unknown,
): Promise<TraitConflictView> {
  demand(reader, 'approve', 'Activation')
  const verdict = parseInput(verdictSchema, given)
  if (!(await findTraitConflict(reader, key))) throw fail('not_found', { what: 'conflict' })
  const { board, principal } = reader
  const { workspaceId } = principal
  await reader.learn()
  const touched = await transact(board.db, async (tx) => {
    const person = await lockStanding(tx, workspaceId, key.profileId)
    const [conflict] = await lockTraitConflict(tx, { workspaceId, ...key })
    if (!conflict || conflict.state === 'settled') throw fail('trait_conflict_settled')
    const before = heldOf(person, conflict.trait)
    const written = verdict === 'take' ? writeOf(reader, conflict, before) : undefined
    if (written) await write(tx, reader, person, written)
    await settleTraitConflict(tx, {
      workspaceId,
      ...key,
      resolution: verdict === 'take' ? 'taken' : 'kept',
      by: principal.id,
      stood: before.value === undefined ? null : JSON.stringify(before.value),
      // To whom was promised something is no matter of who wrote it.
      winnerKind: conflict.rule === 'commitment' ? conflict.winnerKind : before.author.kind,
      winner: conflict.rule === 'commitment' ? conflict.winner : before.author.id,
      at: board.clock.now().toISOString(),
    })
    const { trait, rule, winner, loser } = conflict
    await audit(tx, board, {
      workspaceId,
      actor: `principal:${principal.id}`,
      action: 'conflict.resolve',
      object: `profile:${person.id}`,
      payload: {
        conflict: key.id,
        trait,
        rule,
        verdict,
        winner,
        loser,
        wrote: written !== undefined,
      },
    })
    return written ? person.members : []
  })
  board.signals.send('agenda')
  board.signals.send('audit')
  if (touched.length > 0) board.signals.profileChanged(workspaceId, touched)
  const after = await findTraitConflict(reader, key)
  if (!after) throw fail('not_found', { what: 'conflict' })
  return after
}

interface Held {
  id: string
  members: string[]
  state: TraitState
}

/** Locks whoever a profile counts as, with what stands of them. @throws not_found also for who was erased */
export async function lockStanding(
  tx: TransactionSql,
  workspaceId: number,
  profileId: string,
): Promise<Held> {
  const [found] = await findCanonical(tx, { workspaceId, id: profileId })
  if (!found) throw fail('not_found', { what: 'profile' })
  const id = found.canonical
  const { members, isErased } = await lockPerson(tx, workspaceId, id)
  if (isErased) throw fail('not_found', { what: 'profile' })
  const profiles = JSON.stringify([{ id, whole: true }])
  const [row] = await lockProfiles(tx, { workspaceId, ids: [id], profiles })
  return {
    id,
    members,
    state: { traits: row?.traits ?? {}, provenance: row?.provenance ?? {} },
  }
}

interface Standing {
  value: Json | undefined
  made: Provenance | undefined
  author: Provenance['author']
}

function heldOf({ state: { traits, provenance } }: Held, key: string): Standing {
  const made = Object.hasOwn(provenance, key) ? provenance[key] : undefined
  const value = Object.hasOwn(traits, key) ? traits[key] : undefined
  return { value, made, author: made?.author ?? { kind: 'system', id: 'none' } }
}

/** The losing word as what stands, said by its agent and written by this decision; undefined where it stands already. */
function writeOf(
  { board, definitions }: Reader,
  conflict: Locked,
  { value: stood, made }: Standing,
): Write | undefined {
  const { trait: key, loser, confidence, id, removes, isSealed } = conflict
  const definition = definitions.get(key)
  const refuse = (reason: string) => fail('trait_not_standing', { key, reason })
  if (made?.pinned !== undefined) throw refuse('is pinned by a request of the person')
  if (isSealed || isVaulted(definition?.dataClass ?? 'none')) throw refuse('is personal by now')
  const value = removes ? undefined : conflict.value
  if (value !== undefined && definition?.check?.(value) !== undefined) {
    throw refuse('takes no such value any more')
  }
  if (jsonEqual(value, stood)) return undefined
  const at = board.clock.now()
  const expiresAt = value === undefined ? undefined : expiryOf(definition?.ttlMs, at)
  const provenance: Provenance = {
    revision: (made?.revision ?? 0) + 1,
    author: { kind: 'agent', id: loser },
    writtenAt: at.toISOString(),
    confidence,
    cause: id,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(made?.committed ? { committed: made.committed } : {}),
    ...(value === undefined ? { removed: true } : {}),
  }
  return { key, value, before: stood, provenance }
}

async function write(
  tx: TransactionSql,
  { board, principal: { workspaceId } }: Reader,
  { id, state }: Held,
  written: Write,
): Promise<void> {
  const { key, value, provenance } = written
  const now = board.clock.now()
  const at = now.toISOString()
  const { [key]: _, ...others } = state.traits
  const traits = value === undefined ? others : { ...others, [key]: value }
  const made = { ...state.provenance, [key]: provenance }
  const change = traitChange(id, board.clock.id(), written, 0, now)
  const happening = { ...traitHappening(change, written), author: null }
  await Promise.all([
    updateTraits(tx, {
      workspaceId,
      ids: [id],
      profiles: JSON.stringify([{ id, traits, provenance: made, at }]),
    }),
    storeChanges(tx, { workspaceId, changes: [change] }),
    wakeAgents(tx, { workspaceId, happenings: [happening], at }),
  ])
}
