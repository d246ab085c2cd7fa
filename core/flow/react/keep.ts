/** What a plugin remembers, on its way out of a batch: what a reaction wrote, and whether it may stand. */
import type { TransactionSql } from 'postgres'
import { listStateKeys } from '../../../blackboard/query/listStateKeys.ts'
import { lockPluginState } from '../../../blackboard/query/lockPluginState.ts'
import { lockStates } from '../../../blackboard/query/lockStates.ts'
import { writeStates } from '../../../blackboard/query/writeStates.ts'
import type { ErrorValues } from '../../errors.ts'
import { jsonEqual, type Json, type JsonObject } from '../../model/json.ts'
import { bytesOf, patched, stateLimits } from '../../model/pluginState.ts'
import type { Acting, Part } from './commit.ts'
import type { Effects } from './effects.ts'
import type { Memory } from './memory.ts'
import type { RunnableAgent } from './reaction.ts'

/** What one reaction changes of it. */
export interface StateEffect {
  /** All that is kept for the profile from now on; null where it stays as it is. */
  profile: JsonObject | null
  /** Keys of the plugin's own state; null takes one away. */
  keys: { key: string; value: Json | null }[]
}

/** What it was made from. */
export interface StatePremise {
  /** Revision of the profile's row; null where it was not handed over. */
  profile: number | null
  keys: Readonly<Record<string, number>>
}

/**
 * What the handler wrote beside what stands; what was migrated on the way in counts as written.
 *
 * @param isShown whether the agent was handed the profile's state: what it may not see it may not keep
 */
export function keep(
  memory: Memory,
  written: { profile?: JsonObject | undefined; plugin?: JsonObject | undefined },
  isShown: boolean,
): { effect: StateEffect | null } | { full: ErrorValues } {
  const { profile, plugin, isMigrated, migratedKeys } = memory
  const next = patched(profile, written.profile ?? {})
  const isKept = isShown && (isMigrated || !jsonEqual(profile, next))
  const bytes = isKept ? bytesOf(next) : 0
  if (bytes > stateLimits.profileBytes) {
    return { full: { bytes, quota: stateLimits.profileBytes, used: bytesOf(profile) } }
  }
  const keys: StateEffect['keys'] = []
  for (const key of new Set([...migratedKeys, ...Object.keys(written.plugin ?? {})])) {
    const before = own(plugin, key)
    const given = own(written.plugin ?? {}, key)
    const value = given === undefined ? (before ?? null) : given
    const isSame = value === null ? before === undefined : jsonEqual(before, value)
    if (!isSame || migratedKeys.has(key)) keys.push({ key, value })
  }
  return { effect: isKept || keys.length > 0 ? { profile: isKept ? next : null, keys } : null }
}

