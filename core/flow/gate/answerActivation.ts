import { answerActivation as answer } from '../../../blackboard/query/answerActivation.ts'
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { awaitDecision } from '../../../blackboard/query/awaitDecision.ts'
import { findHeld } from '../../../blackboard/query/findHeld.ts'
import { transact } from '../../../blackboard/transact.ts'
import { fail } from '../../errors.ts'
import type { ActivationAnswer } from '../../model/activation.ts'
import type { CheckName } from '../../model/decision.ts'
import type { GateDeps } from './assemble.ts'
import { decideThese, type ActivationKey } from './gate.ts'

/** What an approval lifts. A complaint, a restriction or a refusal of the person itself no approval outweighs. */
const liftable: ReadonlySet<CheckName> = new Set(['automated_decision', 'risk'])

/**
 * A person's word on a held activation: kept with its reason, and then the gate decides again. It decides itself:
 * an approval lifts only what waits for one, so what else holds or refuses it still does.
 *
 * @param answerer the principal's id; who proposed the activation cannot approve it
 * @throws activation_not_held, activation_own_approval, activation_not_for_approval
 */
export async function answerActivation(
  deps: GateDeps,
  workspaceId: number,
  answerer: string,
  { profileId, id }: ActivationKey,
  { verdict, reason }: ActivationAnswer,
): Promise<void> {
  const { board } = deps
  await demandAnswerable(deps, workspaceId, answerer, { profileId, id }, verdict)
  const at = board.clock.now().toISOString()
  await transact(board.db, async (tx) => {
    const said = {
      workspaceId,
      profileId,
      activationId: id,
      id: board.clock.id(),
      verdict,
      reason,
      principalId: answerer,
      at,
    }
    const [held] = await answer(tx, said)
    if (!held) throw fail('activation_not_held', { state: 'not held any more' })
    await appendAudit(tx, {
      workspaceId,
      entries: JSON.stringify([
        {
          at,
          id: board.clock.id(),
          actor: `principal:${answerer}`,
          action: `activation.${verdict === 'approved' ? 'approve' : 'refuse'}`,
          object: `activation:${id}`,
          // The reason is kept with the word: it may speak of the person.
          payload: { profile: profileId, approval: said.id, ...held },
        },
      ]),
    })
  })
  await decideThese(deps, workspaceId, [{ profileId, id }])
  await awaitDecision(board.db.sql, { workspaceId, profileId, id })
  board.signals.send('audit')
}

async function demandAnswerable(
  { board: { db } }: GateDeps,
  workspaceId: number,
  answerer: string,
  key: ActivationKey,
  verdict: ActivationAnswer['verdict'],
): Promise<void> {
  const [found] = await findHeld(db.sql, { workspaceId, ...key })
  if (!found) throw fail('not_found', { what: 'activation' })
  if (found.state !== 'held') throw fail('activation_not_held', { state: found.state })
  if (verdict === 'refused') return
  if (found.proposerKind === 'principal' && found.proposerId === answerer) {
    throw fail('activation_own_approval', { principal: answerer })
  }
  const holds = found.checks.filter((check) => check.verdict === 'hold')
  if (!holds.some(({ name }) => liftable.has(name))) {
    throw fail('activation_not_for_approval', { reason: holds[0]?.reason ?? 'unknown' })
  }
}
