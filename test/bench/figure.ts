import { parseArgs } from 'node:util'

/** One measured number, as the contract prints it. */
export interface Figure {
  bench: string
  figure: string
  value: number
  unit: string
  engine: string
  /** What the same work was compared with in the same run, and this figure as a ratio of it. */
  baseline?: string
  ratio?: number
  [detail: string]: string | number | undefined
}

export type Report = (figure: Figure) => void

/** Prints figures as they come: a JSON object a line with `--json`, else a line for people. */
export function createReport(json: boolean): Report {
  return (figure) => {
    const rounded = {
      ...figure,
      value: round(figure.value),
      ...(figure.ratio === undefined ? {} : { ratio: round(figure.ratio) }),
    }
    process.stdout.write(`${json ? JSON.stringify(rounded) : lineOf(rounded)}\n`)
  }
}

function lineOf({
  bench,
  figure,
  value,
  unit,
  engine,
  baseline,
  ratio,
  ...details
}: Figure): string {
  const more = Object.entries(details).map(([name, detail]) => `${name} ${detail}`)
  const beside = baseline === undefined ? [] : [`${ratio} of ${baseline}`]
  return [`${bench} ${figure}: ${value} ${unit}`, ...beside, ...more, engine].join(' · ')
}

const round = (value: number): number =>
  value >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000

/** Value below which the share `q` (0..1) of the samples lies. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

export const readArguments = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      races: { type: 'string' },
      unguarded: { type: 'boolean', default: false },
    },
  })