const own = (state: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(state, key) ? state[key] : undefined

/** What stands at the commit, held until its end. */
export interface HeldStates {
  judge(part: Part, premise: StatePremise | undefined, effects: Effects): StateVerdict
}

export type StateVerdict = 'stands' | 'stale' | { full: ErrorValues }

/** Holds the state that reactions were handed or are about to write, of one plugin after the other. */
export async function holdStates(
  tx: TransactionSql,
  acting: readonly Acting[],
): Promise<HeldStates> {
  const keeping = acting.filter(({ part }) => part.agent.state)
  const plugins = Map.groupBy(keeping, ({ part }) => part.agent.pluginId)
  const inOrder = [...plugins].toSorted(([one], [other]) => (one < other ? -1 : 1))
  const held = await Promise.all(
    inOrder.map(async ([plugin, group]) => [plugin, await holdState(tx, group)] as const),
  )
  const byPlugin = new Map(held)
  return {
    judge: ({ agent }, premise, effects) =>
      byPlugin.get(agent.pluginId)?.judge(premise, effects) ?? 'stands',
  }
}

/**
 * The plugin's own state is held only when one of them writes it, for that makes them wait for each other: then its
 * quota is exact, and of two reactions that were handed the same keys only one writes them.
 */
async function holdState(tx: TransactionSql, acting: readonly Acting[]): Promise<PluginLedger> {
  const { workspaceId, pluginId: plugin } = acting[0]?.part.agent ?? {
    workspaceId: 0,
    pluginId: '',
  }
  const withProfile = acting.filter(({ part }) => (part.agent.state?.profile.length ?? 0) > 0)
  const ids = [...new Set(withProfile.map(({ profileId }) => profileId))]
  const writesKeys = acting.some(({ effects }) => (effects.state?.keys.length ?? 0) > 0)
  const [rows, , keys] = await Promise.all([
    ids.length > 0 ? lockStates(tx, { workspaceId, plugin, ids }) : [],
    writesKeys ? lockPluginState(tx, { workspaceId, plugin }) : [],
    writesKeys ? listStateKeys(tx, { workspaceId, plugin }) : [],
  ])
  const revisions = new Map(rows.map(({ profileId, revision }) => [profileId, revision]))
  return new PluginLedger(revisions, new KeyLedger(plugin, keys))
}

/** The state of a plugin as it stands with what earlier reactions of the same transaction write. */
class PluginLedger {
  readonly #revisions: ReadonlyMap<string, number>
  readonly #keys: KeyLedger
  readonly #written = new Set<string>()

  constructor(revisions: ReadonlyMap<string, number>, keys: KeyLedger) {
    this.#revisions = revisions
    this.#keys = keys
  }

  judge(premise: StatePremise | undefined, { profileId, state }: Effects): StateVerdict {
    if (premise && !this.#isCurrent(profileId, premise)) return 'stale'
    const verdict = this.#keys.judge(premise, state)
    if (verdict === 'stands' && state?.profile) this.#written.add(profileId)
    return verdict
  }

  #isCurrent(profileId: string, { profile }: StatePremise): boolean {
    if (profile === null) return true
    return profile === (this.#revisions.get(profileId) ?? 0) && !this.#written.has(profileId)
  }
}

/** The plugin's own keys as they stand with what earlier reactions of the same transaction write. */
class KeyLedger {
  readonly #plugin: string
  readonly #standing: ReadonlyMap<string, number>
  readonly #bytes: Map<string, number>
  readonly #written = new Set<string>()
  #total = 0

  constructor(plugin: string, rows: readonly { key: string; revision: number; bytes: number }[]) {
    this.#plugin = plugin
    this.#standing = new Map(rows.map(({ key, revision }) => [key, revision]))
    this.#bytes = new Map(rows.map(({ key, bytes }) => [key, bytes]))
    for (const { bytes } of rows) this.#total += bytes
  }

  judge(premise: StatePremise | undefined, effect: StateEffect | null): StateVerdict {
    if (!premise || !effect || effect.keys.length === 0) return 'stands'
    if (!this.#isCurrent(premise)) return 'stale'
    const sizes = effect.keys.map(({ key, value }) => ({
      key,
      size: value === null ? 0 : keyBytes(key, value),
    }))
    const grown = sizes.reduce((sum, { key, size }) => sum + size - this.#sizeOf(key), 0)
    const bytes = this.#total + grown
    // What makes it smaller is let through even where a lower quota came later.
    if (grown > 0 && bytes > stateLimits.pluginBytes) {
      const quota = stateLimits.pluginBytes
      return { full: { plugin: this.#plugin, bytes, quota, used: this.#total } }
    }
    for (const { key, size } of sizes) {
      this.#written.add(key)
      this.#bytes.set(key, size)
    }
    this.#total = bytes
    return 'stands'
  }

  #sizeOf(key: string): number {
    return this.#bytes.get(key) ?? 0
  }

  /**
   * Each key that it was handed is as it was, in the transaction as well. Two that write the same do not agree: both
   * may have counted one up.
   */
  #isCurrent({ keys }: StatePremise): boolean {
    return Object.entries(keys).every(
      ([key, revision]) => (this.#standing.get(key) ?? 0) === revision && !this.#written.has(key),
    )
  }
}

/** A key counts with its name: many small ones are not free. */
export const keyBytes = (key: string, value: Json): number =>
  Buffer.byteLength(key) + bytesOf(value)

/** Writes what the reactions of a batch keep, in one statement. */
export async function writeKept(
  tx: TransactionSql,
  { workspaceId, pluginId: plugin, state }: RunnableAgent,
  effects: readonly Effects[],
  at: string,
): Promise<void> {
  if (!state || effects.every((effect) => effect.state === null)) return
  const profiles = effects.flatMap((effect) =>
    effect.state?.profile ? [{ id: effect.profileId, state: effect.state.profile }] : [],
  )
  const keys = effects.flatMap((effect) => effect.state?.keys ?? [])
  await writeStates(tx, {
    workspaceId,
    plugin,
    version: state.version,
    ids: profiles.map(({ id }) => id),
    states: profiles.map((one) => JSON.stringify(one.state)),
    stateBytes: profiles.map((one) => bytesOf(one.state)),
    keys: keys.map(({ key }) => key),
    values: keys.map(({ value }) => (value === null ? null : JSON.stringify(value))),
    valueBytes: keys.map(({ key, value }) => (value === null ? 0 : keyBytes(key, value))),
    at,
  })
}
