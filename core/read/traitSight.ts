import { factsOf, isVisible, learnTraits } from './profile.ts'
import type { Reader } from './reader.ts'

/** Whether the reader may see a trait of a profile, whoever wrote it and whether or not it stands there. */
export type TraitSight = (profileId: string, key: string) => boolean

/** For profiles by their id; of those that the reader may not see, and of no others, nothing is seen. */
export async function traitSight(
  reader: Reader,
  profileIds: readonly string[],
): Promise<TraitSight> {
  const ids = [...new Set(profileIds)]
  if (reader.profiles.row.plan.kind === 'never') return () => false
  const { workspaceId } = reader.principal
  const found = await Promise.all(ids.map((id) => reader.lookup.find(workspaceId, { id })))
  const visible = found.flatMap((row, at) => {
    const id = ids[at]
    return row && id !== undefined && isVisible(reader, row) ? [{ id, row }] : []
  })
  await learnTraits(
    reader,
    visible.map(({ row }) => row),
  )
  // Whom a profile counts as by now is what is looked at.
  const facts = new Map(visible.map(({ id, row }) => [id, factsOf(row)]))
  return (profileId, key) => {
    const known = facts.get(profileId)
    return known !== undefined && reader.profiles.trait(key).visible(known).allowed
  }
}
