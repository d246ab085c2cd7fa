import * as statements from '../../blackboard/query/listConsents.ts'
import type { Consent } from '../model/consent.ts'
import { allMembers, perProfile } from './profile.ts'
import type { Profile } from './profile.ts'
import type { Reader } from './reader.ts'

/**
 * The current word per purpose and channel. Where members of a merged profile disagree the more
 * restrictive one stands, and among equals the latest.
 */
export async function listConsents(
  reader: Reader,
  profiles: readonly Profile[],
): Promise<Consent[][]> {
  if (!reader.ability.may('read', 'Consent').allowed) return profiles.map(() => [])
  const rows = await statements.listConsents(reader.board.db.sql, {
    workspaceId: reader.principal.workspaceId,
    profileIds: allMembers(profiles),
  })
  return perProfile(profiles, rows).map(standing)
}

function standing(rows: readonly (Consent & { profileId: string })[]): Consent[] {
  const current = new Map<string, Consent>()
  for (const { profileId: _, ...consent } of rows) {
    const key = `${consent.purpose} ${consent.channel}`
    const other = current.get(key)
    if (!other || prevails(consent, other)) current.set(key, consent)
  }
  return [...current.values()]
}

function prevails(one: Consent, other: Consent): boolean {
  const isGrant = one.decision === 'granted'
  if (isGrant !== (other.decision === 'granted')) return !isGrant
  return one.collectedAt > other.collectedAt
}
