import SchemaBuilder from '@pothos/core'
import DataloaderPlugin from '@pothos/plugin-dataloader'
import RelayPlugin from '@pothos/plugin-relay'
import { GraphQLScalarType, Kind } from 'graphql'
import type { ValueNode } from 'graphql'
import { fail } from '../../core/errors.ts'
import { jsonSchema } from '../../core/model/json.ts'
import type { Json } from '../../core/model/json.ts'
import type { GraphContext } from './context.ts'
import { decodeId, encodeId } from './id.ts'

interface SchemaTypes {
  Context: GraphContext
  DefaultFieldNullability: false
  DefaultEdgesNullability: { list: false; items: false }
  DefaultNodeNullability: false
  Scalars: {
    DateTime: { Input: Date; Output: Date }
    Json: { Input: Json; Output: Json }
    Upload: { Input: File; Output: never }
  }
}

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [RelayPlugin, DataloaderPlugin],
  defaultFieldNullability: false,
  relay: {
    cursorType: 'String',
    encodeGlobalID: (type, id) => encodeId(type, String(id)),
    decodeGlobalID: decodeId,
    nodesQueryOptions: false,
    nodeTypeOptions: { description: 'Something with a global id.' },
    nodeQueryOptions: { description: 'Anything with a global id that the caller may see.' },
    edgesFieldOptions: { nullable: { list: false, items: false } },
    nodeFieldOptions: { nullable: false },
  },
})

const depthMax = 20

/** A literal in the query text; deeper than anyone writes by hand is refused before it is walked. */
function literal(node: ValueNode, variables: Record<string, unknown> | null, depth = 0): Json {
  if (depth > depthMax) throw fail('bad_input', { path: 'a Json value', reason: 'nested too deep' })
  if (node.kind === Kind.OBJECT) {
    return Object.fromEntries(
      node.fields.map(({ name, value }) => [name.value, literal(value, variables, depth + 1)]),
    )
  }
  if (node.kind === Kind.LIST) {
    return node.values.map((value) => literal(value, variables, depth + 1))
  }
  if (node.kind === Kind.VARIABLE) return asJson(variables?.[node.name.value] ?? null)
  if (node.kind === Kind.NULL) return null
  return node.kind === Kind.INT || node.kind === Kind.FLOAT ? Number(node.value) : node.value
}

function asJson(value: unknown): Json {
  const parsed = jsonSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw fail('bad_input', { path: 'a Json value', reason: 'it is not JSON' })
}

function asDate(value: unknown): Date {
  const date = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value) : null
  if (date && !Number.isNaN(date.getTime())) return date
  throw fail('bad_input', { path: 'a DateTime', reason: 'write it as 2026-01-31T12:00:00Z' })
}

builder.addScalarType(
  'Json',
  new GraphQLScalarType<Json, Json>({
    name: 'Json',
    description: 'Any JSON value.',
    parseValue: asJson,
    parseLiteral: (node, variables) => literal(node, variables ?? null),
  }),
)

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType<Date, string>({
    name: 'DateTime',
    description: 'A point in time: ISO 8601 with milliseconds, in UTC.',
    serialize: (value) => (value instanceof Date ? value.toISOString() : String(value)),
    parseValue: asDate,
    parseLiteral: (node) => asDate(node.kind === Kind.STRING ? node.value : undefined),
  }),
)

builder.addScalarType(
  'Upload',
  new GraphQLScalarType<File, never>({
    name: 'Upload',
    description: 'A file, sent as multipart/form-data (the GraphQL multipart request form).',
    parseValue: (value) => {
      if (value instanceof File) return value
      throw fail('bad_input', { path: 'an Upload', reason: 'send it as a multipart file' })
    },
  }),
)
