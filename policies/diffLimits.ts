import type { PolicyLimit } from '../core/model/policyLimit.ts'
import { limitParts } from '../core/model/policyLimit.ts'
import { loosened } from './compareLimits.ts'
import { listed } from './describe.ts'
import { describeLimit } from './describeLimit.ts'

/** What happened to which limit, in words; what lets more out says so. */
export function diffLimits(
  before: readonly PolicyLimit[],
  after: readonly PolicyLimit[],
): string[] {
  const was = new Map(before.map((limit) => [limit.id, limit]))
  const is = new Set(after.map(({ id }) => id))
  return [
    ...after.flatMap((limit) => {
      const old = was.get(limit.id)
      if (old === undefined) {
        return [`Added the limit ${limit.id}: ${limit.sentence} ${inFull(limit)}`]
      }
      return changeWords(old, limit, after)
    }),
    ...before.flatMap((limit) =>
      is.has(limit.id)
        ? []
        : [`Removed the limit ${limit.id}: ${limit.sentence}${looserWords(limit, after)}`],
    ),
  ]
}

const compared = ['purposes', 'channels', ...limitParts] as const

function changeWords(old: PolicyLimit, limit: PolicyLimit, after: readonly PolicyLimit[]) {
  const parts = compared.filter((part) => JSON.stringify(old[part]) !== JSON.stringify(limit[part]))
  const isReworded = old.sentence !== limit.sentence
  if (parts.length === 0) {
    return isReworded
      ? [`Reworded the limit ${limit.id}: "${old.sentence}" is now "${limit.sentence}"`]
      : []
  }
  const now = isReworded
    ? `"${old.sentence}" is now "${limit.sentence}"`
    : `${limit.sentence} (The sentence is as before; does it still say what the limit does?)`
  const what = `Changed the limit ${limit.id}, ${listed(parts, 'and')}`
  return [`${what}: ${now} ${inFull(limit)}${looserWords(old, after)}`]
}

const looserWords = (limit: PolicyLimit, after: readonly PolicyLimit[]): string =>
  loosened(limit, after).length > 0 ? ' More may leave than before.' : ''

const inFull = (limit: PolicyLimit): string => `In full: ${describeLimit(limit)}`
