import { z } from 'zod'
import { nearest } from '../core/model/nearest.ts'
import { policyDocumentSchema, policyRuleSchema } from '../core/model/policy.ts'
import { policyLimitSchema } from '../core/model/policyLimit.ts'
import type { PolicyRule } from '../core/model/policy.ts'
import { looksLike } from './lookalike.ts'
import type { Report } from './problem.ts'

export type DocumentShape = z.infer<typeof policyDocumentSchema>

/** The document when every key is known and every value of the right shape; else reports all that is not. */
export function readShape(input: unknown, report: Report): DocumentShape | undefined {
  const parsed = policyDocumentSchema.safeParse(input)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) {
    if (report.isFull()) break
    reportIssue(issue, input, report)
  }
  return undefined
}

/** The rules of a document that is not in shape as a whole: undefined for each that is not either. */
export function rulesInShape(input: unknown): (PolicyRule | undefined)[] {
  const rules = inner(input, 'rules')
  return Array.isArray(rules) ? rules.map((rule) => policyRuleSchema.safeParse(rule).data) : []
}

function reportIssue(issue: z.core.$ZodIssue, input: unknown, report: Report): void {
  const path = issue.path.map(String)
  const place = path.join('.') || 'document'
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      if (report.isFull()) return
      report(`${place}.${key}`, key, 'no such key', keyRemedy(key, keysAt(path)))
    }
    return
  }
  const value = path.reduce<unknown>(inner, input)
  if (value === undefined) report(place, value, 'it is missing', missingRemedy(path))
  else if (path.at(-1) === 'subject' && value === 'all') {
    report(place, value, 'a rule is about one kind of thing', oneOf(issue) ?? 'Name one.')
  } else report(place, value, reasonOf(issue), remedyOf(issue, value))
}

const inner = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined

/** What other systems, or other words, call our keys. */
const otherWords: Readonly<Record<string, string>> = {
  condition: 'when',
  conditions: 'when',
  inverted: 'effect',
  validFrom: 'from',
  validTo: 'until',
  validUntil: 'until',
  expires: 'until',
  name: 'id',
}

const keysAt = (path: readonly string[]): string[] => {
  if (path.length === 0) return Object.keys(policyDocumentSchema.shape)
  return path.length === 2 ? Object.keys(shapeOf(path)) : []
}

function keyRemedy(key: string, known: readonly string[]): string {
  const plain = looksLike(key)?.plain ?? key
  const other = Object.hasOwn(otherWords, key) ? otherWords[key] : undefined
  const meant = [other, nearest(plain, known)].find((word) => word && known.includes(word))
  const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`
  const all = known.length === 0 ? '' : ` Known keys are ${known.join(', ')}.`
  return `Correct its spelling or remove it${hint || '.'}${hint ? '' : all}`
}

/** The keys that belong where a path leads, or to what it leads through. */
function shapeOf(path: readonly string[]): Readonly<Record<string, z.ZodType>> {
  if (path.length === 1) return policyDocumentSchema.shape
  if (path[0] === 'rules') return policyRuleSchema.shape
  if (path[0] !== 'limits') return {}
  const quiet = policyLimitSchema.shape.quietHours.unwrap().shape
  const cap = policyLimitSchema.shape.cap.unwrap().shape
  if (path[2] === 'quietHours' && path.length > 3) return quiet
  return path[2] === 'cap' && path.length > 3 ? cap : policyLimitSchema.shape
}

function missingRemedy(path: readonly string[]): string {
  const key = path.at(-1) ?? ''
  const shape = shapeOf(path)
  const schema = Object.hasOwn(shape, key) ? shape[key] : undefined
  const meaning = schema?.description === undefined ? '' : ` (${lowered(schema.description)})`
  const values = schema instanceof z.ZodEnum ? `: one of ${schema.options.join(', ')}` : ''
  return `Add \`${key}\`${meaning}${values}.`
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return 'not one of the known values'
  if (issue.code === 'invalid_type') return `not ${named(issue.expected)}`
  if (issue.code === 'too_small') return `too short: at least ${issue.minimum}`
  if (issue.code === 'too_big') return `too long: at most ${issue.maximum}`
  return issue.message
}

const named = (type: string): string => {
  if (type === 'string') return 'a text'
  if (type === 'record' || type === 'object') return 'an object in { }'
  return type === 'array' ? 'a list in [ ]' : `a ${type}`
}

function oneOf(issue: z.core.$ZodIssue): string | undefined {
  return issue.code === 'invalid_value' ? `Use one of ${issue.values.join(', ')}.` : undefined
}

function remedyOf(issue: z.core.$ZodIssue, value: unknown): string {
  const known = issue.code === 'invalid_value' ? issue.values.map(String) : []
  const found = typeof value === 'string' ? looksLike(value) : undefined
  if (found !== undefined) {
    const meant = known.find((word) => word.toLowerCase() === found.plain.toLowerCase())
    const word = meant ?? found.plain.slice(0, 60)
    return `It holds look-alike letters (the first is ${found.letter}): type \`${word}\` anew in plain letters.`
  }
  if (known.length > 0) {
    const meant = typeof value === 'string' ? nearest(value, known) : undefined
    return meant === undefined
      ? `Use one of ${known.join(', ')}.`
      : `Did you mean ${meant}? Known are ${known.join(', ')}.`
  }
  return issue.code === 'invalid_type'
    ? `Write ${named(issue.expected)}.`
    : 'Correct the value; policies/default holds documents to copy from.'
}
