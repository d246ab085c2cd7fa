/**
 * Which of two agents stands where they say different things of one person's trait. Pure: the same words give the same
 * answer on every node, and a commit is valid only if the words are still those that it was given for.
 */
import { jsonEqual } from './json.ts'
import {
  authorName,
  conflictRules,
  type Ballot,
  type ConflictRule,
  type TraitDefinition,
} from './trait.ts'

/** What an agent says of a trait. */
export interface AgentWord extends Ballot {
  /** `plugin/agent` */
  agent: string
  /** Of the agent's manifest. */
  priority: number
}

/** Why a losing write lost: by the rule of the trait, or because somebody had committed to what stood. */
export const contestRules = [...conflictRules, 'commitment'] as const
export type ContestRule = (typeof contestRules)[number]

/**
 * `open`: what stands stays until a person decides. `proposed`: a write against a commitment that waits for approval.
 * `settled`: the rule decided, or a person did.
 */
export const traitConflictStates = ['open', 'proposed', 'settled'] as const
export type TraitConflictState = (typeof traitConflictStates)[number]

/** Of whatever is shared without a rule of its own: two agents are not left to fight it out. */
export const ruleOf = ({ conflictRule = 'escalate' }: TraitDefinition): ConflictRule => conflictRule

/** Which of two words that differ stands; `open` where that is for a person to say, and what stands stays until then. */
export function judge(
  definition: TraitDefinition,
  comes: AgentWord,
  stands: AgentWord,
): 'comes' | 'stands' | 'open' {
  const rule = ruleOf(definition)
  if (rule === 'escalate') return 'open'
  const rank = rankOf(definition, rule, comes) - rankOf(definition, rule, stands)
  // What comes was said in sight of what stands, so of one moment it is the later.
  return (rank === 0 ? comes.at >= stands.at : rank > 0) ? 'comes' : 'stands'
}

/** Of a manifest. */
const priorityMax = 100

function rankOf(
  { owner, owners = [] }: TraitDefinition,
  rule: ConflictRule,
  { agent, confidence, priority }: AgentWord,
): number {
  if (rule === 'confidence') return confidence
  const place = owners.indexOf(authorName({ kind: 'agent', id: agent }))
  const isNamed = place >= 0
  if (rule === 'owner') return isNamed || pluginOf(agent) === pluginOf(owner ?? '') ? 1 : 0
  // Whom an officer named stands before all others, whatever these say of themselves.
  if (rule === 'priority') return isNamed ? priorityMax + owners.length - place : priority
  return 0
}

const pluginOf = (agent: string): string => agent.split('/')[0] ?? ''

/**
 * Of a vote the word that stands from now on, as who says it: the value with the most words. Of equals what stands
 * stays; where that is none of them, what comes, or else what was said first.
 *
 * @param words the latest of every agent, `comes` among them
 */
export function elect(
  { shares }: TraitDefinition,
  words: readonly AgentWord[],
  comes: AgentWord,
  stands: AgentWord,
): AgentWord {
  const votes = (said: AgentWord): number => words.filter((each) => saysSame(each, said)).length
  const most = Math.max(...words.map(votes))
  const leading = words.filter((word) => votes(word) === most)
  const standing = leading.filter((word) => saysSame(word, stands))
  if (standing.length > 0) {
    return standing.find(({ agent }) => agent === stands.agent) ?? first(standing)
  }
  if (most < (shares?.quorum ?? 1)) return stands
  return leading.includes(comes) ? comes : first(leading)
}

const first = (words: readonly AgentWord[]): AgentWord =>
  words.reduce((earliest, word) => (word.at < earliest.at ? word : earliest))

export const saysSame = (one: Pick<Ballot, 'value'>, other: Pick<Ballot, 'value'>): boolean =>
  jsonEqual(one.value, other.value)

/** Whether a word of then still counts, and stands in the way of one of now. */
export const isHeeded = (
  { shares }: TraitDefinition,
  { at }: Pick<Ballot, 'at'>,
  now: Date,
): boolean => shares?.windowMs === undefined || now.getTime() - Date.parse(at) < shares.windowMs
