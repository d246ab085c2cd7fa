import * as statements from '../../blackboard/query/listConsents.ts'
import { listPurposes } from '../../blackboard/query/listPurposes.ts'
import { definitionFor, endOfGrant } from '../../policies/guard.ts'
import { isGuardians } from '../model/age.ts'
import type { Consent } from '../model/consent.ts'
import { allMembers, perProfile } from './profile.ts'
import type { Profile } from './profile.ts'
import type { Reader } from './reader.ts'

/**
 * The current word per purpose and channel, and a guardian's grant beside it. Where members of a merged profile disagree the more
 * restrictive one stands, and among equals the latest.
 */
export async function listConsents(
  reader: Reader,
  profiles: readonly Profile[],
): Promise<Consent[][]> {
  if (!reader.ability.may('read', 'Consent').allowed) return profiles.map(() => [])
  const { board, principal } = reader
  const { workspaceId } = principal
  const [rows, purposes] = await Promise.all([
    statements.listConsents(board.db.sql, {
      workspaceId,
      profileIds: allMembers(profiles),
      at: board.clock.now().toISOString(),
    }),
    listPurposes(board.db.sql, { workspaceId }),
  ])
  const asCounted = rows.map((row) => {
    const definition = row.decision === 'granted' ? definitionFor(row.purpose, purposes) : undefined
    return definition ? { ...row, expiresAt: endOfGrant(definition, row) } : row
  })
  return perProfile(profiles, asCounted).map(standing)
}

function standing(rows: readonly (Consent & { profileId: string })[]): Consent[] {
  const current = new Map<string, Consent>()
  for (const { profileId: _, ...consent } of rows) {
    const { purpose, channel, decision, proof } = consent
    // A guardian's grant is a word beside the person's own.
    const by = decision === 'granted' && isGuardians(proof.method) ? 'guardian' : 'own'
    const key = `${purpose} ${channel} ${by}`
    const other = current.get(key)
    if (!other || prevails(consent, other)) current.set(key, consent)
  }
  return [...current.values()]
}

/** What waits to be confirmed is shown where nothing else was said. */
const weight = { pending: 0, granted: 1, denied: 2, withdrawn: 2 } as const

function prevails(one: Consent, other: Consent): boolean {
  const more = weight[one.decision] - weight[other.decision]
  return more === 0 ? one.collectedAt > other.collectedAt : more > 0
}
