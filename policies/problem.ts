import { SlateboardError } from '../core/errors.ts'
import type { Problem } from '../core/model/problem.ts'

/** Takes down what is wrong, so that an author sees all of it at once; gives undefined, to be returned. */
export interface Report {
  (path: string, value: unknown, reason: string, remedy: string): undefined
  /** True once more would not be taken down: further looking, which may be costly, is of no use. */
  isFull(): boolean
}

const shownMax = 80
const toldMax = 10
const problemsMax = 100

/** Bounds work that an author can make large, in letters looked at: 5 million take a third of a second. */
export interface Budget {
  letters: number
}
export const createBudget = (): Budget => ({ letters: 5_000_000 })

export const createProblem = (
  path: string,
  value: unknown,
  reason: string,
  remedy: string,
): Problem => ({ path: shownText(path), value: shown(value), reason, remedy, severity: 'error' })

/** A report, and the list that it fills. */
export function collectProblems(): { problems: Problem[]; report: Report } {
  const problems: Problem[] = []
  const isFull = () => problems.length >= problemsMax
  const report = Object.assign(
    (...[path, value, reason, remedy]: Parameters<Report>): undefined => {
      if (!isFull()) problems.push(createProblem(path, value, reason, remedy))
    },
    { isFull },
  )
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
  let line = ''
  for (const letter of text) {
    const next = hiddenLetter.test(letter) ? escaped(letter) : letter
    if (line.length + next.length >= shownMax) return `${line}…`
    line += next
  }
  return line
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
