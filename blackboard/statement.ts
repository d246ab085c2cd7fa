import { CasingCache } from 'drizzle-orm/casing'
import { fillPlaceholders, sql, type Placeholder, type SQL } from 'drizzle-orm/sql/sql'
import type { Sql } from 'postgres'
import { everywhere, nowhere, within } from './within.ts'
import type { Scope } from './within.ts'

/** The pool, or the transaction that the statement is to be part of. */
export type Handle = Pick<Sql, 'unsafe'>

/**
 * What may be bound. A plain object is sent as JSON text; an array is sent as a Postgres array, so a JSON
 * array must be stringified by the caller.
 */
export type Bound =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | object
  | null
  | undefined

// What drizzle's PgDialect would say. Importing that class, or the package's root, takes the start 0.4 s longer.
const dialect = {
  casing: new CasingCache(),
  escapeName: (name: string): string => `"${name.replaceAll('"', '""')}"`,
  escapeParam: (index: number): string => `$${index + 1}`,
  escapeString: (text: string): string => `'${text.replaceAll("'", "''")}'`,
}

/**
 * A statement about one workspace, with named arguments: compiled on first use, then prepared once per
 * connection. It sees and writes rows of that workspace alone; see `within`.
 *
 * Drizzle only writes the SQL here. `drizzle(client)` is never called, because it replaces the client's
 * parsers for everybody. Cast each argument (`${arg.at}::timestamptz`): Postgres then knows its type
 * without guessing. JSON goes in as text and is cast twice, `${arg.rows}::text::jsonb`: a parameter
 * that is itself of type jsonb would be encoded a second time by a driver with default settings.
 *
 * @example const findName = statement<{ workspaceId: number; id: string }, { name: string }>(
 *   (arg) => sql`select name from source where workspace_id = ${arg.workspaceId}::int and id = ${arg.id}`)
 * const rows = await findName(tx, { workspaceId, id })
 */
export function statement<Args extends { [K in keyof Args]: Bound } & { workspaceId: number }, Row>(
  build: Build<Args>,
): (handle: Handle, args: Args) => Promise<Row[]> {
  return inScope(({ workspaceId }) => workspaceId, build)
}

/** A statement of the platform's own that concerns every workspace, such as a claim or a look-up of a key. */
export const acrossWorkspaces = <Args extends { [K in keyof Args]: Bound }, Row>(
  build: Build<Args>,
): ((handle: Handle, args: Args) => Promise<Row[]>) => inScope(() => everywhere, build)

/** A statement that may see no workspace's rows. */
export const outsideWorkspaces = <Args extends { [K in keyof Args]: Bound }, Row>(
  build: Build<Args>,
): ((handle: Handle, args: Args) => Promise<Row[]>) => inScope(() => nowhere, build)

function inScope<Args extends { [K in keyof Args]: Bound }, Row>(
  scopeOf: (args: Args) => Scope,
  build: Build<Args>,
): (handle: Handle, args: Args) => Promise<Row[]> {
  let compiled: { sql: string; params: unknown[] } | undefined
  return (handle, args) => {
    compiled ??= build(placeholders).toQuery(dialect)
    const params = fillPlaceholders(compiled.params, { ...args }).map(encode)
    return within(handle, scopeOf(args), compiled.sql, params)
  }
}

/** Runs SQL about one workspace whose shape depends on its input, such as a policy's filter; prepared as well. */
export function run<Row>(handle: Handle, workspaceId: number, query: SQL): Promise<Row[]> {
  const { sql: text, params } = query.toQuery(dialect)
  return within(handle, workspaceId, text, params.map(encode))
}

type Build<Args> = (arg: { [K in keyof Args]: Placeholder }) => SQL

// Any property is the placeholder of that name, so one object serves every statement's arguments.
const placeholders = new Proxy(Object.create(null), {
  get: (_, name) => sql.placeholder(String(name)),
})

export type Wire = string | number | boolean | Date | Uint8Array | null

// The driver guesses an array's type from its first element and sends that as the type of the whole, so
// arrays of booleans, dates and bytes fail. An array literal has no type until the statement's cast.
function encode(value: unknown): Wire {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return arrayLiteral(value)
  if (value instanceof Date || value instanceof Uint8Array) return value
  if (typeof value === 'string' || typeof value === 'number') return value
  if (typeof value === 'boolean') return value
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value)
}

function arrayLiteral(items: readonly unknown[]): string {
  return `{${items.map(arrayItem).join(',')}}`
}

function arrayItem(item: unknown): string {
  if (typeof item === 'string') return quoted(item)
  if (typeof item === 'number') return String(item)
  if (Array.isArray(item)) return arrayLiteral(item)
  const value = encode(item)
  if (value === null) return 'null'
  return quoted(textOf(value))
}

// Control characters are what JSON escapes by letter and an array literal does not know.
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f]/

/** JSON's quoting is an array literal's own for text without control characters, and 5 times as fast. */
function quoted(text: string): string {
  if (!text.includes('"') && !text.includes('\\')) return `"${text}"`
  return control.test(text)
    ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
    : JSON.stringify(text)
}

function textOf(value: NonNullable<Wire>): string {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return String.raw`\x${Buffer.from(value).toString('hex')}`
  return String(value)
}
