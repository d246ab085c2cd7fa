import type { TransactionSql } from 'postgres'
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { changeHolds } from '../../../blackboard/query/changeHolds.ts'
import { ensureLegalStates } from '../../../blackboard/query/ensureLegalStates.ts'
import { findLegalVersions } from '../../../blackboard/query/findLegalVersions.ts'
import { findActivePolicyNumber } from '../../../blackboard/query/findActivePolicyNumber.ts'
import { finishReactions } from '../../../blackboard/query/finishReactions.ts'
import { holdVersion } from '../../../blackboard/query/holdVersion.ts'
import { insertActivations } from '../../../blackboard/query/insertActivations.ts'
import { lockPremises } from '../../../blackboard/query/lockPremises.ts'
import { noteTraitConflicts } from '../../../blackboard/query/noteTraitConflicts.ts'
import { lockReactions } from '../../../blackboard/query/lockReactions.ts'
import { patchTraits } from '../../../blackboard/query/patchTraits.ts'
import { rehomeReactions } from '../../../blackboard/query/rehomeReactions.ts'
import { releaseReactions } from '../../../blackboard/query/releaseReactions.ts'
import { storeChanges } from '../../../blackboard/query/storeChanges.ts'
import { wakeAgents } from '../../../blackboard/query/wakeAgents.ts'
import type { Board } from '../../board.ts'
import type { ErrorValues } from '../../errors.ts'
import { ageClaims, keepAges } from '../age.ts'
import type { Write } from '../project.ts'
import { isIdle, type Effects } from './effects.ts'
import { forNext, isHeldUp } from './forNext.ts'
import { holdState, writeKept, type HeldState } from './keep.ts'
import type { Claimed, Premise, RunnableAgent } from './reaction.ts'

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

/** Who commits, and what it relied on. */
export interface Committer {
  board: Board
  /** The worker that holds the leases. */
  owner: string
  agent: RunnableAgent
  /** The policy version that allowed what was read and written. */
  policyNumber: number
}

/**
 * Commits a batch of one agent's reactions in the caller's transaction. For each: the lease and epoch are
 * still ours, what it read is unchanged, and the policy it was allowed by is still the active one; then
 * traits, changes, follow-on reactions, proposed activations and the end of the reaction stand together.
 */
export async function commitReactions(
  tx: TransactionSql,
  by: Committer,
  ended: readonly Ended[],
): Promise<Committed> {
  const { owner, policyNumber } = by
  const { workspaceId, name } = by.agent
  const acting = ended.flatMap(({ profileId, ending }) =>
    ending.kind === 'done' && !isIdle(ending.effects)
      ? [{ profileId, effects: ending.effects, ...ending.premise }]
      : [],
  )
  // Profiles before agenda rows, in id order, as everywhere: else this and an intake wait in a circle.
  const ids = idsOf(acting)
  const { pluginId: plugin, digest } = by.agent
  const [[version], current, versions, held, [policy], state] = await Promise.all([
    ended.some(isHeldUp) ? holdVersion(tx, { workspaceId, plugin, digest }) : [],
    ids.length > 0 ? lockPremises(tx, { workspaceId, ids, ...columnsOfPremises(acting) }) : [],
    // Asked again under the lock: one who waited for it was still answered from before the wait.
    ids.length > 0 ? findLegalVersions(tx, { workspaceId, ids }) : [],
    lockReactions(tx, {
      workspaceId,
      agent: name,
      owner,
      ids: idsOf(ended),
      epochs: ended.map(({ epoch }) => epoch),
    }),
    findActivePolicyNumber(tx, { workspaceId, at: by.board.clock.now().toISOString() }),
    holdState(tx, by.agent, acting),
  ])
  const isHeld = new Set(held.map(({ profileId }) => profileId))
  const legal = new Map(versions.map(({ profileId, version }) => [profileId, version]))
  const read = new Map(acting.map((one) => [one.profileId, one]))
  const standing = idsOf(current).filter(
    (id) =>
      (legal.get(id) ?? 0) === read.get(id)?.legalVersion &&
      state.isCurrent(id, read.get(id)?.state),
  )
  const isOutdated = policy?.number !== policyNumber
  const isCurrent = new Set(isOutdated ? [] : standing)
  const isLeft = version?.runs === false
  const mine = ended
    .filter(({ profileId }) => isHeld.has(profileId))
    .map((item) => (isLeft ? forNext(item) : item))
  const sorted = sort(mine, isCurrent, state)
  await write(tx, by, sorted)
  return {
    committed: sorted.finished.length,
    stale: sorted.stale.length,
    lost: ended.length - mine.length,
    outdated: isOutdated && sorted.stale.length > 0,
    woke: sorted.effects.some(({ changes }) => changes.length > 0) || sorted.stale.length > 0,
    proposed: sorted.effects.some(
      ({ activations, holds }) => activations.length > 0 || holds !== null,
    ),
    changed: sorted.effects.flatMap((effect) => (isSeen(effect) ? [effect.profileId] : [])),
    full: sorted.full,
  }
}

/** Whether others can see that something changed: state is for the plugin alone. */
const isSeen = (effects: Effects): boolean => !isIdle({ ...effects, state: null })

const idsOf = (rows: readonly { profileId: string }[]): string[] =>
  rows.map(({ profileId }) => profileId)

const columnsOfPremises = (premises: readonly Premise[]) => ({
  reads: premises.map(({ read }) => JSON.stringify(read)),
  absents: premises.map(({ absent }) => (absent.length === 0 ? null : JSON.stringify(absent))),
})

interface Sorted {
  finished: string[]
  effects: Effects[]
  stale: Ended[]
  moved: string[]
  again: (Omit<Again, 'kind'> & { profileId: string; epoch: number })[]
  full: ErrorValues | null
}

