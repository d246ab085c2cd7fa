import type { TransactionSql } from 'postgres'
import { asDatabaseError, refusesData } from '../../blackboard/failure.ts'
import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { ensureLegalStates } from '../../blackboard/query/ensureLegalStates.ts'
import { insertActivations } from '../../blackboard/query/insertActivations.ts'
import { transact } from '../../blackboard/transact.ts'
import type { Board } from '../board.ts'
import { asSlateboardError, fail } from '../errors.ts'
import { gather } from '../gather.ts'
import type { Proposal } from '../model/activation.ts'
import type { Identifier } from '../model/identifier.ts'
import type { Trace } from '../model/trace.ts'
import { rulesOf, type GateDeps } from './gate/assemble.ts'
import { decideBatch, gateBatchMax, tellDecided } from './gate/gate.ts'
import { erased, hashOf, seekSubjects } from './subject.ts'

/** Where an activation is found. */
export interface Proposed {
  profileId: string
  id: string
}

export type Propose = (
  workspaceId: number,
  principalId: string,
  subject: Identifier,
  proposal: Proposal,
  /** What the request is part of. */
  trace?: Trace,
) => Promise<Proposed>

interface Asked {
  workspaceId: number
  principalId: string
  hash: string
  namespace: string
  proposal: Proposal
  trace: Trace | undefined
}

/**
 * A principal's proposals; the gate has decided one when its promise is fulfilled. Throws `unknown_subject`.
 * Those that come while a commit is under way share the next one: with 128 callers that makes three times as many
 * a second as two transactions and two look-ups each.
 */
export function createProposals(deps: GateDeps): Propose {
  const submit = gather<Asked, Proposed>((all) => proposeAll(deps, all), {
    underWayMax: 2,
    batchMax: gateBatchMax,
  })
  const { vault, tracing } = deps.board
  return async (workspaceId, principalId, subject, proposal, trace) => {
    const { namespace } = subject
    const hash = hashOf(vault, workspaceId, subject)
    const span = tracing.receive('propose', trace, { facts: { workspace: workspaceId } })
    const asked = { workspaceId, principalId, hash, namespace, proposal, trace: span.trace }
    try {
      const proposed = await submit(asked)
      span.end({ outcome: 'decided' })
      return proposed
    } catch (thrown) {
      span.end({ outcome: 'failed', error: asSlateboardError(thrown).code })
      throw thrown
    }
  }
}

/** One proposal on its own. */
export const propose = (deps: GateDeps, ...proposal: Parameters<Propose>): Promise<Proposed> =>
  createProposals(deps)(...proposal)

async function proposeAll(deps: GateDeps, all: readonly Asked[]): Promise<(Proposed | Error)[]> {
  const results = new Map<Asked, Proposed | Error>()
  for (const [workspaceId, asked] of Map.groupBy(all, (each) => each.workspaceId)) {
    await proposeIn(deps, workspaceId, asked, results)
  }
  return all.map((asked) => results.get(asked) ?? fail('internal'))
}

/** What the database refuses of one must not keep back the others: then each goes alone. */
async function proposeIn(
  deps: GateDeps,
  workspaceId: number,
  all: readonly Asked[],
  results: Map<Asked, Proposed | Error>,
): Promise<void> {
  try {
    for (const [asked, result] of await proposeTogether(deps, workspaceId, all)) {
      results.set(asked, result)
    }
  } catch (thrown) {
    if (all.length > 1 && refusesData(thrown)) {
      for (const asked of all) await proposeIn(deps, workspaceId, [asked], results)
    } else for (const asked of all) results.set(asked, asDatabaseError(thrown))
  }
}

interface Draft extends Proposed {
  asked: Asked
}

/** Puts proposals before the gate and has them decided, in one transaction. */
async function proposeTogether(
  deps: GateDeps,
  workspaceId: number,
  all: readonly Asked[],
): Promise<Map<Asked, Proposed | Error>> {
  const { board } = deps
  const [subjects, rules] = await Promise.all([
    seekSubjects(
      board.db.sql,
      workspaceId,
      all.map(({ hash }) => hash),
    ),
    rulesOf(deps, workspaceId),
  ])
  const results = new Map<Asked, Proposed | Error>()
  const drafts: Draft[] = []
  for (const asked of all) {
    const found = subjects.get(asked.hash)
    if (found === undefined)
      results.set(asked, fail('unknown_subject', { namespace: asked.namespace }))
    else if (found === erased) results.set(asked, fail('subject_erased'))
    else drafts.push({ asked, profileId: found, id: board.clock.id() })
  }
  if (drafts.length === 0) return results
  const { kept, decided } = await transact(board.db, async (tx) => {
    const inserted = await insert(tx, board, workspaceId, drafts)
    return {
      kept: new Set(inserted.map(({ id }) => id)),
      decided: await decideBatch(tx, deps, rules, drafts),
    }
  })
  await tellDecided(deps, workspaceId, decided)
  for (const { asked, profileId, id } of drafts) {
    results.set(asked, kept.has(id) ? { profileId, id } : fail('subject_erased'))
  }
  return results
}

/** Returns those of persons who were not erased meanwhile. */
async function insert(
  tx: TransactionSql,
  { clock }: Board,
  workspaceId: number,
  drafts: readonly Draft[],
): Promise<{ id: string }[]> {
  const at = clock.now().toISOString()
  const activations = drafts.map(({ id, profileId, asked: { proposal, principalId, trace } }) => ({
    ...proposal,
    id,
    profileId,
    proposerKind: 'principal',
    proposerId: principalId,
    cause: 'request',
    trace: trace ?? null,
  }))
  const entries = drafts.map(({ id, profileId, asked: { proposal, principalId } }) => ({
    at,
    actor: `principal:${principalId}`,
    action: 'activation.propose',
    id: clock.id(),
    object: `activation:${id}`,
    payload: { profile: profileId, purpose: proposal.purpose, channel: proposal.channel },
  }))
  const ids = JSON.stringify([...new Set(drafts.map(({ profileId }) => profileId))])
  const [, inserted] = await Promise.all([
    ensureLegalStates(tx, { workspaceId, ids, at }),
    insertActivations(tx, { workspaceId, activations: JSON.stringify(activations), at }),
    appendAudit(tx, { workspaceId, entries: JSON.stringify(entries) }),
  ])
  return inserted
}
