/**
 * Where an agent would write what another one, or a person who promised something, says differently. Decided of the
 * words as they were read: a commit is valid only while they stand, so of two agents that race the later one is asked
 * again in sight of the other.
 */
import type { TraitConflictRow } from '../../../blackboard/query/noteTraitConflicts.ts'
import {
  elect,
  isHeeded,
  judge,
  ruleOf,
  saysSame,
  type AgentWord,
  type ContestRule,
} from '../../model/conflict.ts'
import { jsonEqual, type Json } from '../../model/json.ts'
import {
  isExpired,
  isNews,
  isVaulted,
  type Ballot,
  type Commitment,
  type Provenance,
  type TraitDefinition,
} from '../../model/trait.ts'
import { checkOf } from '../../trait/definition.ts'
import type { Write } from '../project.ts'

/** A trait as it stands: its value, which is null where it is not in the open, and where it came from. */
export type Standing = readonly [Json | undefined, Provenance]

export interface Contested {
  /** What is written; undefined where all stays as it is. */
  write: Write | undefined
  /** The value is what it was: only who says what is written, which wakes nobody. */
  isSilent: boolean
  /** A write that lost: the agent's own, or that whose place it took. */
  conflict: Omit<TraitConflictRow, 'id' | 'profileId'> | undefined
}

const unopposed = (write: Write | undefined, isSilent = false): Contested => ({
  write,
  isSilent,
  conflict: undefined,
})

/** @param write what it would be if nobody said otherwise */
export function contest(
  write: Write,
  standing: Standing | undefined,
  definition: TraitDefinition | undefined,
): Contested {
  if (!standing) return unopposed(withBallot(write, [], definition))
  const [, before] = standing
  if (before.committed && breaks(write, standing, before.committed)) {
    const winner = { kind: 'principal', id: before.committed.by } as const
    const conflict = lost(write, { ...before, author: winner, confidence: 1 }, standing, {
      definition,
      rule: 'commitment',
    })
    return { ...unopposed(undefined), conflict: { ...conflict, state: 'proposed' } }
  }
  const { committed } = before
  const mine = committed ? { ...write, provenance: { ...write.provenance, committed } } : write
  return definition?.shares ? among(mine, standing, definition) : unopposed(mine)
}

/** What stands may be said again; of all else only what is allowed. */
function breaks(
  { value }: Write,
  [standing, { removed }]: Standing,
  { allows }: Commitment,
): boolean {
  if (removed ? value === undefined : jsonEqual(value, standing)) return false
  return value === undefined || allows === undefined || checkOf(allows)(value) !== undefined
}

/** Among agents that share a trait. What is gone, has expired or was said too long ago is in nobody's way. */
function among(write: Write, standing: Standing, definition: TraitDefinition): Contested {
  const [value, before] = standing
  const now = new Date(write.provenance.writtenAt)
  const comes = wordOf(write.value, write.provenance)
  const stands = wordOf(value, before)
  const isOver = before.removed === true || isExpired(before, now)
  const isFree = isOver || before.author.kind !== 'agent' || !isHeeded(definition, stands, now)
  if (ruleOf(definition) === 'vote') {
    const words = ballots(standing, comes, { definition, now })
    return isFree
      ? unopposed(withBallot(write, words, definition))
      : vote(write, standing, { words, comes, stands, definition })
  }
  if (isFree || stands.agent === comes.agent) return unopposed(write)
  if (saysSame(comes, stands)) {
    const isStronger = comes.confidence > stands.confidence || isNews(definition, before, now)
    return unopposed(isStronger ? write : undefined)
  }
  const verdict = judge(definition, comes, stands)
  const rule = ruleOf(definition)
  if (verdict === 'comes') {
    const other = { key: write.key, value, provenance: before }
    const conflict = lost(other, write.provenance, [write.value, write.provenance], {
      definition,
      rule,
    })
    return { write, isSilent: false, conflict }
  }
  const conflict = lost(write, before, standing, { definition, rule })
  const state = verdict === 'open' ? 'open' : 'settled'
  return { ...unopposed(undefined), conflict: { ...conflict, state } }
}

interface Poll {
  words: readonly AgentWord[]
  comes: AgentWord
  stands: AgentWord
  definition: TraitDefinition
}

