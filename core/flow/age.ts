import type { TransactionSql } from 'postgres'
import { claimAges } from '../../blackboard/query/claimAges.ts'
import { ensureLegalStates } from '../../blackboard/query/ensureLegalStates.ts'
import type { Board } from '../board.ts'
import { ageName, readAge, type AgeClaim } from '../model/age.ts'
import type { Projection } from './project.ts'

export interface ProfileClaim extends AgeClaim {
  profileId: string
}

/**
 * What events or agents newly state of a person's age, taken while it passes in the clear: of an event the value
 * itself goes to the vault. A statement that is no news is none here either; a removal takes back what the same source said.
 */
export function ageClaims(
  profileId: string,
  { writes, secrets }: Pick<Projection, 'writes' | 'secrets'>,
  now: Date,
): ProfileClaim[] {
  return writes.flatMap(({ key, value, provenance }) => {
    const name = ageName(key)
    if (name === undefined) return []
    const { kind, id } = provenance.author
    const by = `${kind}:${id}/${name}`
    const stated = value ?? secrets.findLast((secret) => secret.key === key)?.value
    const read = stated === undefined ? undefined : readAge(name, stated, now)
    if (read === undefined && !provenance.removed) return []
    // What an agent works out is a conclusion, in whatever words.
    const declared = read?.declared === true && kind !== 'agent'
    const bornBefore = read?.bornBefore ?? null
    return [{ profileId, by, declared, bornBefore, removed: read === undefined }]
  })
}

/** Writes claims in the caller's transaction, which holds the profiles; the later of one author counts. */
export async function keepAges(
  tx: TransactionSql,
  { clock }: Pick<Board, 'clock'>,
  workspaceId: number,
  claims: readonly ProfileClaim[],
): Promise<void> {
  if (claims.length === 0) return
  const last = new Map(claims.map((claim) => [`${claim.profileId} ${claim.by}`, claim]))
  const ids = [...new Set(claims.map(({ profileId }) => profileId))]
  const at = clock.now().toISOString()
  await Promise.all([
    ensureLegalStates(tx, { workspaceId, ids: JSON.stringify(ids), at }),
    claimAges(tx, { workspaceId, ids, claims: JSON.stringify([...last.values()]), at }),
  ])
}
