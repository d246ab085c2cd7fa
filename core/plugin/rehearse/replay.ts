/** Hands what lately woke an agent to both versions again, and holds what they make of it against each other. */
import { allowRanges } from '../../../blackboard/query/allowRanges.ts'
import { transact } from '../../../blackboard/transact.ts'
import { listWakings, type Waking } from '../../../blackboard/query/listWakings.ts'
import { HandleBook, type Handled } from '../../egress/handle.ts'
import { endingOf } from '../../flow/react/ending.ts'
import { loadMaterials, prepare, wantedBy } from '../../flow/react/prepare.ts'
import type { Call, Material, Wanted } from '../../flow/react/prepare.ts'
import type { Claimed } from '../../flow/react/reaction.ts'
import { CallDenied } from '../../host/denied.ts'
import type { HostCalls } from '../../host/engine.ts'
import { compare, type Comparison } from './difference.ts'
import { resultOf, scopeOf, untouched, type Acted } from './result.ts'
import type { Pair } from './stage.ts'

/** Three items of a batch may hang or eat memory before the rest is given back, so they are small. */
const batchItems = 25
/** Items of one version that hang or eat memory before the agent is not called any more. */
const stopsMax = 10
const hourMs = 3_600_000
/** How far back it is looked, further where that is not enough: the newest rows are found without reading all. */
const windowsMs = [1, 24, 7 * 24, 31 * 24].map((hours) => hours * hourMs)

export interface Failure {
  code: string
  /** As the error log would say it: values of the input are masked. */
  message: string
}

/** One reaction that both versions had their turn at. */
export interface Replayed extends Comparison {
  profileId: string
  failures: { old: Failure | null; next: Failure | null }
  /** Both failed, and for the same reason. */
  isBothFailed: boolean
  /** One of them asked the host for something, which is denied to both. */
  asked: boolean
}

export interface AgentReplay {
  /** What woke it; not all of it is compared where `isCut`. */
  reactions: number
  replayed: Replayed[]
  /** A version hung or ran out of memory too often, or there was no time left. */
  isCut: boolean
}

/** @param until by the clock of `performance.now()`; no batch begins later */
export async function replayAgent(pair: Pair, last: number, until: number): Promise<AgentReplay> {
  const source = pair.old ?? pair.next
  if (!source || !pair.next) return { reactions: 0, replayed: [], isCut: false }
  const claimed = (await wakingsOf(source, last)).map(asClaimed)
  const replay: AgentReplay = { reactions: claimed.length, replayed: [], isCut: false }
  const stops = { old: 0, next: 0 }
  for (let at = 0; at < claimed.length; at += batchItems) {
    if (performance.now() > until || Math.max(stops.old, stops.next) >= stopsMax) {
      return { ...replay, isCut: true }
    }
    const batch = claimed.slice(at, at + batchItems)
    const runs = await runBoth(pair, pair.next, batch)
    for (const run of runs) {
      if (isStopped(run.old)) stops.old += 1
      if (isStopped(run.next)) stops.next += 1
    }
    replay.replayed.push(...runs.flatMap((run) => replayedOf(pair, run)))
  }
  return replay
}

/** Newest first, so that of what is cut the newest was seen. */
async function wakingsOf({ board, agent }: Call, limit: number): Promise<Waking[]> {
  const { workspaceId, name, manifest } = agent
  const now = board.clock.now().getTime()
  const { events, traits, consents } = manifest.triggers
  return await transact(board.db, async (tx) => {
    await allowRanges(tx)
    let found: Waking[] = []
    for (const ms of windowsMs) {
      const since = new Date(now - ms).toISOString()
      const wanted = { workspaceId, agent: name, events, traits, consents, since, limit }
      found = await listWakings(tx, wanted)
      if (found.length >= limit) break
    }
    return found
  })
}

const asClaimed = ({ profileId, cause }: Waking): Claimed => ({
  profileId,
  epoch: 0,
  causes: [cause],
  hop: 0,
  trail: '',
  isWhole: true,
  attempts: 0,
})

/** A run, and whether it asked the host for something. */
interface Run extends Acted {
  asked: boolean
}

interface Runs {
  item: Claimed
  old: Run | undefined
  next: Run | undefined
}

/** One after the other: what the first does to the process that both are in must not fall on the second. */
async function runBoth({ old }: Pair, next: Call, claimed: readonly Claimed[]): Promise<Runs[]> {
  const { board, agent } = next
  const wanted = unite([...(old ? [wantedBy(old, claimed)] : []), wantedBy(next, claimed)])
  const [material] = await loadMaterials(board, [{ ...wanted, agent, claimed }])
  if (!material) throw new TypeError('a pair was to be run on nothing')
  const handleOf = sharedHandles()
  const before = old && (await act(old, material, claimed, handleOf))
  const after = await act(next, material, claimed, handleOf)
  return claimed.map((item) => ({ item, old: before?.get(item), next: after.get(item) }))
}

