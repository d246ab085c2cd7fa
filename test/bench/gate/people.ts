import { insertPrincipal } from '../../../blackboard/query/insertPrincipal.ts'
import type { GateDeps } from '../../../core/flow/gate/assemble.ts'
import { createProposals, type Proposed } from '../../../core/flow/propose.ts'
import { recordConsent } from '../../../core/flow/recordConsent.ts'
import { consentInputSchema, type ConsentDecision } from '../../../core/model/consent.ts'
import { proposalSchema, type Proposal } from '../../../core/model/activation.ts'
import type { Slateboard } from '../../../core/open.ts'
import { inChunks, source, trackOf } from '../bench.ts'

export const purpose = 'marketing.promotion'

/** People, and somebody who may propose to them. */
export interface People {
  deps: GateDeps
  users: string[]
  say(user: string, decision: ConsentDecision): Promise<{ profileId: string }>
  propose(user: string, more?: Partial<Proposal>): Promise<Proposed>
}

/** Runs `work` over `items`, `lanes` of them at once. */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T, lane: number) => Promise<unknown>,
): Promise<void> {
  const left = items.values()
  const lane = async (_: unknown, nth: number): Promise<void> => {
    for (const item of left) await work(item, nth)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** `count` people who granted promotions by webhook to `url`. */
export async function openPeople(
  app: Slateboard,
  { count, url, prefix = 'person' }: { count: number; url: string; prefix?: string },
): Promise<People> {
  const { board, workspaceId, intake } = app
  const id = board.clock.id()
  const row = { id, name: 'bench', role: 'admin' as const, purposes: [], keyHash: id }
  await insertPrincipal(board.db.sql, {
    workspaceId,
    ...row,
    at: board.clock.now().toISOString(),
  })
  const deps: GateDeps = { ...app, crew: app.registry }
  const propose = createProposals(deps)
  const users = Array.from({ length: count }, (_, n) => `${prefix}-${n}`)
  const proposal = proposalSchema.parse({
    purpose,
    channel: 'webhook',
    destination: `${url}/hook`,
    content: { offer: 'tea' },
    fields: [],
  })
  const subjectOf = (user: string) => ({ namespace: 'user_id', value: user })
  const all: People = {
    deps,
    users,
    say: (user, decision) =>
      recordConsent(
        board,
        intake,
        workspaceId,
        `principal:${id}`,
        consentInputSchema.parse({
          subject: subjectOf(user),
          purpose,
          channel: 'webhook',
          decision,
          proof: { method: 'bench' },
        }),
      ),
    propose: (user, more) => propose(workspaceId, id, subjectOf(user), { ...proposal, ...more }),
  }
  await inChunks(users, 1000, (chunk) =>
    intake.submit(
      source,
      chunk.map((user, n) => trackOf(app, user, 'Seen', n)),
    ),
  )
  await inLanes(users, 16, (user) => all.say(user, 'granted'))
  return all
}
