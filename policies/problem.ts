import { SlateboardError } from '../core/errors.ts'
import type { Problem } from '../core/model/problem.ts'

/** Takes down what is wrong, so that an author sees all of it at once; gives undefined, to be returned. */
export type Report = (path: string, value: unknown, reason: string, remedy: string) => undefined

const shownMax = 80
const toldMax = 10

export const createProblem = (
  path: string,
  value: unknown,
  reason: string,
  remedy: string,
): Problem => ({ path: shownText(path), value: shown(value), reason, remedy, severity: 'error' })

/** A report, and the list that it fills. */
export function collectProblems(): { problems: Problem[]; report: Report } {
  const problems: Problem[] = []
  const report: Report = (...what) => {
    problems.push(createProblem(...what))
    return undefined
  }
  return { problems, report }
}

/** A `policy_invalid` that is about the first problem, mentions up to nine more and carries all of them. */
export function invalidPolicy(problems: readonly Problem[]): SlateboardError {
  const [first, ...others] = problems
  const { path, value, reason, remedy } = first ?? createProblem('document', null, 'unusable', '')
  const told = others.slice(0, toldMax - 1).map((each) => `${each.path}: ${each.reason}`)
  const rest = others.length - told.length
  const more =
    others.length === 0
      ? ''
      : ` There is more to mend: ${told.join('; ')}${rest > 0 ? `; and ${rest} others` : ''}.`
  return new SlateboardError('policy_invalid', { path, value, reason, remedy, more }, { problems })
}

/** A value as JSON in one line that fits a terminal and can play no tricks on it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return shownText(JSON.stringify(value.slice(0, shownMax * 2)))
  return shownText(JSON.stringify(value) ?? 'missing')
}

export function shownText(text: string): string {
  const letters = Array.from(text.slice(0, shownMax * 2), (letter) =>
    hiddenLetter.test(letter) ? escaped(letter) : letter,
  )
  const cut = letters.length > shownMax || text.length > shownMax * 2
  return cut ? `${letters.slice(0, shownMax - 1).join('')}…` : letters.join('')
}

/**
 * What does not show or changes how its neighbours show: control characters, marks of direction, halves of
 * surrogate pairs. The two joiners are part of some scripts' spelling and of emoji.
 */
export const hiddenLetter: RegExp =
  /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|[\ufffe\uffff]/u

const escaped = (letter: string): string =>
  `\\u{${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`

/** `U+202E`, as tables of characters name it. */
export const codeOf = (letter: string): string =>
  `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
