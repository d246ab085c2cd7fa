import { isContactNamespace } from '../model/identifier.ts'
import type { IdentifierRow as Row } from '../../blackboard/query/findProfiles.ts'
import { openSealed, placeKey } from '../openSealed.ts'
import { behind, factsOf } from './profile.ts'
import type { Profile } from './profile.ts'
import { noteShown } from './observe.ts'
import { asRedaction } from './reader.ts'
import type { Reader, Redaction } from './reader.ts'

export interface IdentifierView {
  namespace: string
  /** Null when withheld, or when the person was erased. */
  value: string | null
  firstSeenAt: Date
  redaction: Redaction | null
}

/** Identifiers of each profile and its members; that one exists is told, its value only where permitted. */
export async function listIdentifiers(
  reader: Reader,
  profiles: readonly Profile[],
): Promise<IdentifierView[][]> {
  const judged = profiles.map((profile) =>
    profile[behind].identifiers.map((row) => ({ row, redaction: withheld(reader, profile, row) })),
  )
  const places = judged
    .flat()
    .filter(({ row, redaction }) => !redaction && row.value === null)
    .map(({ row }) => placeOf(row))
  noteShown(
    reader,
    judged
      .flat()
      .flatMap(({ row, redaction }) =>
        redaction ? [] : { object: `identifier:${row.namespace}` },
      ),
  )
  const opened =
    places.length === 0
      ? new Map()
      : await openSealed(reader.board, reader.principal.workspaceId, places)
  return judged.map((own) =>
    own.map(({ row, redaction }) => ({
      namespace: row.namespace,
      value: redaction ? null : (row.value ?? opened.get(placeKey(placeOf(row))) ?? null),
      firstSeenAt: new Date(row.firstSeenAt),
      redaction,
    })),
  )
}

const placeOf = ({ profileId, namespace, hash }: Row) => ({
  profileId,
  key: `identifier/${namespace}/${hash}`,
})

function withheld(reader: Reader, profile: Profile, { namespace, value }: Row): Redaction | null {
  const facts = factsOf(profile[behind])
  // A user id that is an address lies in the vault, and is shown to whom addresses are.
  const asked = value === null && !isContactNamespace(namespace) ? 'email' : namespace
  const { allowed, rule, reason } = reader.profiles.identifier(asked).visible(facts)
  return allowed ? null : asRedaction(`identifier:${namespace}`, rule, reason)
}
