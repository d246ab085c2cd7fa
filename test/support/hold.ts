import { changeHolds } from '../../blackboard/query/changeHolds.ts'
import type { Outward } from './outward.ts'

/** Has an agent hold marketing to a person, as for a complaint, or release it. */
export async function hold({ app, clock }: Outward, user: string, isOn: boolean): Promise<void> {
  const profileId = await app.profileOf(user)
  const added = isOn ? [{ agent: 'shield/watch', purpose: 'marketing', reason: 'complaint' }] : []
  await changeHolds(app.sql, {
    workspaceId: app.workspaceId,
    agent: 'shield/watch',
    ids: [profileId],
    holds: JSON.stringify([{ profileId, added, dropped: ['marketing'] }]),
    at: clock.now().toISOString(),
  })
}
