import type { PolicyLimit } from '../core/model/policyLimit.ts'
import { limitParts } from '../core/model/policyLimit.ts'
import { covers } from '../core/model/purpose.ts'
import type { Policy } from './document.ts'
import { globMatches } from './vocabulary.ts'

type Part = (typeof limitParts)[number]

/**
 * Whether something may leave that an older policy's limits would have kept back: one of these is gone, binds fewer
 * purposes or channels, or is looser. What cannot be shown to be as strict counts as looser, such as one cap in
 * place of another over other hours.
 */
export const loosensLimits = (before: Policy | null, after: Policy): boolean =>
  (before?.document.limits ?? []).some(
    (limit) => loosened(limit, after.document.limits ?? []).length > 0,
  )

/** The parts of a limit that no limit of the other policy keeps as strictly. */
export const loosened = (limit: PolicyLimit, others: readonly PolicyLimit[]): Part[] =>
  limitParts.filter(
    (part) =>
      limit[part] !== undefined &&
      !others.some((other) => reaches(other, limit) && isAsStrict[part](other, limit)),
  )

/** The other binds whatever this one does. */
const reaches = (other: PolicyLimit, { purposes, channels }: PolicyLimit): boolean =>
  purposes.every((purpose) =>
    other.purposes.some((each) => each === '*' || (purpose !== '*' && covers(each, purpose))),
  ) && channels.every((channel) => other.channels.includes('*') || other.channels.includes(channel))

const isAsStrict: Readonly<Record<Part, (one: PolicyLimit, than: PolicyLimit) => boolean>> = {
  cap: ({ cap: one }, { cap: than }) =>
    one !== undefined && than !== undefined && one.max <= than.max && one.hours >= than.hours,
  quietHours: ({ quietHours: one }, { quietHours: than }) =>
    one !== undefined &&
    than !== undefined &&
    one.timezone === than.timezone &&
    one.timezoneTrait === than.timezoneTrait &&
    spans(one, than),
  maxAgeDays: ({ maxAgeDays: one = Infinity }, { maxAgeDays: than = 0 }) => one <= than,
  hash: ({ hash: one = [] }, { hash: than = [] }) =>
    than.every((pattern) => one.some((each) => each === pattern || isWider(each, pattern))),
  riskAbove: ({ riskAbove: one = Infinity }, { riskAbove: than = 0 }) => one <= than,
}

/** Of patterns of one kind; a class and a name are never compared. */
const isWider = (pattern: string, other: string): boolean =>
  !pattern.startsWith('class:') && !other.startsWith('class:') && globMatches(pattern, other)

interface Hours {
  from: string
  to: string
}

/** The hours of the one hold whenever those of the other do. */
function spans(one: Hours, than: Hours): boolean {
  const start = minutes(one.from)
  const length = hoursFrom(start, minutes(one.to))
  const begins = hoursFrom(start, minutes(than.from), 0)
  return begins + hoursFrom(minutes(than.from), minutes(than.to)) <= length
}

const day = 24 * 60

/** Minutes from one time of day to the next time that it is the other. */
const hoursFrom = (from: number, to: number, same = day): number =>
  from === to ? same : (to - from + day) % day

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
