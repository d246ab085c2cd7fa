import type { Problem } from '../core/model/problem.ts'
import { codeOf, collectProblems, hiddenLetter } from './problem.ts'
import type { Report } from './problem.ts'

/** Of a document as JSON text, in bytes. */
export const documentBytesMax = 1_000_000
/** Lists and objects within each other; an $elemMatch in an $elemMatch of a rule needs eleven. */
export const documentDepthMax = 20
const valuesMax = 200_000
const problemsMax = 50

interface Place {
  readonly value: unknown
  readonly path: readonly string[]
}

/**
 * What keeps a document from being looked at any closer: its size, its depth, keys that JavaScript takes for
 * something else, letters that do not show. Walks without recursion and stops at the first excess, so that the
 * work is bounded whatever comes in. With no problem, everything in it is plain JSON (or undefined).
 */
export function checkBounds(input: unknown): Problem[] {
  const { problems, report } = collectProblems()
  const open: Place[] = [{ value: input, path: [] }]
  let letters = 0
  let values = 0
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value, path } = place
    values += 1
    letters += typeof value === 'string' ? value.length : 1
    if (letters > documentBytesMax || values > valuesMax) {
      report('document', 'a document', tooLarge.reason, tooLarge.remedy)
      return problems
    }
    if (path.length > documentDepthMax) {
      const reason = `nested deeper than ${documentDepthMax} levels`
      report('document', 'a document', reason, 'Write a flatter condition, or several rules.')
      return problems
    }
    if (problems.length >= problemsMax) return problems
    if (typeof value === 'string') checkLetters(place, value, report)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of entriesOf(place, report).toReversed()) {
        letters += key.length
        open.push({ value: inner, path: [...path, key] })
      }
    } else checkScalar(place, report)
  }
  return problems
}

export const tooLarge = {
  reason: `larger than ${documentBytesMax / 1_000_000} MB as JSON`,
  remedy: 'Split it, or name values by class or pattern instead of one by one.',
}

const pathOf = (path: readonly string[]): string => path.join('.') || 'document'

function entriesOf({ value, path }: Place, report: Report): [string, unknown][] {
  if (Array.isArray(value)) return Array.from(value, (item, at) => [String(at), item])
  const prototype: unknown = Reflect.getPrototypeOf(Object(value))
  if (prototype !== Object.prototype && prototype !== null) {
    report(pathOf(path), typeof value, 'not JSON', 'Give plain JSON values.')
    return []
  }
  return Object.entries(Object(value)).filter(([key]) => {
    const at = [...path, key]
    if (key === '__proto__') {
      report(pathOf(at), key, 'a key of this name is not allowed', 'Remove or rename it.')
      return false
    }
    return checkLetters({ value, path: at }, key, report)
  })
}

/** Lines may be broken in prose that is shown in a box of its own. */
function checkLetters({ path }: Place, text: string, report: Report): boolean {
  const visible = path.at(-1) === 'description' ? text.replaceAll(/[\n\r\t]/g, ' ') : text
  const hidden = hiddenLetter.exec(visible)?.[0]
  if (hidden === undefined) return true
  const reason = `it holds a letter that does not show (${codeOf(hidden)})`
  report(pathOf(path), text, reason, 'Type the text anew instead of pasting it.')
  return false
}

function checkScalar({ value, path }: Place, report: Report): void {
  const isJson =
    value === undefined ||
    value === null ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  if (!isJson) report(pathOf(path), typeof value, 'not JSON', 'Give plain JSON values.')
}
