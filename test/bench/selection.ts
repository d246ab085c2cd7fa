import type { Report } from './figure.ts'
import { reportCost } from './selection/cost.ts'
import { baselines, runSeason, type LearnerName, type Season } from './selection/season.ts'

/** Settings were chosen with seeds 101 to 105. */
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const
const agentCounts = [3, 5, 10] as const

interface Baseline {
  name: LearnerName
  seasons: Season[]
}

/**
 * How well the selector picks among the agents of a capability, from the rewards of what it picked alone: with 5,000
 * tasks to learn from and 1,000 to be tested with, after a drift, and with an agent more. All learners meet the same
 * tasks, agents and chances. Modelled on MetaOrch's published set-up, the numbers of which were not published: its
 * 86.3 % is of a simulator of its own and cannot be compared.
 */
export async function benchSelection(report: Report): Promise<void> {
  for (const agents of agentCounts) {
    const seasonsOf = (name: LearnerName): Season[] =>
      seeds.map((seed) => runSeason(seed, agents, name))
    const ours = seasonsOf('ours')
    const others = baselines.map((name) => ({ name, seasons: seasonsOf(name) }))
    reportShares(report, agents, ours, others)
    reportSureness(report, agents, ours)
  }
  reportCost(report)
}

const shares: Record<string, { unit: string; of: (season: Season) => number }> = {
  accuracy: { unit: 'share', of: ({ first }) => first.accuracy },
  'accuracy after drift': { unit: 'share', of: ({ drifted }) => drifted.accuracy },
  'accuracy with an unseen agent': { unit: 'share', of: ({ unseen }) => unseen.accuracy },
  'regret while learning': { unit: 'quality/task', of: ({ regret }) => regret },
  'regret after drift': { unit: 'quality/task', of: ({ drifted }) => drifted.regret },
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const engine = 'pure'

function reportShares(
  report: Report,
  agents: number,
  ours: readonly Season[],
  others: readonly Baseline[],
): void {
  for (const [figure, { unit, of }] of Object.entries(shares)) {
    const value = meanOf(ours.map(of))
    for (const { name, seasons } of others) {
      const beside = meanOf(seasons.map(of))
      report({
        bench: 'selection',
        figure: `${figure}, ${agents} agents`,
        value,
        unit,
        engine,
        baseline: `${name} (${beside.toFixed(3)})`,
        ratio: value / beside,
        seeds: seeds.length,
      })
    }
  }
}

function reportSureness(report: Report, agents: number, ours: readonly Season[]): void {
  const tell = (figure: string, unit: string, values: readonly number[]): void =>
    report({
      bench: 'selection',
      figure: `${figure}, ${agents} agents`,
      value: meanOf(values),
      unit,
      engine,
      worst: Math.round(Math.max(...values) * 1000) / 1000,
    })
  tell(
    'calibration error of confidence',
    'share',
    ours.map(({ first }) => first.ece ?? Number.NaN),
  )
  tell(
    'calibration error after drift',
    'share',
    ours.map(({ drifted }) => drifted.ece ?? Number.NaN),
  )
  tell(
    'calibration error with an unseen agent',
    'share',
    ours.map(({ unseen }) => unseen.ece ?? Number.NaN),
  )
  tell(
    'recovered from drift after',
    'outcomes',
    ours.map(({ recovered }) => recovered),
  )
}
