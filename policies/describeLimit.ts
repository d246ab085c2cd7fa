import type { PolicyLimit } from '../core/model/policyLimit.ts'
import { capital, classesInWords, listed } from './describe.ts'

/**
 * What a limit says to the machine, as an English sentence, to be compared with what its author says it means.
 *
 * @example describeLimit(limit) // "For marketing by email, at most 5 go to a person in 168 hours."
 */
export function describeLimit(limit: PolicyLimit): string {
  const { purposes, channels } = limit
  const why = purposes.includes('*') ? 'Whatever the purpose' : `For ${listed(purposes, 'and')}`
  const how = channels.includes('*') ? 'by any channel' : `by ${listed(channels, 'or')}`
  return `${capital(why)} ${how}, ${listed(partsOf(limit), 'and')}.`
}

const partsOf = ({ cap, quietHours, maxAgeDays, hash, riskAbove }: PolicyLimit): string[] => [
  ...(cap === undefined ? [] : [`at most ${cap.max} go to a person in ${cap.hours} hours`]),
  ...(quietHours === undefined
    ? []
    : [`nothing leaves from ${quietHours.from} to ${quietHours.to} ${placeOf(quietHours)}`]),
  ...(maxAgeDays === undefined ? [] : [`values older than ${maxAgeDays} days are left out`]),
  ...(hash === undefined ? [] : [`${listed(hash.map(fieldInWords), 'and')} leave as hashes only`]),
  ...(riskAbove === undefined
    ? []
    : [`what has a risk above ${riskAbove} waits for the approval of a person`]),
]

const placeOf = ({ timezone, timezoneTrait }: NonNullable<PolicyLimit['quietHours']>): string =>
  timezoneTrait === undefined
    ? `in ${timezone}`
    : `in the time zone that the trait ${timezoneTrait} names, or else in ${timezone}`

function fieldInWords(pattern: string): string {
  const [kind, key = ''] = pattern.split(':')
  if (kind === 'class') return classesInWords[key] ?? pattern
  return kind === 'trait' ? `the trait ${key}` : `the identifier ${key}`
}
