import { deadline, regimeOf } from '../../policies/regime.ts'
import { regimeTable, type Clocks, type RegimeKey } from '../../policies/regimeTable.ts'

/** The law that a controller names over OpenDSR, or that the person's place has. */
export interface Law {
  regulation: string
  clocks: Clocks
}

export const lawOf = (jurisdiction: string | null): Law => {
  const { key, clocks } = regimeOf(jurisdiction)
  return { regulation: key, clocks }
}

export const lawNamed = (regulation: RegimeKey): Law => ({
  regulation,
  clocks: regimeTable[regulation].clocks,
})

/** The law under which a request was taken in. A place may have other clocks than most places of its law. */
export function lawAgain(request: { regulation: string; jurisdiction: string | null }): Law {
  const here = lawOf(request.jurisdiction)
  if (here.regulation === request.regulation) return here
  return isKey(request.regulation) ? lawNamed(request.regulation) : here
}

const isKey = (text: string): text is RegimeKey => Object.hasOwn(regimeTable, text)

type Period = Clocks['request']

export interface Due {
  dueAt: Date
  acknowledgeBy: Date | null
}

/** Clocks run from when the person asked, not from when we noticed. */
export const dueOf = ({ clocks }: Law, receivedAt: Date): Due => ({
  dueAt: deadline(receivedAt, clocks.request),
  acknowledgeBy: clocks.acknowledge && deadline(receivedAt, clocks.acknowledge),
})

/**
 * When an extended request is due; null where the law knows no extension. Months are counted from the request: a
 * month and two more from 31 January end on 30 April, not two months after 28 February.
 */
export function extendedDue(
  { clocks: { request, extension } }: Law,
  receivedAt: Date,
): Date | null {
  if (extension === null) return null
  const whole = sumOf(request, extension)
  return whole ? deadline(receivedAt, whole) : deadline(deadline(receivedAt, request), extension)
}

function sumOf(one: Period, other: Period): Period | undefined {
  if ('months' in one && 'months' in other) return { months: one.months + other.months }
  if ('days' in one && 'days' in other) return { days: one.days + other.days }
  return undefined
}
