/**
 * The schema of a plugin's config: an object whose properties are checked like traits and may have a default.
 * What a schema does not name is refused when it is set, so that a typing error does not pass for a setting.
 */
import { z } from 'zod'
import { isObject, jsonObjectSchema, type Json, type JsonObject } from './json.ts'
import { compileTraitSchema, type TraitCheck } from './traitCheck.ts'
import { readTraitSchema } from './traitSchema.ts'

const secretSchema = z.strictObject({
  name: z
    .string()
    .max(60)
    .regex(/^[A-Z][A-Z0-9_]*$/, 'use a name such as API_KEY'),
  description: z.string().min(1, 'say what it is for').max(500),
  /** Without it the plugin's agents do not run. */
  required: z.boolean().default(false),
})

export const pluginConfigSchema = z.strictObject({
  /** JSON Schema of the values: an object with properties, their defaults, and what is required. */
  schema: jsonObjectSchema.optional(),
  /** Write-only values, which nobody is shown and no plugin is handed. */
  secrets: z.array(secretSchema).max(50).default([]),
})

export type PluginConfig = z.infer<typeof pluginConfigSchema>

const objectSchema = z.strictObject({
  type: z.literal('object').optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  properties: z
    .record(z.string().min(1).max(60), jsonObjectSchema)
    .refine((properties) => Object.keys(properties).length <= 100, 'name at most 100 properties')
    .optional(),
  required: z.array(z.string()).max(100).optional(),
  additionalProperties: z.literal(false).optional(),
})

interface Property {
  check: TraitCheck
  /** `string` lets a command line take a number for text. */
  isText: boolean
  standard: Json | undefined
}

export interface ConfigShape {
  properties: ReadonlyMap<string, Property>
  required: readonly string[]
}

export interface ConfigProblem {
  /** The key that is meant; '' for the config itself. */
  path: string
  reason: string
}

export const noConfig: ConfigShape = { properties: new Map(), required: [] }

/** Reads the schema that a manifest gives for its config. */
export function readConfigShape(
  input: JsonObject | undefined,
): { shape: ConfigShape } | { problem: ConfigProblem } {
  if (input === undefined) return { shape: noConfig }
  const read = objectSchema.safeParse(input)
  if (!read.success) {
    const [issue] = read.error.issues
    return {
      problem: { path: issue?.path.join('.') ?? '', reason: issue?.message ?? 'it is no schema' },
    }
  }
  const properties = new Map<string, Property>()
  for (const [key, given] of Object.entries(read.data.properties ?? {})) {
    const { default: standard, ...schema } = given
    const inner = readTraitSchema(schema)
    const path = `properties.${key}`
    if ('problem' in inner) {
      const { path: place, reason } = inner.problem
      return { problem: { path: place === '' ? path : `${path}.${place}`, reason } }
    }
    const check = compileTraitSchema(inner.schema)
    const refused = standard === undefined ? undefined : check(standard)
    if (refused !== undefined) {
      return {
        problem: { path: `${path}.default`, reason: `its own schema refuses it at ${refused}` },
      }
    }
    properties.set(key, { check, standard, isText: inner.schema.type === 'string' })
  }
  const required = read.data.required ?? []
  const unknown = required.find((key) => !properties.has(key))
  if (unknown !== undefined) {
    return { problem: { path: 'required', reason: `it names ${unknown}, which is no property` } }
  }
  return { shape: { properties, required } }
}

/** What agents are handed: what was set, as far as the schema knows it, and defaults for the rest. */
export function completeConfig({ properties }: ConfigShape, values: JsonObject): JsonObject {
  const entries = [...properties].flatMap(([key, { standard }]) => {
    const value = Object.hasOwn(values, key) ? values[key] : standard
    return value === undefined ? [] : [[key, value] as const]
  })
  return Object.fromEntries(entries)
}

/** The first thing that is wrong with values. What is set and no longer known is no fault of theirs. */
export function configProblem(shape: ConfigShape, values: JsonObject): ConfigProblem | undefined {
  for (const [key, { check }] of shape.properties) {
    const value = Object.hasOwn(values, key) ? values[key] : undefined
    const refused = value === undefined ? undefined : check(value)
    if (refused !== undefined) return { path: key, reason: `the schema refuses it at ${refused}` }
  }
  const whole = completeConfig(shape, values)
  const missing = shape.required.find((key) => !Object.hasOwn(whole, key))
  return missing === undefined
    ? undefined
    : { path: missing, reason: 'it is required and has neither a value nor a default' }
}

/** Why a plugin cannot run yet, or undefined. */
export function configGap(
  { schema, secrets }: PluginConfig,
  values: JsonObject,
  secretsSet: readonly string[],
): ConfigProblem | undefined {
  const read = readConfigShape(schema)
  if ('problem' in read) return read.problem
  const problem = configProblem(read.shape, values)
  if (problem) return problem
  const missing = secrets.find(({ name, required }) => required && !secretsSet.includes(name))
  return missing && { path: missing.name, reason: 'the secret is required and not set' }
}

export const asValues = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

/** A schema that was installed was read before, so it has no problem any more. */
export function shapeOf(declared: PluginConfig | undefined): ConfigShape {
  const read = readConfigShape(declared?.schema)
  return 'shape' in read ? read.shape : noConfig
}
