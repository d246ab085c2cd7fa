import type { TransactionSql } from 'postgres'
import { claimAges } from '../../blackboard/query/claimAges.ts'
import { ensureLegalStates } from '../../blackboard/query/ensureLegalStates.ts'
import { listDeclaredAges } from '../../blackboard/query/listDeclaredAges.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import { ageName, lowestOf, readAge, type AgeClaim } from '../model/age.ts'
import type { Identifier } from '../model/identifier.ts'
import type { Projection } from './project.ts'
import { lockSubject } from './subject.ts'

export interface ProfileClaim extends AgeClaim {
  profileId: string
}

/**
 * What events newly state of a person's age, taken while it passes in the clear: the value itself goes to the
 * vault. A statement that is no news is none here either; a removal takes back what the same source said.
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
    const claim = read ?? { declared: false, bornBefore: null }
    return [{ profileId, by, removed: read === undefined, ...claim }]
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

/** The band that takes earlier declarations back and puts nothing in their place. */
const unknown = 'unknown'

export interface AgeDeclaration {
  subject: Identifier
  /** Such as `adult`, `13-15` or `under_13`; `unknown` takes back what was declared. */
  band: string
}

/**
 * Declares how old a person is, in place of everything that was declared before, and whatever dates say.
 *
 * @throws unknown_subject; bad_input for a band that cannot be read
 */
export async function declareAge(
  board: Board,
  workspaceId: number,
  actor: string,
  { subject, band }: AgeDeclaration,
): Promise<{ profileId: string }> {
  const now = board.clock.now()
  const claim = band === unknown ? undefined : bandOf(band, now)
  const profileId = await transact(board.db, async (tx) => {
    const person = await lockSubject(tx, board, workspaceId, subject)
    if (!person) throw fail('unknown_subject', { namespace: subject.namespace })
    const before = await listDeclaredAges(tx, { workspaceId, ids: person.members })
    const nothing = { declared: true, bornBefore: null, removed: true }
    const dropped = before.map((each) => ({ ...each, ...nothing }))
    const declared = person.members.flatMap((id) =>
      claim === undefined ? [] : [{ profileId: id, by: actor, removed: false, ...claim }],
    )
    await keepAges(tx, board, workspaceId, [...dropped, ...declared])
    const object = `profile:${person.canonical}`
    const payload = { takenBack: before.length, declared: claim !== undefined }
    await audit(tx, board, { workspaceId, actor, action: 'age.declare', object, payload })
    return person.canonical
  })
  board.signals.send('audit')
  board.signals.profileChanged(workspaceId, [profileId])
  return { profileId }
}

function bandOf(band: string, now: Date) {
  const read = lowestOf(band) === undefined ? undefined : readAge('ageband', band, now)
  if (read !== undefined) return read
  throw fail('bad_input', {
    path: 'input.band',
    reason: 'write adult, 13-15, under_13 or the like, or unknown to take back what was declared',
  })
}
