import type { Problem } from '../core/model/problem.ts'
import { codeOf, collectProblems, createProblem, hiddenLetter } from './problem.ts'
import type { Report } from './problem.ts'

/** Of a document as JSON text, in bytes. */
export const documentBytesMax = 1_000_000
/** Lists and objects within each other; an $elemMatch in an $elemMatch of a rule needs eleven. */
export const documentDepthMax = 20
const valuesMax = 100_000

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
    const inner = entriesOf(value)
    values += inner?.length ?? 0
    letters += typeof value === 'string' ? value.length : lettersOf(inner)
    if (values > valuesMax || letters > documentBytesMax) {
      return [createProblem('document', 'a document', tooLarge.reason, tooLarge.remedy)]
    }
    if (path.length > documentDepthMax) {
      const reason = `nested deeper than ${documentDepthMax} levels`
      const remedy = 'Write a flatter condition, or several rules.'
      return [createProblem('document', 'a document', reason, remedy)]
    }
    if (report.isFull()) return problems
    if (inner === undefined) checkValue(place, report)
    for (const [key, each] of inner?.toReversed() ?? []) {
      const at = { value: each, path: [...path, key] }
      if (Array.isArray(value) || isUsable(at.path, key, report)) open.push(at)
    }
  }
  return problems
}

export const tooLarge = {
  reason: `larger than ${documentBytesMax / 1_000_000} MB as JSON`,
  remedy: 'Split it, or name values by class or pattern instead of one by one.',
}

const pathOf = (path: readonly string[]): string => path.join('.') || 'document'

const lettersOf = (entries: readonly [string, unknown][] = []): number =>
  entries.reduce((sum, [key]) => sum + key.length + 1, 1)

/** Undefined for what is neither a list nor a plain object. A list that is too long is not looked through. */
function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (Array.isArray(value)) {
    return Array.from(value.slice(0, valuesMax + 1), (item: unknown, at) => [String(at), item])
  }
  if (typeof value !== 'object' || value === null) return undefined
  const prototype: unknown = Reflect.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? Object.entries(value) : undefined
}

function isUsable(path: readonly string[], key: string, report: Report): boolean {
  if (key !== '__proto__') return checkLetters(path, key, report)
  report(pathOf(path), key, 'a key of this name is not allowed', 'Remove or rename it.')
  return false
}

/** Lines may be broken in prose that is shown in a box of its own. */
function checkLetters(path: readonly string[], text: string, report: Report): boolean {
  const visible = path.at(-1) === 'description' ? text.replaceAll(/[\n\r\t]/g, ' ') : text
  const hidden = hiddenLetter.exec(visible)?.[0]
  if (hidden === undefined) return true
  const reason = `it holds a letter that does not show (${codeOf(hidden)})`
  report(pathOf(path), text, reason, 'Type the text anew instead of pasting it.')
  return false
}

function checkValue({ value, path }: Place, report: Report): void {
  if (typeof value === 'string') {
    checkLetters(path, value, report)
    return
  }
  const isJson =
    value === undefined ||
    value === null ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  if (!isJson) report(pathOf(path), typeof value, 'not JSON', 'Give plain JSON values.')
}