/** Every word is kept, and the one that most agents say stands as said by one of them. */
function vote(
  write: Write,
  standing: Standing,
  { words, comes, stands, definition }: Poll,
): Contested {
  const [value, before] = standing
  const elected = elect(definition, words, comes, stands)
  const said = withBallot(write, words, definition)
  const holder = {
    author: { kind: 'agent', id: elected.agent },
    confidence: elected.confidence,
  } as const
  const isKept = saysSame(elected, stands)
  const provenance: Provenance = isKept
    ? { ...before, revision: said.provenance.revision, words: said.provenance.words ?? {} }
    : said.provenance
  const next: Write =
    elected === comes
      ? said
      : { ...said, value: elected.value, provenance: { ...provenance, ...holder } }
  const isLost = !saysSame(comes, elected)
  const isOverturned = !isKept && stands.agent !== comes.agent
  const own = before.words?.[comes.agent]
  const isRepeated = isKept && own !== undefined && saysSame(own, comes)
  const by = { definition, rule: 'vote' } as const
  const result: Standing = isRepeated ? standing : [next.value, next.provenance]
  const other = { key: write.key, value, provenance: before }
  const conflict =
    isLost || isOverturned ? lost(isLost ? write : other, result[1], result, by) : undefined
  return { write: isRepeated ? undefined : next, isSilent: isKept, conflict }
}

const wordOf = (value: Json | undefined, made: Provenance): AgentWord => ({
  agent: made.author.id,
  ...(value === undefined ? {} : { value }),
  confidence: made.confidence,
  priority: made.priority ?? defaultPriority,
  at: made.writtenAt,
})

/** Of an agent of which nobody wrote it down. */
const defaultPriority = 50

/** The latest word of each agent that still counts. */
function ballots(
  [value, before]: Standing,
  comes: AgentWord,
  { definition, now }: { definition: TraitDefinition; now: Date },
): AgentWord[] {
  const { author, words } = before
  const said = new Map<string, AgentWord>()
  // Of before it was voted on nobody kept what others said.
  if (!words && author.kind === 'agent' && !before.removed)
    said.set(author.id, wordOf(value, before))
  for (const [agent, word] of Object.entries(words ?? {})) {
    said.set(agent, { ...word, agent, priority: defaultPriority })
  }
  said.set(comes.agent, comes)
  return [...said.values()].filter((word) => isHeeded(definition, word, now))
}

/** Of a trait that is voted on a write carries what each agent says. */
function withBallot(
  write: Write,
  words: readonly AgentWord[],
  definition: TraitDefinition | undefined,
): Write {
  if (!definition?.shares || ruleOf(definition) !== 'vote') return write
  const all = words.length > 0 ? words : [wordOf(write.value, write.provenance)]
  const roll = Object.fromEntries(all.map((word) => [word.agent, ballotOf(word)]))
  return { ...write, provenance: { ...write.provenance, words: roll } }
}

const ballotOf = ({ value, confidence, at }: AgentWord): Ballot => ({
  ...(value === undefined ? {} : { value }),
  confidence,
  at,
})

interface Ruling {
  definition: TraitDefinition | undefined
  rule: ContestRule
}

/** @param standing what stands instead */
function lost(
  loser: Pick<Write, 'key' | 'value' | 'provenance'>,
  winner: Pick<Provenance, 'author' | 'confidence'>,
  [stands, { removed, revision, vault }]: readonly [Json | undefined, Provenance],
  { definition, rule }: Ruling,
): NonNullable<Contested['conflict']> {
  // What is sealed on the profile is not kept in the open beside it.
  const isSealed = vault !== undefined || isVaulted(definition?.dataClass ?? 'none')
  const textOf = (said: Json | undefined): string | null =>
    said === undefined || isSealed ? null : JSON.stringify(said)
  return {
    trait: loser.key,
    rule,
    winnerKind: winner.author.kind,
    winner: winner.author.id,
    loser: loser.provenance.author.id,
    value: textOf(loser.value),
    stood: textOf(removed ? undefined : stands),
    isSealed,
    confidence: loser.provenance.confidence,
    winnerConfidence: winner.confidence,
    revision,
    state: 'settled',
  }
}
