/** Writes what stands of a transaction's reactions. */
import type { TransactionSql } from 'postgres'
import { announceIntents } from '../../../blackboard/query/announceIntents.ts'
import { appendAudit } from '../../../blackboard/query/appendAudit.ts'
import { changeHolds } from '../../../blackboard/query/changeHolds.ts'
import { ensureLegalStates } from '../../../blackboard/query/ensureLegalStates.ts'
import { finishReactions } from '../../../blackboard/query/finishReactions.ts'
import { insertActivations } from '../../../blackboard/query/insertActivations.ts'
import { noteTraitConflicts } from '../../../blackboard/query/noteTraitConflicts.ts'
import { patchTraits } from '../../../blackboard/query/patchTraits.ts'
import { rehomeReactions } from '../../../blackboard/query/rehomeReactions.ts'
import { releaseReactions } from '../../../blackboard/query/releaseReactions.ts'
import { storeChanges } from '../../../blackboard/query/storeChanges.ts'
import { vetoIntents } from '../../../blackboard/query/vetoIntents.ts'
import { wakeAgents } from '../../../blackboard/query/wakeAgents.ts'
import type { Board } from '../../board.ts'
import { ageClaims, keepAges } from '../age.ts'
import type { Write } from '../project.ts'
import type { By } from './commit.ts'
import type { Effects } from './effects.ts'
import type { Judged } from './judge.ts'
import { writeKept } from './keep.ts'

type Patch = NonNullable<Effects['patch']>

const json = JSON.stringify

/** Sends every statement at once; they run in this order on the transaction's connection. */
export async function write(tx: TransactionSql, by: By, judged: readonly Judged[]): Promise<void> {
  const at = by.board.clock.now().toISOString()
  await Promise.all([
    ...keepEffects(tx, by, judged, at),
    ...endReactions(tx, by, judged, at),
    ...recordThem(tx, by, judged),
  ])
}

const sentFor = (rows: readonly unknown[], run: () => Promise<unknown>): Promise<unknown>[] =>
  rows.length > 0 ? [run()] : []

function keepEffects(
  tx: TransactionSql,
  { board, workspaceId }: By,
  judged: readonly Judged[],
  at: string,
): Promise<unknown>[] {
  const effects = judged.flatMap((each) => each.effects)
  const patches = patchesOf(effects)
  const changes = effects.flatMap((effect) => effect.changes)
  const activations = effects.flatMap((effect) => effect.activations)
  const conflicts = effects.flatMap((effect) => effect.conflicts)
  const holding = effects.flatMap(({ profileId, holds }) => (holds ? [profileId] : []))
  const ages = effects.flatMap(({ profileId, patch }) =>
    patch ? ageClaims(profileId, { writes: writesOf(patch), secrets: [] }, board.clock.now()) : [],
  )
  const standing = [...activations.map(({ profileId }) => profileId), ...holding]
  return [
    ...judged.map((each) => writeKept(tx, each.part.agent, each.effects, at)),
    ...sentFor(patches, () =>
      patchTraits(tx, {
        workspaceId,
        at,
        ids: patches.map(({ profileId }) => profileId),
        traits: patches.map(({ traits }) => json(traits)),
        provenances: patches.map(({ provenance }) => json(provenance)),
        removals: patches.map(({ removed }) => (removed.length === 0 ? null : json(removed))),
      }),
    ),
    ...sentFor(changes, () => storeChanges(tx, { workspaceId, changes })),
    ...sentFor(conflicts, () => noteTraitConflicts(tx, { workspaceId, conflicts, at })),
    ...sentFor(standing, () => ensureLegalStates(tx, { workspaceId, ids: json(standing), at })),
    ...sentFor(ages, () => keepAges(tx, board, workspaceId, ages)),
    ...judged.flatMap((each) => holdProfiles(tx, each, at)),
    ...speakOfIntents(tx, workspaceId, judged, at),
    ...sentFor(activations, () =>
      insertActivations(tx, { workspaceId, activations: json(activations), at }),
    ),
  ]
}

/** Vetoes first: what is announced in the same moment is for others to see before they say no. */
function speakOfIntents(
  tx: TransactionSql,
  workspaceId: number,
  judged: readonly Judged[],
  at: string,
): Promise<unknown>[] {
  const intents = judged.flatMap((each) => each.effects.flatMap((effect) => effect.intents))
  const vetoed = judged.flatMap(({ part: { agent }, effects }) => {
    const vetoes = effects.flatMap((effect) => effect.vetoes)
    const profileIds = [...new Set(vetoes.map(({ profileId }) => profileId))]
    const { name, manifest } = agent
    return sentFor(vetoes, () =>
      vetoIntents(tx, {
        workspaceId,
        profileIds,
        agent: name,
        kinds: manifest.vetoes,
        vetoes: json(vetoes),
        at,
      }),
    )
  })
  const profileIds = [...new Set(intents.map(({ profileId }) => profileId))]
  return [
    ...vetoed,
    ...sentFor(intents, () =>
      announceIntents(tx, { workspaceId, profileIds, intents: json(intents), at }),
    ),
  ]
}

