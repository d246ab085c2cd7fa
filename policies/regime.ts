import { covers } from '../core/model/purpose.ts'
import { places, regimeTable } from './regimeTable.ts'
import type { Period, RegimeData, RegimeKey } from './regimeTable.ts'

/** The law that a person's data is under. */
export interface Regime extends RegimeData {
  readonly key: RegimeKey
}

const regimes: ReadonlyMap<string, Regime> = new Map(
  Object.entries(places).map(([place, { regime: key, ...own }]): [string, Regime] => [
    place,
    { ...regimeTable[key], ...own, key },
  ]),
)

const strictest: Regime = { ...regimeTable.strictest, key: 'strictest' }

/**
 * The regime of a jurisdiction such as `DE`, `DE-BY` or `US-CA`. One that is not known has the strictest, and so has
 * a person of whom we know none.
 *
 * @example regimeOf('US-CA').key // 'ccpa'
 */
export function regimeOf(jurisdiction: string | null): Regime {
  if (jurisdiction === null) return strictest
  const [country = ''] = jurisdiction.split('-', 1)
  return regimes.get(jurisdiction) ?? regimes.get(country) ?? strictest
}

/** True where the law lets a purpose be pursued on a channel until the person says no. */
export const allowsUntilRefused = (
  { optOut, grantChannels }: Regime,
  purpose: string,
  channel: string,
): boolean => optOut.some((root) => covers(root, purpose)) && !grantChannels.includes(channel)

/**
 * When a period that began at a time has passed. A month ends on the same day of the next, or on its last day.
 *
 * @example deadline(new Date('2026-01-31T09:00:00Z'), { months: 1 }) // 2026-02-28T09:00:00Z
 */
export function deadline(from: Date, period: Period): Date {
  const end = new Date(from)
  if ('days' in period) end.setUTCDate(end.getUTCDate() + period.days)
  else if ('months' in period) addMonths(end, period.months)
  else for (let left = period.businessDays; left > 0; left -= isWeekend(end) ? 0 : 1) addDay(end)
  return end
}

const addDay = (date: Date): unknown => date.setUTCDate(date.getUTCDate() + 1)

const isWeekend = (date: Date): boolean => date.getUTCDay() === 0 || date.getUTCDay() === 6

function addMonths(date: Date, months: number): void {
  const day = date.getUTCDate()
  date.setUTCMonth(date.getUTCMonth() + months)
  // The month is too short: the date ran over into the next.
  if (date.getUTCDate() !== day) date.setUTCDate(0)
}
