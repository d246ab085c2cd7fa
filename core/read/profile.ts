import type { ProfileRow } from '../../blackboard/query/findProfiles.ts'
import type { ProfileRow as Facts } from '../../policies/vocabulary.ts'
import type { Reader } from './reader.ts'

/** The way to the row behind a profile; for core/read alone, since the row has not passed the field mask. */
export const behind: unique symbol = Symbol('row')

/** A profile that the reader may see; its parts are asked for one by one, each through the policy. */
export interface Profile {
  id: string
  createdAt: Date
  updatedAt: Date
  readonly [behind]: ProfileRow
}

export const asProfile = (row: ProfileRow): Profile => ({
  id: row.id,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  [behind]: row,
})

/** What a rule's condition may ask of the profile. */
export const factsOf = ({ traits, createdAt, updatedAt, legal }: ProfileRow): Facts => ({
  traits,
  createdAt,
  updatedAt,
  restricted: legal.restricted || legal.legalHold,
  jurisdiction: legal.jurisdiction,
})

/** Erased people exist for nobody, whatever a policy says. */
export const isVisible = (reader: Reader, row: ProfileRow): boolean =>
  !row.legal.erased && reader.profiles.row.visible(factsOf(row)).allowed

/** A trait registered a moment ago is judged by its own definition, not as one that has none. */
export async function learnTraits(reader: Reader, rows: readonly ProfileRow[]): Promise<void> {
  const isUnknown = (key: string): boolean => !reader.definitions.has(key)
  if (rows.some((row) => Object.keys(row.provenance).some(isUnknown))) await reader.learn()
}

/** As the statements that read many profiles at once take them. */
export const membersJson = (profiles: readonly Profile[]): string =>
  JSON.stringify(profiles.map((profile) => ({ id: profile.id, members: profile[behind].members })))

/** Rows that name the member they belong to, in the order of the profiles. */
export function perProfile<Row extends { profileId: string }>(
  profiles: readonly Profile[],
  rows: readonly Row[],
): Row[][] {
  const byMember = Map.groupBy(rows, (row) => row.profileId)
  return profiles.map((profile) =>
    profile[behind].members.flatMap((member) => byMember.get(member) ?? []),
  )
}

export const allMembers = (profiles: readonly Profile[]): string[] => [
  ...new Set(profiles.flatMap((profile) => profile[behind].members)),
]
