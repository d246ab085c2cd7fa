import * as statements from '../../blackboard/query/listConflicts.ts'
import { allMembers, perProfile, type Profile } from './profile.ts'
import type { Reader } from './reader.ts'

/** A grant and a refusal that a merge brought together; the refusal stands until the person says a word anew. */
export interface ConsentConflict {
  purpose: string
  channel: string
  grantId: string
  refusalId: string
  foundAt: Date
}

/** Those that no word has settled, per profile; none for who may not read consents. */
export async function listConflicts(
  reader: Reader,
  profiles: readonly Profile[],
): Promise<ConsentConflict[][]> {
  if (!reader.ability.may('read', 'Consent').allowed) return profiles.map(() => [])
  const rows = await statements.listConflicts(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    profileIds: allMembers(profiles),
  })
  return perProfile(profiles, rows)
}
