import { startFlow } from '../../../core/flow/flow.ts'
import type { Slateboard } from '../../../core/open.ts'
import { openBench } from '../bench.ts'
import { quantile, type Report } from '../figure.ts'
import { drain, type Drained } from './burst.ts'
import { crewOf, install, type Member } from './crew.ts'
import { pace, type Paced } from './latency.ts'
import { openPeople, type Changes } from './people.ts'
import { runRawCrew } from './rawCrew.ts'

const levels = [4, 12, 38, 72, 118] as const
/** Exponents and falls are between these, as the published tables begin with 12. */
const [from, to] = [12, 118] as const
const profiles = 10_000
/** Reactions that a burst puts on the agenda, about, and the changes that do: each wakes one agent in 20. */
const burst = 4000
const burstChangesMax = 10_000

interface Level {
  paced: Paced
  drained: Drained
  raw: number
}

/**
 * How latency and throughput stand the number of agents. Agents that come on top are woken by changes of their own
 * traits, so at 200 changes a second each is offered the same at every level, and all together in proportion to
 * their number.
 */
export async function benchLevels(report: Report): Promise<void> {
  // So that the log's rows tell when they were committed.
  const settings = { track_commit_timestamp: 'on' }
  await using bench = await openBench({ works: false }, settings)
  const { app, engine } = bench
  const changes = await openPeople(app, profiles)
  const measured = new Map<number, Level>()
  for (const agents of levels) {
    const crew = crewOf(agents)
    await install(app, crew)
    const level = await measure(app, crew, changes)
    measured.set(agents, level)
    reportLevel(report, { bench: 'agents', engine, agents }, level)
  }
  const [few, many] = [measured.get(from), measured.get(to)]
  if (few && many) reportGrowth(report, { bench: 'agents', engine }, few, many)
}

async function measure(app: Slateboard, crew: readonly Member[], changes: Changes): Promise<Level> {
  // Once through everything, so that no level pays for what is loaded with the first call.
  await changes.submit(Math.round(5000 / crew.length))
  await drain(app)
  // Dead rows of the level before are not this level's.
  await app.board.db.sql`vacuum analyze profile, change, agenda`
  const flow = startFlow(app)
  const paced = await pace({ ...app, flow }, crew, changes)
  await flow[Symbol.asyncDispose]()
  await changes.submit(Math.min(burstChangesMax, Math.round((burst * 20) / crew.length)))
  const raw = await runRawCrew(app, crew)
  const drained = await drain(app)
  return { paced, drained, raw }
}

interface Base {
  bench: string
  engine: string
}

function reportLevel(
  report: Report,
  base: Base & { agents: number },
  { paced, drained, raw }: Level,
): void {
  const { times, obviated, lost, unfounded, reactionsPerSecond } = paced
  for (const [name, q] of [
    ['p50', 0.5],
    ['p95', 0.95],
    ['p99', 0.99],
  ] as const) {
    report({
      ...base,
      figure: `latency.${name}`,
      value: quantile(times, q),
      unit: 'ms',
      changesPerSecond: 200,
      samples: times.length,
    })
  }
  report({
    ...base,
    figure: 'paced.reactionsPerSecond',
    value: reactionsPerSecond,
    unit: '1/s',
    perAgent: reactionsPerSecond / base.agents,
    obviated,
  })
  report({ ...base, figure: 'paced.lost', value: lost, unit: 'reactions', unfounded })
  const perSecond = drained.reactions / drained.seconds
  report({
    ...base,
    figure: 'burst.reactionsPerSecond',
    value: perSecond,
    unit: '1/s',
    reactions: drained.reactions,
    ranAgain: drained.runs - drained.reactions,
    baseline: 'raw-sql',
    ratio: perSecond / raw,
  })
}

const perSecondOf = ({ drained }: Level): number => drained.reactions / drained.seconds

/** By which power of the number of agents latency grows, and what an agent loses by others being there. */
function reportGrowth(report: Report, base: Base, few: Level, many: Level): void {
  const growth = Math.log(to / from)
  for (const [name, q] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const ratio = quantile(many.paced.times, q) / quantile(few.paced.times, q)
    report({
      ...base,
      figure: `latency.exponent.${name}`,
      value: Math.log(ratio) / growth,
      unit: '',
      from,
      to,
    })
  }
  const pacedFall = 1 - many.paced.reactionsPerSecond / to / (few.paced.reactionsPerSecond / from)
  report({ ...base, figure: 'perAgentThroughput.fall', value: pacedFall, unit: '', from, to })
  const burstFall = 1 - perSecondOf(many) / perSecondOf(few)
  report({ ...base, figure: 'burst.fall', value: burstFall, unit: '', from, to })
}