function holdProfiles(
  tx: TransactionSql,
  { part: { agent }, effects }: Judged,
  at: string,
): Promise<unknown>[] {
  const holds = effects.flatMap((effect) =>
    effect.holds ? [{ profileId: effect.profileId, ...effect.holds }] : [],
  )
  const { workspaceId, name } = agent
  const ids = holds.map(({ profileId }) => profileId)
  return sentFor(holds, () =>
    changeHolds(tx, { workspaceId, agent: name, ids, holds: json(holds), at }),
  )
}

/** Off the agenda before others come onto it: one that ended may be woken again by what the others wrote. */
function endReactions(
  tx: TransactionSql,
  { owner, workspaceId }: By,
  judged: readonly Judged[],
  at: string,
): Promise<unknown>[] {
  const finished = named(judged, (each) => each.finished)
  const again = judged.flatMap(({ part, again: items }) =>
    items.map((item) => ({ ...item, agent: part.agent.name })),
  )
  const moved = named(judged, (each) => each.moved)
  const happenings = judged.flatMap((each) => each.effects.flatMap((one) => one.happenings))
  const ids = again.map(({ profileId }) => profileId)
  return [
    ...sentFor(finished.ids, () => finishReactions(tx, { workspaceId, ...finished, at })),
    ...sentFor(again, () => releaseReactions(tx, { workspaceId, owner, ids, items: json(again) })),
    ...sentFor(moved.ids, () => rehomeReactions(tx, { workspaceId, ...moved })),
    ...sentFor(happenings, () => wakeAgents(tx, { workspaceId, happenings, at })),
  ]
}

function recordThem(
  tx: TransactionSql,
  { board, workspaceId }: By,
  judged: readonly Judged[],
): Promise<unknown>[] {
  const entries = judged.flatMap((each) => auditEntries(board, each))
  return sentFor(entries, () => appendAudit(tx, { workspaceId, entries: json(entries) }))
}

/** One a profile, however many agents wrote on it: no two of them wrote the same trait. */
function patchesOf(effects: readonly Effects[]): (Patch & { profileId: string })[] {
  const patches = new Map<string, Patch & { profileId: string }>()
  for (const { profileId, patch } of effects) {
    if (!patch) continue
    const before = patches.get(profileId)
    patches.set(profileId, {
      profileId,
      traits: { ...before?.traits, ...patch.traits },
      provenance: { ...before?.provenance, ...patch.provenance },
      removed: [...(before?.removed ?? []), ...patch.removed],
    })
  }
  return [...patches.values()]
}

function named(
  judged: readonly Judged[],
  idsOf: (each: Judged) => readonly string[],
): { ids: string[]; agents: string[] } {
  const rows = judged.flatMap((each) => idsOf(each).map((id) => [id, each.part.agent.name]))
  return { ids: rows.map(([id = '']) => id), agents: rows.map(([, agent = '']) => agent) }
}

const writesOf = ({ traits, provenance }: Patch): Write[] =>
  Object.entries(provenance).map(([key, made]) => ({
    key,
    value: traits[key],
    provenance: made,
  }))

/** One entry a part, naming every reaction in it: what it wrote at which revision, what it proposed. */
function auditEntries({ clock }: Board, { part, effects }: Judged): object[] {
  if (effects.length === 0) return []
  const { agent, policyNumber: policy } = part
  const entry = {
    id: clock.id(),
    at: clock.now(),
    actor: `agent:${agent.name}`,
    action: 'react',
    object: `plugin:${agent.pluginId}@${agent.digest.slice(0, 12)}`,
    payload: {
      policy,
      reactions: effects.map(
        ({
          profileId,
          changes,
          activations,
          holds,
          pinned,
          conflicts,
          state,
          intents,
          vetoes,
        }) => ({
          profile: profileId,
          cause: changes[0]?.cause ?? null,
          wrote: Object.fromEntries(changes.map(({ key, revision }) => [key, revision])),
          proposed: activations.map(({ id }) => id),
          ...(pinned.length > 0 ? { pinned } : {}),
          ...(conflicts.length > 0 ? { conflicts: conflicts.map(({ id }) => id) } : {}),
          ...(intents.length > 0 ? { announced: intents.map(({ id }) => id) } : {}),
          ...(vetoes.length > 0 ? { vetoed: vetoes.map(({ intent }) => intent) } : {}),
          ...(holds ? { held: holds.added.length, dropped: holds.dropped.length } : {}),
          ...(state ? { kept: state.keys.map(({ key }) => key) } : {}),
        }),
      ),
    },
  }
  return [entry]
}
