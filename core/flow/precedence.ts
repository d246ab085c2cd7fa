import { authorName, isExpired, type Provenance, type TraitDefinition } from '../model/trait.ts'

/** What decides between two words about one trait. */
export type Word = Pick<Provenance, 'author' | 'confidence' | 'writtenAt' | 'cause' | 'expiresAt'>

/** The order of writes: by their own time, those of one moment by what caused them, so that all nodes agree. */
export function isLater(word: Stamp, standing: Stamp): boolean {
  return word.writtenAt === standing.writtenAt
    ? word.cause > standing.cause
    : word.writtenAt > standing.writtenAt
}

type Stamp = Pick<Provenance, 'writtenAt' | 'cause'>

/**
 * Whether a word is heard over the one that stands, by the trait's conflict rule. What has expired by then
 * is in nobody's way.
 */
export function isHeard(
  definition: TraitDefinition | undefined,
  word: Word,
  standing: Word,
): boolean {
  const isOver = standing.expiresAt !== undefined && isExpired(standing, new Date(word.writtenAt))
  const rank = isOver ? 0 : rankOver(definition, word, standing)
  return rank === 0 ? isLater(word, standing) : rank > 0
}

/** Above 0 when the rule prefers the word to the one that stands, below when the other way round. */
export function rankOver(
  definition: TraitDefinition | undefined,
  word: Word,
  standing: Word,
): number {
  const rule = definition?.conflictRule ?? 'latest'
  if (!definition || rule === 'latest' || rule === 'escalate') return 0
  const [theirs, ours] = [authorName(standing.author), authorName(word.author)]
  // One author who changes their mind contradicts nobody.
  if (theirs === ours) return 0
  if (rule === 'confidence') return word.confidence - standing.confidence
  const owners = definition.owners ?? []
  const [before, after] = [placeOf(owners, theirs), placeOf(owners, ours)]
  return rule === 'priority'
    ? before - after
    : Math.sign(before - owners.length) - Math.sign(after - owners.length)
}

/** Who is not named stands behind all who are. */
function placeOf(owners: readonly string[], author: string): number {
  const place = owners.indexOf(author)
  return place < 0 ? owners.length : place
}
