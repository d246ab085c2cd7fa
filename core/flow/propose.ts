import { appendAudit } from '../../blackboard/query/appendAudit.ts'
import { awaitDecision } from '../../blackboard/query/awaitDecision.ts'
import { ensureLegalStates } from '../../blackboard/query/ensureLegalStates.ts'
import { insertActivations } from '../../blackboard/query/insertActivations.ts'
import { transact } from '../../blackboard/transact.ts'
import { fail } from '../errors.ts'
import type { Proposal } from '../model/activation.ts'
import type { Identifier } from '../model/identifier.ts'
import { decideThese } from './gate/gate.ts'
import type { GateDeps } from './gate/assemble.ts'
import { seekSubject } from './subject.ts'

/**
 * A principal's proposal; the gate has decided it when this returns. Throws `unknown_subject`.
 *
 * @returns where the activation is found
 */
export async function propose(
  deps: GateDeps,
  workspaceId: number,
  principalId: string,
  subject: Identifier,
  proposal: Proposal,
): Promise<{ profileId: string; id: string }> {
  const { board } = deps
  const profileId = await seekSubject(board, workspaceId, subject)
  if (profileId === undefined) throw fail('unknown_subject', { namespace: subject.namespace })
  const id = board.clock.id()
  const at = board.clock.now().toISOString()
  const activation = {
    ...proposal,
    id,
    profileId,
    proposerKind: 'principal',
    proposerId: principalId,
    cause: 'request',
  }
  const [, inserted] = await transact(board.db, (tx) =>
    Promise.all([
      ensureLegalStates(tx, { workspaceId, ids: JSON.stringify([profileId]), at }),
      insertActivations(tx, { workspaceId, activations: JSON.stringify([activation]), at }),
      appendAudit(tx, {
        workspaceId,
        entries: JSON.stringify([
          {
            at,
            actor: `principal:${principalId}`,
            action: 'activation.propose',
            id: board.clock.id(),
            object: `activation:${id}`,
            payload: {
              profile: profileId,
              purpose: proposal.purpose,
              channel: proposal.channel,
            },
          },
        ]),
      }),
    ]),
  )
  if (inserted.length === 0) throw fail('subject_erased')
  await decideThese(deps, workspaceId, [{ profileId, id }])
  // Another gate may have taken it first: wait until it is through.
  await awaitDecision(board.db.sql, { workspaceId, profileId, id })
  return { profileId, id }
}
