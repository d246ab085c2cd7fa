import { z } from 'zod'
import { policyDocumentSchema } from '../core/model/policy.ts'
import { askerFields } from './placeholder.ts'
import { profileAttributes } from './vocabulary.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/**
 * policy.schema.json: what editors check a policy document against while it is written. It takes everything
 * that `checkPolicy` takes; what a schema cannot see, such as rules that do nothing, only that one refuses. A
 * test keeps the file current.
 */
export function policySchema(): JsonSchema {
  const { $schema, $defs, ...schema } = z.toJSONSchema(policyDocumentSchema, { io: 'input' })
  return {
    ...($schema === undefined ? {} : { $schema }),
    $id: 'https://slateboard.dev/schema/policy-1.json',
    title: 'Slateboard policy',
    ...withCondition(schema, ['properties', 'rules', 'items', 'properties', 'when']),
    $defs: { ...$defs, ...conditionSchemas },
  }
}

/** `when` is any object to the reader of shapes; here stands what the reader of conditions takes. */
function withCondition(node: object, [key = '', ...rest]: readonly string[]): object {
  const inner: unknown = Object.hasOwn(node, key) ? Reflect.get(node, key) : undefined
  if (typeof inner !== 'object' || inner === null) return node
  if (rest.length > 0) return { ...node, [key]: withCondition(inner, rest) }
  const description: unknown = Reflect.get(inner, 'description')
  return { ...node, [key]: whenSchema(String(description)) }
}

const whenSchema = (description: string): JsonSchema => ({
  description,
  type: 'object',
  minProperties: 1,
  patternProperties: { [attributePattern()]: { $ref: '#/$defs/test' } },
  additionalProperties: false,
})

function attributePattern(): string {
  const plain = Object.keys(profileAttributes).filter((name) => name !== 'traits')
  return `^(traits(\\.[^.]+)+|${plain.join('|')})$`
}

const scalar = { $ref: '#/$defs/value' }
const ordered = {
  type: ['string', 'number'],
  description: 'Compares values of the same type only; times as 2026-01-31T00:00:00Z',
} satisfies JsonSchema
const values = { type: 'array', items: scalar, minItems: 1, maxItems: 100 } satisfies JsonSchema

const conditionSchemas: Record<string, JsonSchema> = {
  value: {
    description: 'One value, or who asks: {"$principal": "id"}',
    anyOf: [
      { type: ['string', 'number', 'boolean', 'null'] },
      {
        type: 'object',
        properties: { $principal: { enum: [...askerFields] } },
        required: ['$principal'],
        additionalProperties: false,
      },
    ],
  },
  test: {
    description: 'A value to be equal to, or operators that must all hold',
    anyOf: [scalar, { $ref: '#/$defs/operators' }],
  },
  operators: {
    type: 'object',
    minProperties: 1,
    properties: {
      $eq: scalar,
      $ne: { ...scalar, description: 'In a permit, "$exists": true must stand beside it' },
      $lt: ordered,
      $lte: ordered,
      $gt: ordered,
      $gte: ordered,
      $in: values,
      $nin: { ...values, description: 'In a permit, "$exists": true must stand beside it' },
      $all: { ...values, description: 'A list that contains each of these' },
      $size: { type: 'integer', minimum: 0, description: 'A list of so many entries' },
      $exists: { type: 'boolean' },
      $elemMatch: {
        description: 'A list with an entry that meets all of this',
        anyOf: [
          { $ref: '#/$defs/operators' },
          {
            type: 'object',
            minProperties: 1,
            propertyNames: { pattern: '^[^$]' },
            additionalProperties: { $ref: '#/$defs/test' },
          },
        ],
      },
    },
    additionalProperties: false,
  },
}