function sort(mine: readonly Ended[], isCurrent: ReadonlySet<string>, state: HeldState): Sorted {
  const sorted: Sorted = {
    finished: [],
    effects: [],
    stale: [],
    moved: [],
    again: [],
    full: null,
  }
  for (const item of mine) {
    const { profileId, epoch, ending } = item
    if (ending.kind === 'moved') sorted.moved.push(profileId)
    else if (ending.kind === 'again') sorted.again.push({ profileId, epoch, ...ending })
    else if (ending.kind === 'unmet' || isIdle(ending.effects)) sorted.finished.push(profileId)
    else {
      const verdict = isCurrent.has(profileId)
        ? state.judge(ending.premise.state, ending.effects.state)
        : 'stale'
      if (verdict === 'stands') {
        sorted.finished.push(profileId)
        sorted.effects.push(ending.effects)
      } else if (verdict === 'stale') {
        sorted.stale.push(item)
        sorted.again.push({ profileId, epoch, dueAt: null, parked: null, error: null, free: true })
      } else if (ending.full) {
        sorted.full = verdict.full
        sorted.again.push({ profileId, epoch, ...ending.full })
      }
    }
  }
  return sorted
}

/** Sends every statement at once; they run in this order on the transaction's connection. */
async function write(
  tx: TransactionSql,
  { board, owner, agent, policyNumber }: Committer,
  { finished, effects, moved, again }: Sorted,
): Promise<void> {
  const { workspaceId, name } = agent
  const at = board.clock.now().toISOString()
  const json = JSON.stringify
  const patches = effects.flatMap(({ profileId, patch }) =>
    patch ? [{ profileId, ...patch }] : [],
  )
  const changes = effects.flatMap((effect) => effect.changes)
  const activations = effects.flatMap((effect) => effect.activations)
  const holds = effects.flatMap((effect) =>
    effect.holds ? [{ profileId: effect.profileId, ...effect.holds }] : [],
  )
  const ages = effects.flatMap(({ profileId, patch }) =>
    patch ? ageClaims(profileId, { writes: writesOf(patch), secrets: [] }, board.clock.now()) : [],
  )
  const standing = [...activations, ...holds].map(({ profileId }) => profileId)
  const happenings = effects.flatMap((effect) => effect.happenings)
  const conflicts = effects.flatMap((effect) => effect.conflicts)
  const pending: Promise<unknown>[] = []
  const send = (rows: readonly unknown[], run: () => Promise<unknown>): void => {
    if (rows.length > 0) pending.push(run())
  }
  pending.push(writeKept(tx, agent, effects, at))
  send(patches, () =>
    patchTraits(tx, {
      workspaceId,
      at,
      ids: idsOf(patches),
      traits: patches.map(({ traits }) => json(traits)),
      provenances: patches.map(({ provenance }) => json(provenance)),
      removals: patches.map(({ removed }) => (removed.length === 0 ? null : json(removed))),
    }),
  )
  send(changes, () => storeChanges(tx, { workspaceId, changes }))
  send(conflicts, () => noteTraitConflicts(tx, { workspaceId, conflicts, at }))
  send(standing, () => ensureLegalStates(tx, { workspaceId, ids: json(standing), at }))
  send(ages, () => keepAges(tx, board, workspaceId, ages))
  send(holds, () =>
    changeHolds(tx, { workspaceId, agent: name, ids: idsOf(holds), holds: json(holds), at }),
  )
  send(activations, () =>
    insertActivations(tx, { workspaceId, activations: json(activations), at }),
  )
  send(finished, () => finishReactions(tx, { workspaceId, agent: name, ids: finished, at }))
  send(again, () =>
    releaseReactions(tx, {
      workspaceId,
      agent: name,
      owner,
      ids: idsOf(again),
      items: json(again),
    }),
  )
  send(moved, () => rehomeReactions(tx, { workspaceId, agent: name, ids: moved }))
  send(happenings, () => wakeAgents(tx, { workspaceId, happenings, at }))
  send(effects, () =>
    appendAudit(tx, {
      workspaceId,
      entries: json([auditEntry(board, agent, policyNumber, effects)]),
    }),
  )
  await Promise.all(pending)
}

const writesOf = ({ traits, provenance }: NonNullable<Effects['patch']>): Write[] =>
  Object.entries(provenance).map(([key, made]) => ({
    key,
    value: traits[key],
    provenance: made,
  }))

/** One entry a batch, naming every reaction in it: what it wrote at which revision, what it proposed. */
function auditEntry(
  { clock }: Board,
  agent: RunnableAgent,
  policy: number,
  effects: readonly Effects[],
): object {
  return {
    id: clock.id(),
    at: clock.now(),
    actor: `agent:${agent.name}`,
    action: 'react',
    object: `plugin:${agent.pluginId}@${agent.digest.slice(0, 12)}`,
    payload: {
      policy,
      reactions: effects.map(
        ({ profileId, changes, activations, holds, pinned, conflicts, state }) => ({
          profile: profileId,
          cause: changes[0]?.cause ?? null,
          wrote: Object.fromEntries(changes.map(({ key, revision }) => [key, revision])),
          proposed: activations.map(({ id }) => id),
          ...(pinned.length > 0 ? { pinned } : {}),
          ...(conflicts.length > 0 ? { conflicts: conflicts.map(({ id }) => id) } : {}),
          ...(holds ? { held: holds.added.length, dropped: holds.dropped.length } : {}),
          ...(state ? { kept: state.keys.map(({ key }) => key) } : {}),
        }),
      ),
    },
  }
}
