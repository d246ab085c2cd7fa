import { z } from 'zod'
import { listDeclaredAges } from '../../blackboard/query/listDeclaredAges.ts'
import { transact } from '../../blackboard/transact.ts'
import { fail } from '../errors.ts'
import { keepAges } from '../flow/age.ts'
import { lockSubject } from '../flow/subject.ts'
import { lowestOf, readAge } from '../model/age.ts'
import { identifierSchema } from '../model/identifier.ts'
import { demand, type Reader } from '../read/reader.ts'
import { audit } from './audit.ts'
import { parseInput } from './parseInput.ts'

/** The band that takes earlier declarations back and puts nothing in their place. */
const unknown = 'unknown'

const inputSchema = z.strictObject({ subject: identifierSchema, band: z.string().max(40) })

/**
 * Declares how old a person is, such as `adult`, `13-15` or `under_13`: in place of everything that was declared
 * before, and whatever dates say. `unknown` only takes back.
 *
 * @throws forbidden, unknown_subject; bad_input for a band that cannot be read
 */
export async function declareAge(reader: Reader, given: unknown): Promise<{ profileId: string }> {
  demand(reader, 'record', 'Consent')
  const { subject, band } = parseInput(inputSchema, given)
  const { board, principal } = reader
  const { workspaceId } = principal
  const actor = `principal:${principal.id}`
  const claim = band === unknown ? undefined : bandOf(band, board.clock.now())
  const profileId = await transact(board.db, async (tx) => {
    const person = await lockSubject(tx, board, workspaceId, subject)
    if (!person) throw fail('unknown_subject', { namespace: subject.namespace })
    const { members: ids, canonical } = person
    const before = await listDeclaredAges(tx, { workspaceId, ids })
    const nothing = { declared: true, bornBefore: null, removed: true }
    const dropped = before.map((each) => ({ ...each, ...nothing }))
    // On every profile that counts as them: the youngest word among these is what stands.
    const declared = ids.flatMap((id) =>
      claim === undefined ? [] : [{ profileId: id, by: actor, removed: false, ...claim }],
    )
    await keepAges(tx, board, workspaceId, [...dropped, ...declared])
    const object = `profile:${canonical}`
    const payload = { takenBack: before.length, declared: claim !== undefined }
    await audit(tx, board, { workspaceId, actor, action: 'age.declare', object, payload })
    return canonical
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
