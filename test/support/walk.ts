import { getNamedType, isInterfaceType, isObjectType } from 'graphql'
import type { GraphQLField, GraphQLObjectType, GraphQLSchema } from 'graphql'

// Profile → activations → edges → node → decision → policyVersion → approvals is the longest way there is.
const depthMax = 9

/** Arguments of root fields, as they are written in a query. */
export type Arguments = Readonly<Record<string, string>>

/**
 * One query a root field that asks for every field below it, each type once on a way, so that what is added
 * to the schema is asked for without anybody thinking of it. Fields whose arguments are not known are left out.
 */
export function queriesOf(
  schema: GraphQLSchema,
  known: Arguments,
): { field: string; query: string }[] {
  const root = schema.getQueryType()
  if (!root) return []
  return Object.values(root.getFields()).flatMap((field) => {
    const args = Object.hasOwn(known, field.name) ? known[field.name] : undefined
    if (args === undefined && field.args.some(isRequired)) return []
    const selection = selectionOf(schema, field, [root.name])
    const given = args === undefined ? smallPage(field) : `(${args})`
    return [{ field: field.name, query: `query { ${field.name}${given}${selection} }` }]
  })
}

/** Pages multiply what a query costs. */
const smallPage = ({ args }: GraphQLField<unknown, unknown>): string =>
  args.some(({ name }) => name === 'first') ? '(first: 2)' : ''

const isRequired = ({
  type,
  defaultValue,
}: {
  type: { toString(): string }
  defaultValue?: unknown
}) => String(type).endsWith('!') && defaultValue === undefined

/** `{ a b { c } }`, or nothing for a field without parts. */
export function selectionOf(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
  way: readonly string[],
): string {
  const type = getNamedType(field.type)
  if (isInterfaceType(type)) {
    const possible = schema.getPossibleTypes(type).filter(({ name }) => !way.includes(name))
    const parts = possible.map((one) => `... on ${one.name} ${partsOf(schema, one, way)}`)
    return ` { __typename id ${parts.join(' ')} }`
  }
  return isObjectType(type) ? ` ${partsOf(schema, type, way)}` : ''
}

function partsOf(schema: GraphQLSchema, type: GraphQLObjectType, way: readonly string[]): string {
  const further = [...way, type.name]
  const parts = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequired)) return []
    const inner = getNamedType(field.type)
    const isDeep = isObjectType(inner) || isInterfaceType(inner)
    if (isDeep && (further.includes(inner.name) || further.length >= depthMax)) return []
    return [`${field.name}${smallPage(field)}${selectionOf(schema, field, further)}`]
  })
  return `{ __typename ${parts.join(' ')} }`
}

/** Every `Type.field` that stands in an answer, by the type names it carries. */
export function fieldsIn(value: unknown): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((item: unknown) => [...fieldsIn(item)]))
  if (typeof value !== 'object' || value === null) return new Set()
  const type: unknown = Reflect.get(value, '__typename')
  const own = Object.entries(value).flatMap(([name, part]: [string, unknown]) => [
    ...(typeof type === 'string' && name !== '__typename' ? [`${type}.${name}`] : []),
    ...fieldsIn(part),
  ])
  return new Set(own)
}

/** Whether an answer tells anything: a text, number or boolean other than a type's name. */
export function saysSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(saysSomething)
  if (typeof value !== 'object' || value === null) return value !== null && value !== undefined
  return Object.entries(value).some(
    ([name, part]: [string, unknown]) => !silent.has(name) && saysSomething(part),
  )
}

// What a page without anything in it says as well.
const silent: ReadonlySet<string> = new Set(['__typename', 'pageInfo'])