const unite = (wanted: readonly Wanted[]): Pick<Wanted, 'keys' | 'state'> => {
  const states = wanted.flatMap(({ state }) => (state ? [state] : []))
  return {
    keys: [...new Set(wanted.flatMap(({ keys }) => keys))],
    state:
      states.length === 0
        ? undefined
        : {
            version: Math.max(...states.map(({ version }) => version)),
            profile: [...new Set(states.flatMap(({ profile }) => profile))],
            plugin: [...new Set(states.flatMap(({ plugin }) => plugin))],
          },
  }
}

/** Both are handed the same handle for the same value: it is no more than a name, and leads nowhere here. */
function sharedHandles(): (handled: Handled) => string {
  const book = new HandleBook()
  const issued = new Map<string, string>()
  return (handled) => {
    const place = `${handled.profileId} ${handled.key}`
    const handle = issued.get(place) ?? book.issue(handled)
    issued.set(place, handle)
    return handle
  }
}

async function act(
  call: Call,
  material: Material,
  claimed: readonly Claimed[],
  handleOf: (handled: Handled) => string,
): Promise<Map<Claimed, Run>> {
  const { host, agent } = call
  const own = { ...material, states: statesOf(call, material) }
  const { runnable, idle } = await prepare(call, own, claimed, handleOf)
  const inputs = runnable.map(({ input }) => input)
  const { calls, asked } = denying()
  const outcomes =
    inputs.length > 0 ? await host.react(agent.hostKey, agent.manifest.id, inputs, calls) : []
  const runs = new Map<Claimed, Run>()
  for (const [at, one] of runnable.entries()) {
    const outcome = outcomes[at]
    const ending = endingOf(call, one, outcome)
    const { row, memory } = one
    runs.set(one.item, { row, memory, outcome, ending, asked: asked.has(at) })
  }
  for (const { item, ending } of idle) {
    const row = material.rows.get(item.profileId)
    // A profile that was merged into another meanwhile is nobody's reaction.
    if (!row || ending.kind === 'moved') continue
    runs.set(item, { row, memory: undefined, outcome: undefined, ending, asked: false })
  }
  return runs
}

/** What was loaded for both holds more than the one of them declares. */
const statesOf = ({ agent: { state } }: Call, { states }: Material) =>
  states.filter(({ key }) =>
    key === null ? (state?.profile.length ?? 0) > 0 : state?.plugin.includes(key),
  )

/** Nothing leaves a rehearsal; what would have been answered cannot be known, so both are denied alike. */
function denying(): { calls: HostCalls; asked: ReadonlySet<number> } {
  const asked = new Set<number>()
  const call: HostCalls['call'] = async (item) => {
    asked.add(item)
    throw new CallDenied({
      code: 'rehearsal',
      message: 'This is a rehearsal: nothing is sent.',
      remedy: 'Catch PluginCallDenied where the agent has something to do without an answer.',
    })
  }
  return { calls: { call }, asked }
}

function replayedOf({ old: call, next: nextCall }: Pair, { item, old, next }: Runs): Replayed[] {
  if (!next || !nextCall || (call && !old) || isUnrun(old) || isUnrun(next)) return []
  const writes = [...(call?.agent.manifest.writes ?? []), ...nextCall.agent.manifest.writes]
  const scope = scopeOf([...new Set(writes)], old ? [old, next] : [next])
  const before = old ? resultOf(old, scope) : untouched(next.row, scope)
  const after = resultOf(next, scope)
  return [
    {
      profileId: item.profileId,
      ...compare(before, after),
      failures: { old: failureOf(old), next: failureOf(next) },
      isBothFailed: 'failed' in before && 'failed' in after && before.failed === after.failed,
      asked: next.asked || old?.asked === true,
    },
  ]
}

function failureOf(run: Run | undefined): Failure | null {
  if (run?.outcome && !run.outcome.ok) {
    const { code, message } = run.outcome
    return { code, message }
  }
  const code = run?.ending.kind === 'again' ? run.ending.error : null
  return code === null ? null : { code, message: code }
}

const codeOf = (run: Run | undefined): string | undefined =>
  run?.outcome && !run.outcome.ok ? run.outcome.code : undefined

const isStopped = (run: Run | undefined): boolean =>
  codeOf(run) === 'plugin_timeout' || codeOf(run) === 'plugin_out_of_memory'

/** It had no turn, or the process ended under it: that says nothing of what it would have answered. */
const isUnrun = (run: Run | undefined): boolean =>
  codeOf(run) === 'plugin_not_run' || codeOf(run) === 'cell_lost'
