import { identifierSchema, normalise } from '../model/identifier.ts'
import { fail } from '../errors.ts'
import { asProfile, isVisible, learnTraits } from './profile.ts'
import type { Profile } from './profile.ts'
import { forbidden } from './reader.ts'
import type { Reader } from './reader.ts'

export type ProfileKey = { by: { namespace: string; value: string } } | { id: string }

/**
 * One profile by an identifier or by id; a merged one reads as the profile it counts as. Null when there is
 * none that the reader may see: the answer does not tell which.
 * @throws forbidden when the reader may see no profile at all; nothing is read then
 * @throws bad_input for an identifier that cannot exist
 */
export async function findProfile(reader: Reader, key: ProfileKey): Promise<Profile | null> {
  if (reader.profiles.row.plan.kind === 'never') throw forbidden(reader, 'read', 'Profile')
  const wanted = 'id' in key ? key : hashed(reader, key.by)
  const row = await reader.lookup.find(reader.principal.workspaceId, wanted)
  if (!row || !isVisible(reader, row)) return null
  await learnTraits(reader, [row])
  return asProfile(row)
}

function hashed(reader: Reader, by: { namespace: string; value: string }) {
  const parsed = identifierSchema.safeParse(by)
  const identifier = parsed.success ? normalise(parsed.data) : undefined
  if (!identifier) {
    const issue = parsed.error?.issues[0]
    throw fail('bad_input', {
      path: `by.${issue?.path.join('.') || 'value'}`,
      reason: issue?.message ?? 'it identifies nobody',
    })
  }
  const { namespace, value } = identifier
  const { workspaceId } = reader.principal
  return {
    namespace,
    hash: reader.board.vault.blind(workspaceId, `identifier/${namespace}`, value),
  }
}
