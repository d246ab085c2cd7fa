import type { Problem } from '../core/model/problem.ts'
import { documentBytesMax, documentDepthMax, tooLarge } from './bounds.ts'
import { createProblem } from './problem.ts'

interface TextReading {
  readonly input?: unknown
  readonly problems: readonly Problem[]
}

/**
 * The JSON value in the text of a policy. Refuses more than a parser does: a key that stands twice in one
 * object, of which `JSON.parse` would keep the last without a word, and what is too large or too deep to be
 * looked at. Work is linear in the text, and bounded.
 */
export function readPolicyText(text: string): TextReading {
  if (text.length > documentBytesMax || Buffer.byteLength(text) > documentBytesMax) {
    return refused('document', `${text.length} letters`, tooLarge.reason, tooLarge.remedy)
  }
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text
  const fault = findFault(plain)
  if (fault !== undefined) {
    const { at, reason, remedy, path = `line ${lineOf(plain, at)}` } = fault
    return refused(path, fault.key ?? (plain.slice(at, at + 20) || 'the end'), reason, remedy)
  }
  return { input: JSON.parse(plain), problems: [] }
}

const refused = (path: string, value: string, reason: string, remedy: string): TextReading => ({
  problems: [createProblem(path, value, reason, remedy)],
})

function lineOf(text: string, at: number): string {
  const before = text.slice(0, at)
  const line = before.split('\n').length
  return `${line} column ${at - before.lastIndexOf('\n')}`
}

interface Fault {
  readonly at: number
  readonly reason: string
  readonly remedy: string
  /** Instead of line and column. */
  readonly path?: string
  readonly key?: string
}

/** An object or list that is still open: its keys so far, or its number of items. */
interface Open {
  readonly keys: Set<string> | undefined
  name: string
  items: number
}

/** The first place where the text is not the JSON that we take; reads without recursion. */
function findFault(text: string): Fault | undefined {
  const open: Open[] = []
  let at = skipSpace(text, 0)
  for (;;) {
    const parent = open.at(-1)
    if (parent?.keys) {
      const key = readKey(text, at, open, parent)
      if (typeof key !== 'number') return key
      at = key
    } else if (parent) parent.name = String(parent.items)
    const start = text[at]
    if (start === '{' || start === '[') {
      if (open.length >= documentDepthMax) return tooDeep(at)
      const inside = skipSpace(text, at + 1)
      const closes = text[inside] === (start === '{' ? '}' : ']')
      if (!closes) {
        open.push({ keys: start === '{' ? new Set() : undefined, name: '', items: 0 })
        at = inside
        continue
      }
      at = inside + 1
    } else {
      const end = endOfScalar(text, at)
      if (typeof end !== 'number') return end
      at = end
    }
    const next = closeAll(text, skipSpace(text, at), open)
    if (typeof next !== 'number') return next
    if (open.length === 0) return next === text.length ? undefined : afterEnd(next)
    at = next
  }
}

/** Past the closing brackets and the comma after a value; gives the place where the next item begins. */
function closeAll(text: string, from: number, open: Open[]): number | Fault {
  let at = from
  for (let parent = open.at(-1); parent !== undefined; parent = open.at(-1)) {
    const close = parent.keys ? '}' : ']'
    if (text[at] === ',') {
      parent.items += 1
      const next = skipSpace(text, at + 1)
      if (text[next] !== close) return next
      return { at, reason: 'a comma stands before a closing bracket', remedy: 'Remove the comma.' }
    }
    if (text[at] !== close) {
      const remedy = `Write a comma before the next entry, or ${close} where they end.`
      return { at, reason: `a comma or ${close} is missing here`, remedy }
    }
    open.pop()
    at = skipSpace(text, at + 1)
  }
  return at
}

/** Past a key and its colon. */
function readKey(text: string, at: number, open: readonly Open[], parent: Open): number | Fault {
  if (text[at] !== '"') {
    return { at, reason: 'a key in double quotes is missing here', remedy: 'Write "key": value.' }
  }
  const end = endOfText(text, at)
  if (typeof end !== 'number') return end
  const key: unknown = JSON.parse(text.slice(at, end))
  parent.name = String(key)
  if (parent.keys?.has(parent.name)) {
    const path = open.map(({ name }) => name).join('.')
    const reason = `the key stands twice in one object (line ${lineOf(text, at)})`
    return { at, path, key: parent.name, reason, remedy: 'Keep one of them.' }
  }
  parent.keys?.add(parent.name)
  const colon = skipSpace(text, end)
  if (text[colon] === ':') return skipSpace(text, colon + 1)
  return { at: colon, reason: 'a colon is missing after the key', remedy: 'Write "key": value.' }
}

function endOfScalar(text: string, at: number): number | Fault {
  if (text[at] === '"') return endOfText(text, at)
  scalar.lastIndex = at
  if (scalar.test(text)) return scalar.lastIndex
  if (at >= text.length) {
    return { at, reason: 'the text ends before the document does', remedy: 'Close what is open.' }
  }
  const remedy = 'Write a text in double quotes, a number, true, false, null, a list or an object.'
  return { at, reason: 'no JSON value begins here', remedy }
}

const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y

/** Past the closing quote of a text. */
function endOfText(text: string, start: number): number | Fault {
  for (let at = start + 1; at < text.length; at++) {
    const letter = text[at] ?? ''
    if (letter === '"') return at + 1
    if (letter < ' ') {
      return {
        at,
        reason: 'a text is broken by a line end or a control character',
        remedy: 'Close the text with a double quote, or write \\n.',
      }
    }
    if (letter !== '\\') continue
    escape.lastIndex = at
    if (!escape.test(text)) {
      return { at, reason: 'no such escape', remedy: 'Write a backslash as two of them.' }
    }
    at = escape.lastIndex - 1
  }
  return { at: start, reason: 'a text is never closed', remedy: 'Close it with a double quote.' }
}

const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

function skipSpace(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1
  return at
}

const tooDeep = (at: number): Fault => ({
  at,
  reason: `nested deeper than ${documentDepthMax} levels`,
  remedy: 'Write a flatter condition, or several rules.',
})

const afterEnd = (at: number): Fault => ({
  at,
  reason: 'something follows after the end of the document',
  remedy: 'Remove it, or put it inside.',
})
