/** A person answers for a trait of a profile: what an agent would write against it waits for approval. */
import { z } from 'zod'
import { updateTraits } from '../../blackboard/query/updateTraits.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { findSubject } from '../flow/subject.ts'
import { identifierSchema } from '../model/identifier.ts'
import type { Json } from '../model/json.ts'
import { traitKeySchema, type Provenance } from '../model/trait.ts'
import { readTraitSchema } from '../model/traitSchema.ts'
import { demand, type Reader } from '../read/reader.ts'
import { lockStanding } from './resolveConflict.ts'

const placeSchema = z.strictObject({ by: identifierSchema, key: traitKeySchema })
const inputSchema = placeSchema.extend({
  /** JSON Schema of what agents may write all the same; nothing where it is left out. Read by `readTraitSchema`. */
  allows: z.unknown().optional(),
})

/** What somebody answers for. */
export interface CommittedTrait {
  profileId: string
  key: string
  allows: Json
}

/**
 * Protects a trait of a person, be there a value or none; said again, it is put in the place of what was said before.
 * The mark stands on the trait itself, so what an agent had read before it commits nothing on it.
 *
 * @throws forbidden, bad_input, trait_schema_invalid, unknown_subject
 */
export async function commitTrait(reader: Reader, given: unknown): Promise<CommittedTrait> {
  const { by, key, allows } = parseInput(inputSchema, given)
  const schema = schemaOf(allows)
  const { id } = reader.principal
  const at = reader.board.clock.now().toISOString()
  const committed = { by: id, at, ...(schema === null ? {} : { allows: schema }) }
  const profileId = await mark(reader, { by, key }, 'trait.commit', (made) => ({
    ...(made ?? nobody(id, at)),
    committed,
  }))
  return { profileId, key, allows: schema }
}

/**
 * Agents may write it again as they may others; what waits for approval goes on waiting.
 *
 * @throws forbidden, bad_input, unknown_subject, trait_not_standing where nobody committed to it
 */
export async function releaseTrait(reader: Reader, given: unknown): Promise<CommittedTrait> {
  const { by, key } = parseInput(placeSchema, given)
  const profileId = await mark(reader, { by, key }, 'trait.release', (made) => {
    if (!made?.committed) throw fail('trait_not_standing', { key, reason: 'is not committed to' })
    const { committed: _, ...free } = made
    return free
  })
  return { profileId, key, allows: null }
}

async function mark(
  reader: Reader,
  { by, key }: z.infer<typeof placeSchema>,
  action: string,
  change: (made: Provenance | undefined) => Provenance,
): Promise<string> {
  demand(reader, 'approve', 'Activation')
  const { board, principal } = reader
  const { workspaceId } = principal
  const found = await findSubject(board, workspaceId, by)
  if (found === undefined) throw fail('unknown_subject', { namespace: by.namespace })
  const person = await transact(board.db, async (tx) => {
    const held = await lockStanding(tx, workspaceId, found)
    const { traits, provenance } = held.state
    const before = Object.hasOwn(provenance, key) ? provenance[key] : undefined
    // Another revision: what an agent decided in sight of the one before is decided again.
    const made = { ...change(before), revision: (before?.revision ?? 0) + 1 }
    const at = board.clock.now().toISOString()
    const row = { id: held.id, traits, provenance: { ...provenance, [key]: made }, at }
    await updateTraits(tx, { workspaceId, ids: [held.id], profiles: JSON.stringify([row]) })
    await audit(tx, board, {
      workspaceId,
      actor: `principal:${principal.id}`,
      action,
      object: `profile:${held.id}`,
      payload: { trait: key, conditional: made.committed?.allows !== undefined },
    })
    return held
  })
  board.signals.send('audit')
  board.signals.profileChanged(workspaceId, person.members)
  return person.id
}

/** Of a trait that has no value yet. */
const nobody = (id: string, at: string): Provenance => ({
  revision: 0,
  author: { kind: 'principal', id },
  writtenAt: at,
  confidence: 1,
  cause: 'commitment',
  removed: true,
})

function schemaOf(given: unknown): Json {
  if (given === undefined || given === null) return null
  const read = readTraitSchema(given)
  if ('schema' in read) return JSON.parse(JSON.stringify(read.schema))
  const { path, reason } = read.problem
  throw fail('trait_schema_invalid', { path: `input.allows${path && `.${path}`}`, reason })
}
