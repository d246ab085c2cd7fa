import type { Condition } from '../core/model/condition.ts'
import type { PolicyRule } from '../core/model/policy.ts'

type Bound = Pick<PolicyRule, 'from' | 'until'>

/** Whether a rule counts at an instant. Of those with bounds, forbids alone count when the time is not known. */
export function isInTime(
  { from, until, effect }: Bound & Pick<PolicyRule, 'effect'>,
  at: Date | undefined,
): boolean {
  if (from === undefined && until === undefined) return true
  if (at === undefined) return effect === 'forbid'
  const now = at.getTime()
  return (
    (from === undefined || Date.parse(from) <= now) &&
    (until === undefined || now < Date.parse(until))
  )
}

/** The instants, in ms, at which rules begin or cease to count; ascending. */
export const boundariesOf = (rules: readonly Bound[]): number[] =>
  [
    ...new Set(
      rules.flatMap(({ from, until }) =>
        [from, until].flatMap((each) => (each === undefined ? [] : [Date.parse(each)])),
      ),
    ),
  ].toSorted((left, right) => left - right)

/** True when the first counts at least whenever the second does. */
export const spans = (wider: Bound, narrower: Bound): boolean =>
  start(wider) <= start(narrower) && end(wider) >= end(narrower)

const start = ({ from }: Bound): number => (from === undefined ? -Infinity : Date.parse(from))
const end = ({ until }: Bound): number => (until === undefined ? Infinity : Date.parse(until))

/** The time as a field that no profile has, so that two policies can be compared over it. */
export function windowCondition({ from, until }: Bound): Condition | undefined {
  const conditions: Condition[] = []
  if (from !== undefined) conditions.push({ op: 'gte', field: '$now', value: sortable(from) })
  if (until !== undefined) conditions.push({ op: 'lt', field: '$now', value: sortable(until) })
  return conditions.length === 0 ? undefined : { op: 'and', conditions }
}

const sortable = (instant: string): string => new Date(instant).toISOString()
