import type { TransactionSql } from 'postgres'
import { findActivePolicyNumber } from '../../../blackboard/query/findActivePolicyNumber.ts'
import { findLegalVersions } from '../../../blackboard/query/findLegalVersions.ts'
import { holdVersion } from '../../../blackboard/query/holdVersion.ts'
import { lockPremises } from '../../../blackboard/query/lockPremises.ts'
import { lockReactions } from '../../../blackboard/query/lockReactions.ts'
import type { Board } from '../../board.ts'
import type { ErrorValues } from '../../errors.ts'
import { isIdle, type Effects } from './effects.ts'
import { isHeldUp } from './forNext.ts'
import { judge, type Judged } from './judge.ts'
import { holdStates } from './keep.ts'
import type { Claimed, Premise, RunnableAgent } from './reaction.ts'
import { write } from './write.ts'

/** How a reaction ended, as the agenda must know it. */
export type Ending =
  | {
      kind: 'done'
      effects: Effects
      premise: Premise
      /** What it comes to when the plugin may not keep so much of its own; present where it writes that. */
      full?: Again
    }
  | { kind: 'moved' }
  /** Its precondition does not hold any more, or never held of what the agent may see. */
  | { kind: 'unmet' }
  | Again

export interface Again {
  kind: 'again'
  dueAt: Date | null
  parked: 'dead' | 'halted' | 'stale' | null
  error: string | null
  free: boolean
}

export interface Ended extends Claimed {
  ending: Ending
}

/** Reactions of one agent that are to be committed. */
export interface Part {
  agent: RunnableAgent
  /** The policy version that allowed what was read and written. */
  policyNumber: number
  ended: readonly Ended[]
}

/** What became of a part. */
export interface Committed {
  /** Reactions whose effects stand now. */
  committed: number
  /** Reactions whose premise was gone; they run again at once. */
  stale: number
  /** Reactions whose lease was lost; another worker has them. */
  lost: number
  /** Another policy is in force by now. */
  outdated: boolean
  woke: boolean
  proposed: boolean
  changed: string[]
  /** Quota and use, where one of them would have made the plugin keep too much of its own. */
  full: ErrorValues | null
}

/** Who commits. */
export interface By {
  board: Board
  /** The worker that holds the leases. */
  owner: string
  workspaceId: number
}

/** A reaction that changes something, and the part that it is of. */
export interface Acting {
  part: Part
  item: Ended
  profileId: string
  effects: Effects
  premise: Premise
}

/**
 * Commits reactions of one workspace, of any of its agents, in the caller's transaction. For each: the lease and epoch
 * are still ours, what it read is unchanged, also by one before it in the same transaction, and the policy it was allowed
 * by is still the active one; then traits, changes, follow-on reactions, proposed activations and the end of the reaction
 * stand together. Answers a part each, in their order.
 */
export async function commitReactions(
  tx: TransactionSql,
  by: By,
  parts: readonly Part[],
): Promise<Committed[]> {
  const { board, owner, workspaceId } = by
  const held = inOrder(parts)
  const acting = held.flatMap(actingOf)
  const ids = acting.map(({ profileId }) => profileId)
  // Profiles before agenda rows, in id order, as everywhere: else this and an intake wait in a circle.
  const [left, current, versions, mine, [policy], states] = await Promise.all([
    versionsLeft(tx, by, parts),
    ids.length > 0 ? lockPremises(tx, { workspaceId, ids, ...columnsOf(acting) }) : [],
    // Asked again under the lock: one who waited for it was still answered from before the wait.
    ids.length > 0 ? findLegalVersions(tx, { workspaceId, ids }) : [],
    lockReactions(tx, {
      workspaceId,
      owner,
      ids: held.map(({ item }) => item.profileId),
      agents: held.map(({ part }) => part.agent.name),
      epochs: held.map(({ item }) => item.epoch),
    }),
    findActivePolicyNumber(tx, { workspaceId, at: board.clock.now().toISOString() }),
    holdStates(tx, acting),
  ])
  const legal = new Map(versions.map(({ profileId, version }) => [profileId, version]))
  const standing = current
    .flatMap(({ nth }) => acting[nth - 1] ?? [])
    .filter(({ profileId, premise }) => (legal.get(profileId) ?? 0) === premise.legalVersion)
  const judged = judge(parts, {
    mine: new Set(mine.flatMap(({ nth }) => held[nth - 1]?.item ?? [])),
    current: new Set(standing.map(({ item }) => item)),
    policyNumber: policy?.number,
    left,
    states,
  })
  await write(tx, by, judged)
  return judged.map((each) => toldOf(each, policy?.number))
}

interface Held {
  part: Part
  item: Ended
}

function inOrder(parts: readonly Part[]): Held[] {
  const held = parts.flatMap((part) => part.ended.map((item) => ({ part, item })))
  return held.toSorted(
    (one, other) =>
      compare(one.item.profileId, other.item.profileId) ||
      compare(one.part.agent.name, other.part.agent.name),
  )
}

const compare = (one: string, other: string): number => {
  if (one === other) return 0
  return one < other ? -1 : 1
}

function actingOf({ part, item }: Held): Acting[] {
  const { profileId, ending } = item
  if (ending.kind !== 'done' || isIdle(ending.effects)) return []
  return [{ part, item, profileId, effects: ending.effects, premise: ending.premise }]
}

/** Parts of versions that do not run any more; asked only of those for which it makes a difference. */
async function versionsLeft(
  tx: TransactionSql,
  { workspaceId }: By,
  parts: readonly Part[],
): Promise<Set<Part>> {
  const asked = parts
    .filter(({ ended }) => ended.some(isHeldUp))
    .toSorted((one, other) => compare(one.agent.pluginId, other.agent.pluginId))
  const answers = await Promise.all(
    asked.map(({ agent: { pluginId: plugin, digest } }) =>
      holdVersion(tx, { workspaceId, plugin, digest }),
    ),
  )
  return new Set(asked.filter((_, at) => answers[at]?.[0]?.runs === false))
}

const columnsOf = (acting: readonly Acting[]) => ({
  reads: acting.map(({ premise }) => JSON.stringify(premise.read)),
  absents: acting.map(({ premise: { absent } }) =>
    absent.length === 0 ? null : JSON.stringify(absent),
  ),
})

function toldOf(
  { part, finished, effects, stale, lost, full }: Judged,
  policyNumber: number | undefined,
): Committed {
  return {
    committed: finished.length,
    stale,
    lost,
    outdated: policyNumber !== part.policyNumber && stale > 0,
    woke: effects.some(({ happenings }) => happenings.length > 0) || stale > 0,
    proposed: effects.some(({ activations, holds }) => activations.length > 0 || holds !== null),
    changed: effects.flatMap((effect) => (isSeen(effect) ? [effect.profileId] : [])),
    full,
  }
}

/** Whether others can see that something changed: state is for the plugin alone. */
const isSeen = (effects: Effects): boolean => !isIdle({ ...effects, state: null })
