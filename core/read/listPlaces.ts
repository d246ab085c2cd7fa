import { loadPlaces } from '../../blackboard/query/loadPlaces.ts'
import { regimeOf, type Regime } from '../../policies/regime.ts'
import type { JurisdictionSource } from '../model/jurisdiction.ts'
import { allMembers, perProfile, type Profile } from './profile.ts'
import type { Reader } from './reader.ts'

/** Where a person is, and which law that makes. */
export interface Place {
  /** Null where nobody knows, or where the person's profiles were placed apart. */
  jurisdiction: string | null
  source: JurisdictionSource | null
  regime: Regime
}

/** Per profile; null for who may not read consents. */
export async function listPlaces(
  reader: Reader,
  profiles: readonly Profile[],
): Promise<(Place | null)[]> {
  if (!reader.ability.may('read', 'Consent').allowed) return profiles.map(() => null)
  const rows = await loadPlaces(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    ids: allMembers(profiles),
  })
  return perProfile(profiles, rows).map((all): Place => {
    const [first] = all
    const isOne = first && all.every(({ jurisdiction }) => jurisdiction === first.jurisdiction)
    const jurisdiction = isOne ? first.jurisdiction : null
    return { jurisdiction, source: isOne ? first.source : null, regime: regimeOf(jurisdiction) }
  })
}
