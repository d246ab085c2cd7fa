/** Runs the attack list and the bombs on this machine, in each tier and in what lies behind it. */
import { randomUUID } from 'node:crypto'
import type { Engine } from '../engine.ts'
import type { Tier } from '../../model/manifest.ts'
import { createTiers, type TierOptions } from '../tiers.ts'
import { answersOf, reach, type Answer } from './answer.ts'
import type { AttackGroup } from './attack.ts'
import { layBait, type LaidBait } from './bait.ts'
import { bombs } from './bombs.ts'
import { engine } from './engine.ts'
import { escape, pollution } from './escape.ts'
import { files } from './files.ts'
import { network } from './network.ts'
import { processes } from './processes.ts'
import { attackWall, type Wall } from './wall.ts'

export const groups: readonly AttackGroup[] = [files, network, processes, engine, escape, pollution]

/** Where attacks run: as a plugin of a tier, or in the bare process behind it. */
export type Place =
  | { name: string; tier: Tier; options: Omit<TierOptions, 'log'> }
  | { name: string; wall: Wall }

export const places: readonly Place[] = [
  { name: 'sandbox', tier: 'sandbox', options: { cells: 1, backend: 'isolate' } },
  { name: 'cell behind the sandbox', wall: { backend: 'isolate' } },
  { name: 'QuickJS', tier: 'sandbox', options: { cells: 1, backend: 'quickjs' } },
  { name: 'cell behind QuickJS', wall: { backend: 'quickjs' } },
  { name: 'process', tier: 'process', options: { cells: 1 } },
  { name: 'process with all modules', wall: { backend: 'process' } },
]

export interface GroupReport {
  place: string
  group: string
  lines: number
  open: { what: string; says: string }[]
  harmless: { what: string; reason: string }[]
}

/** One report for each group and place, as they come. */
export async function* attack(chosen: readonly Place[] = places): AsyncGenerator<GroupReport> {
  for (const place of chosen) {
    if ('wall' in place) {
      for (const group of groups.filter(({ isInsideOnly }) => !isInsideOnly))
        yield await onGroup(place.name, group, (laid) => attackWall(place.wall, group.lines, laid))
      continue
    }
    await using tiers = createTiers({ ...place.options, log: () => undefined })
    for (const group of groups)
      yield await onGroup(place.name, group, (laid) => attackTier(tiers, place.tier, group, laid))
    yield await bomb(tiers, place.name, place.tier)
  }
}

async function onGroup(
  place: string,
  { name, lines }: AttackGroup,
  run: (laid: LaidBait) => Promise<Answer[]>,
): Promise<GroupReport> {
  await using laid = await layBait(randomUUID())
  const answers = await run(laid)
  const through = lines.flatMap((line, at) => {
    const answer = answers[at]
    if (answer === undefined) return [{ line, says: 'it gave no answer at all' }]
    return answer.open ? [{ line, says: answer.says }] : []
  })
  const open = through.flatMap(({ line: { what, harmless }, says }) =>
    harmless === undefined ? [{ what, says }] : [],
  )
  const harmless = through.flatMap(({ line: { what, harmless: reason } }) =>
    reason === undefined ? [] : [{ what, reason }],
  )
  const touched = (await laid.touched()).map((says) => ({ what: 'seen from outside', says }))
  return { place, group: name, lines: lines.length, open: [...open, ...touched], harmless }
}

const attackMs = 1000

async function attackTier(
  tiers: Engine,
  tier: Tier,
  { name, lines }: AttackGroup,
  { bait }: LaidBait,
): Promise<Answer[]> {
  const bodies = lines.map(({ code }) => `async (bait, ctx) => { ${code} }`)
  const bundle = `${reach}
var lines = [${bodies.join(',\n')}]
var slateboardPlugin = { default: { agents: { attack: async ({ at, bait, tier }, { log }) => {
  const answer = await lines[at](bait, { log, tier })
  return JSON.stringify({ open: !!answer, says: String(answer).slice(0, 200) })
} } } }`
  await tiers.load(name, { id: name, bundle, tier, agents: ['attack'] })
  const answers: Answer[] = []
  for (const at of lines.keys()) {
    const items = [JSON.stringify({ at, bait, tier })]
    const { outcomes } = await tiers.run(name, { agent: 'attack', items, timeoutMs: attackMs })
    const [outcome] = outcomes
    const said = outcome && 'returned' in outcome ? String(outcome.returned) : ''
    answers.push(answersOf(said)[0] ?? { open: false, says: JSON.stringify(outcome) })
  }
  await tiers.unload(name)
  return answers
}

const bombMs = 250
/** A neighbour may wait until the process that it shares was replaced. */
const answerMs = 20_000
/** The host's own loop must turn on while bombs go off. */
const lagMsMax = 3000

async function bomb(tiers: Engine, place: string, tier: Tier): Promise<GroupReport> {
  const open: GroupReport['open'] = []
  const neighbour = 'var slateboardPlugin = { default: { agents: { bomb: () => 1 } } }'
  await tiers.load('neighbour', { id: 'neighbour', bundle: neighbour, tier, agents: ['bomb'] })
  for (const { what, code } of bombs) {
    const bundle = `var slateboardPlugin = { default: { agents: { bomb: async () => { ${code} } } } }`
    await tiers.load(what, { id: what, bundle, tier, agents: ['bomb'] })
    const lag = watchLag()
    const batch = { agent: 'bomb', items: ['1'], timeoutMs: bombMs }
    await tiers.run(what, batch)
    if (lag() > lagMsMax) open.push({ what, says: 'the host stood still' })
    const until = performance.now() + answerMs
    let isAnswered = false
    while (!isAnswered && performance.now() < until) {
      const [outcome] = (await tiers.run('neighbour', batch)).outcomes
      isAnswered = outcome !== undefined && 'returned' in outcome
    }
    if (!isAnswered) open.push({ what, says: 'a neighbour was not answered any more' })
    await tiers.unload(what)
  }
  return { place, group: 'bombs', lines: bombs.length, open, harmless: [] }
}

/** How long this process's loop stood still at most, until asked. */
function watchLag(): () => number {
  let last = performance.now()
  let most = 0
  const look = (): void => {
    const now = performance.now()
    most = Math.max(most, now - last)
    last = now
  }
  const timer = setInterval(look, 20).unref()
  return () => {
    look()
    clearInterval(timer)
    return most
  }
}
