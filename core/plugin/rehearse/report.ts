/** A rehearsal as counts and examples. Pure. */
import type { Difference, Verdict } from './difference.ts'
import type { AgentReplay, Replayed } from './replay.ts'

/** How often one part and key differed in one way. */
export interface DifferenceCount extends Pick<Difference, 'part' | 'key' | 'kind'> {
  count: number
}

export interface RehearsalCounts {
  /** Reactions that both versions had their turn at. */
  compared: number
  same: number
  changed: number
  onlyNewFailed: number
  onlyOldFailed: number
  /** Of `same`: failed in both versions, in the same way. */
  bothFailed: number
  /** Asked the host for something, which a rehearsal denies to both versions. */
  denied: number
}

export interface AgentReport extends RehearsalCounts {
  agent: string
  /** The version in service does not have it: what it does is held against nothing being done. */
  isNew: boolean
  /** What woke it; more than `compared` where a version was stopped or the time was over. */
  reactions: number
  isCut: boolean
  differences: DifferenceCount[]
}

/** One reaction that would have gone otherwise. */
export interface Example extends Pick<Replayed, 'profileId' | 'verdict' | 'differences'> {
  agent: string
  failures: Replayed['failures']
}

export const examplesMax = 20
/** Differences of one agent that are counted apart; the rarest are left out. */
const countsMax = 50

export function reportAgent(
  agent: string,
  isNew: boolean,
  { reactions, replayed, isCut }: AgentReplay,
): AgentReport {
  return {
    agent,
    isNew,
    reactions,
    isCut,
    ...countsOf(replayed),
    differences: countDifferences(replayed),
  }
}

function countsOf(replayed: readonly Replayed[]): RehearsalCounts {
  const having = (verdict: Verdict): number =>
    replayed.filter((one) => one.verdict === verdict).length
  return {
    compared: replayed.length,
    same: having('same'),
    changed: having('changed'),
    onlyNewFailed: having('only_new_failed'),
    onlyOldFailed: having('only_old_failed'),
    bothFailed: replayed.filter(({ isBothFailed }) => isBothFailed).length,
    denied: replayed.filter(({ asked }) => asked).length,
  }
}

const kindOf = ({ part, key, kind }: Difference): string => `${part} ${kind} ${key}`

function countDifferences(replayed: readonly Replayed[]): DifferenceCount[] {
  const all = replayed.flatMap(({ differences }) => differences)
  return [...Map.groupBy(all, kindOf).values()]
    .flatMap((group): DifferenceCount[] => {
      const [first] = group
      if (!first) return []
      const { part, key, kind } = first
      return [{ part, key, kind, count: group.length }]
    })
    .toSorted((one, other) => other.count - one.count)
    .slice(0, countsMax)
}

/** Some of each agent, and of each those first that differ in a way of which there is none yet. */
export function examplesOf(replays: ReadonlyMap<string, readonly Replayed[]>): Example[] {
  const queues = [...replays].map(([agent, replayed]) => variedFirst(agent, replayed))
  const examples: Example[] = []
  for (let turn = 0; turn < examplesMax; turn += 1) {
    examples.push(...queues.flatMap((queue) => queue.slice(turn, turn + 1)))
  }
  return examples.slice(0, examplesMax)
}

function variedFirst(agent: string, replayed: readonly Replayed[]): Example[] {
  const told = replayed.filter(({ verdict }) => verdict !== 'same')
  // One person's reactions that differ alike tell no more than one of them.
  const distinct = firstOf(told, ({ profileId, verdict, differences }) =>
    JSON.stringify([profileId, verdict, differences]),
  )
  const varied = firstOf(distinct, ({ verdict, differences }) =>
    [verdict, ...differences.map(kindOf)].join('\n'),
  )
  return [...new Set([...varied, ...distinct])].slice(0, examplesMax).map((one) => ({
    agent,
    profileId: one.profileId,
    verdict: one.verdict,
    differences: one.differences,
    failures: one.failures,
  }))
}

const firstOf = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] =>
  [...Map.groupBy(items, keyOf).values()].flatMap((group) => group.slice(0, 1))

/** All agents together. */
export const sum = (agents: readonly AgentReport[]): RehearsalCounts & { reactions: number } => {
  const total = (what: keyof RehearsalCounts | 'reactions'): number =>
    agents.reduce((all, one) => all + one[what], 0)
  return {
    reactions: total('reactions'),
    compared: total('compared'),
    same: total('same'),
    changed: total('changed'),
    onlyNewFailed: total('onlyNewFailed'),
    onlyOldFailed: total('onlyOldFailed'),
    bothFailed: total('bothFailed'),
    denied: total('denied'),
  }
}
