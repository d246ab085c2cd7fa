import * as statements from '../../blackboard/query/listFollowUps.ts'
import type { FollowUpView } from '../../blackboard/query/listFollowUps.ts'
import { allMembers, perProfile, type Profile } from './profile.ts'
import type { Reader } from './reader.ts'

export type { FollowUpView }

const perMemberMax = 100

/** The newest follow-ups of each profile and its members; none for who may not read activations. */
export async function listFollowUps(
  reader: Reader,
  profiles: readonly Profile[],
): Promise<FollowUpView[][]> {
  if (!reader.ability.may('read', 'Activation').allowed) return profiles.map(() => [])
  const rows = await statements.listFollowUps(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    ids: allMembers(profiles),
    limit: perMemberMax,
  })
  return perProfile(profiles, rows)
}
