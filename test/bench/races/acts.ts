import { bumpLegalStates } from '../../../blackboard/query/bumpLegalStates.ts'
import { changeHolds } from '../../../blackboard/query/changeHolds.ts'
import { transact } from '../../../blackboard/transact.ts'
import { recordConsent } from '../../../core/flow/recordConsent.ts'
import { consentInputSchema, type ConsentDecision } from '../../../core/model/consent.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { track } from '../../support/app.ts'
import { putInForce } from '../../support/putInForce.ts'
import type { Arena, Person } from './arena.ts'

export const raceKinds = ['withdrawal', 'complaint', 'policyEdit', 'restriction'] as const
export type RaceKind = (typeof raceKinds)[number]

export const purpose = 'marketing.promotion'

/** What stops a person's activations, done the way that it comes about. */
export const acts: Readonly<Record<RaceKind, (arena: Arena, person: Person) => Promise<unknown>>> =
  {
    /** By an officer's or preference centre's call, or by a receipt in an event. */
    withdrawal: (arena, { user, nth }) =>
      nth % 2 === 0 ? say(arena, user, 'withdrawn') : sendReceipt(arena, user),
    /** An agent that hears of a complaint asks that nothing be sent. */
    complaint: ({ app }, { profileId }) =>
      transact(app.board.db, (tx) =>
        changeHolds(tx, {
          workspaceId: app.workspaceId,
          agent: 'support-shield/watch',
          ids: [profileId],
          holds: JSON.stringify([
            {
              profileId,
              added: [{ agent: 'support-shield/watch', purpose: 'marketing', reason: 'complaint' }],
              dropped: [],
            },
          ]),
          at: app.board.clock.now().toISOString(),
        }),
      ),
    policyEdit: (arena) => putPolicy(arena, 'forbids'),
    /** As a subject request does it; it recalls nothing, so that the shared lock alone stands in the way. */
    restriction: ({ app }, { profileId }) =>
      transact(app.board.db, async (tx) => {
        const ids = JSON.stringify([profileId])
        const at = app.board.clock.now().toISOString()
        await bumpLegalStates(tx, { workspaceId: app.workspaceId, ids, at })
        await tx`update legal_state set restricted = true where profile_id = ${profileId}`
      }),
  }

export const say = ({ app, principalId }: Arena, user: string, decision: ConsentDecision) =>
  recordConsent(
    app.board,
    app.intake,
    app.workspaceId,
    `principal:${principalId}`,
    consentInputSchema.parse({
      subject: { namespace: 'user_id', value: user },
      purpose,
      channel: 'webhook',
      decision,
      proof: { method: 'race' },
    }),
  )

function sendReceipt({ app }: Arena, user: string): Promise<unknown> {
  const purposes = [{ Id: purpose, TransactionType: 'WITHDRAWN' }]
  const receipt = { dialect: 'onetrust' as const, body: { purposes } }
  const { workspaceId } = app
  return app.intake.submit({ id: 'race', workspaceId }, [
    track(user, 'Consent Receipt', {}, { receipt }),
  ])
}

/** Puts another version in force: odd numbers forbid what even ones permit. Of a forbid not every node hears. */
export async function putPolicy(
  { app, sql, versions, dispatchers }: Arena,
  what: 'permits' | 'forbids',
): Promise<void> {
  const { document } = shippedPolicy()
  const rules =
    what === 'permits'
      ? document.rules
      : document.rules.filter(({ id }) => id !== 'consented-activations-leave')
  versions.last += versions.last % 2 === (what === 'forbids' ? 0 : 1) ? 1 : 2
  const number = versions.last
  await putInForce(sql, { workspaceId: app.workspaceId, number, document: { ...document, rules } })
  for (const { board } of dispatchers) {
    if (what === 'permits' || Math.random() < 0.5) board.signals.send('policy')
  }
}
