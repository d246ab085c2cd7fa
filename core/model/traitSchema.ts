/**
 * The JSON Schema that a trait's values are checked against: the keywords below and no other. Schemas come
 * from officers and from plugins, so checking a value costs time in proportion to the value, whatever the
 * schema says: no pattern, no $ref, nothing that is fetched, nothing that nests deeper than a few levels.
 */
import { z } from 'zod'
import type { Json } from './json.ts'

/** Of the schema as JSON: levels, values in all, characters of all texts. */
export const traitSchemaLimits = { depth: 16, values: 2000, textLength: 16_384 } as const

export const valueTypes = [
  'string',
  'number',
  'integer',
  'boolean',
  'object',
  'array',
  'null',
] as const
export type ValueTypeName = (typeof valueTypes)[number]

export const formats = ['date', 'date-time', 'email', 'uri', 'uuid'] as const
export type Format = (typeof formats)[number]

export interface TraitSchema {
  title?: string | undefined
  description?: string | undefined
  type?: ValueTypeName | ValueTypeName[] | undefined
  enum?: Json[] | undefined
  const?: Json | undefined
  minimum?: number | undefined
  maximum?: number | undefined
  exclusiveMinimum?: number | undefined
  exclusiveMaximum?: number | undefined
  multipleOf?: number | undefined
  minLength?: number | undefined
  maxLength?: number | undefined
  format?: Format | undefined
  items?: TraitSchema | undefined
  minItems?: number | undefined
  maxItems?: number | undefined
  uniqueItems?: boolean | undefined
  properties?: Record<string, TraitSchema> | undefined
  required?: string[] | undefined
  additionalProperties?: boolean | TraitSchema | undefined
}

const countSchema = z.int().min(0)
const typeSchema = z.enum(valueTypes)

const nodeSchema: z.ZodType<TraitSchema> = z.lazy(() =>
  z
    .strictObject({
      title: z.string().optional(),
      description: z.string().optional(),
      type: z.union([typeSchema, z.array(typeSchema).min(1)]).optional(),
      enum: z.array(z.json()).min(1).max(200).optional(),
      const: z.json().optional(),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      exclusiveMinimum: z.number().optional(),
      exclusiveMaximum: z.number().optional(),
      // A smaller step is below what a division of doubles can tell.
      multipleOf: z.number().min(1e-6).optional(),
      minLength: countSchema.optional(),
      maxLength: countSchema.optional(),
      format: z.enum(formats).optional(),
      items: nodeSchema.optional(),
      minItems: countSchema.optional(),
      maxItems: countSchema.optional(),
      uniqueItems: z.boolean().optional(),
      properties: z.record(z.string(), nodeSchema).optional(),
      required: z.array(z.string()).max(100).optional(),
      additionalProperties: z.union([z.boolean(), nodeSchema]).optional(),
    })
    .superRefine(refuseEmptyRanges),
)

const ranges = [
  ['minimum', 'maximum'],
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
] as const

function refuseEmptyRanges(schema: TraitSchema, context: z.RefinementCtx): void {
  for (const [low, high] of ranges) {
    const [least, most] = [schema[low], schema[high]]
    if (least === undefined || most === undefined || least <= most) continue
    context.addIssue({ code: 'custom', path: [low], message: `it is above ${high}` })
  }
}

/** What is wrong with a schema: where, and why. */
export interface SchemaProblem {
  /** Dotted path from the schema, '' for the schema itself. */
  path: string
  reason: string
  /** The keyword that trait schemas do not have, when that is what is wrong. */
  keyword?: string
}

/** Reads a schema from outside. It is measured before anything walks it by recursion. */
export function readTraitSchema(
  input: unknown,
): { schema: TraitSchema } | { problem: SchemaProblem } {
  const excess = measure(input)
  if (excess) return { problem: excess }
  const parsed = nodeSchema.safeParse(input)
  if (parsed.success) return { schema: parsed.data }
  const issue = deepest(parsed.error.issues[0])
  const path = issue.path.join('.')
  if (issue.keyword === undefined) return { problem: { path, reason: issue.message } }
  const reason = `${issue.keyword} is not a keyword that trait schemas have`
  return { problem: { path, reason, keyword: issue.keyword } }
}

interface Found {
  path: string[]
  message: string
  keyword?: string
}

/** A union tells of each of its branches; the one that got furthest is the one that was meant. */
function deepest(issue: z.core.$ZodIssue | undefined): Found {
  if (!issue) return { path: [], message: 'it is no trait schema' }
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const [keyword = ''] = issue.keys
    return { path, message: issue.message, keyword: keyword.slice(0, 60) }
  }
  if (issue.code !== 'invalid_union') return { path, message: issue.message }
  const branches = issue.errors.flatMap((errors) => (errors[0] ? [deepest(errors[0])] : []))
  const furthest = branches.reduce<Found | undefined>(
    (best, each) =>
      each.keyword !== undefined || each.path.length > (best?.path.length ?? 0) ? each : best,
    undefined,
  )
  return furthest
    ? { ...furthest, path: [...path, ...furthest.path] }
    : { path, message: issue.message }
}

/** Keeps a list of what is still to look at rather than recursing: a hostile schema is deeper than the stack. */
function measure(input: unknown): SchemaProblem | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { path: '', reason: 'it is no JSON object' }
  }
  const left: { value: object; depth: number }[] = [{ value: input, depth: 1 }]
  let [values, text] = [1, 0]
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, depth } = next
    const entries = Object.entries(value)
    values += entries.length
    if (depth > traitSchemaLimits.depth) return tooMuch('levels deep', traitSchemaLimits.depth)
    if (values > traitSchemaLimits.values) return tooMuch('values', traitSchemaLimits.values)
    for (const [key, inner] of entries) {
      if (key === '__proto__') return { path: '', reason: 'it has a key __proto__', keyword: key }
      text += Array.isArray(value) ? 0 : key.length
      if (typeof inner === 'string') text += inner.length
      else if (typeof inner === 'object' && inner !== null) {
        left.push({ value: inner, depth: depth + 1 })
      }
    }
    if (text > traitSchemaLimits.textLength) {
      return tooMuch('characters', traitSchemaLimits.textLength)
    }
  }
  return undefined
}

const tooMuch = (of: string, limit: number): SchemaProblem => ({
  path: '',
  reason: `a trait schema may be at most ${limit} ${of}`,
})
