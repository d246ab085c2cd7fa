import { readdirSync } from 'node:fs'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { openTestDatabase } from '../support/database.ts'

const types: ReadonlySet<string> = new Set(['bytea.ts', 'jsonpath.ts'])
const folder = new URL('../../blackboard/schema/', import.meta.url)

async function tables(): Promise<PgTable[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !types.has(file))
  const modules: object[] = await Promise.all(
    files.map((file) => import(new URL(file, folder).href)),
  )
  return modules.flatMap((module) =>
    Object.values(module).filter((value) => value instanceof PgTable),
  )
}

interface ColumnRow {
  tableName: string
  name: string
  type: string
  notNull: boolean
}

test('describes every table, column, type and nullability as the migration made them', async () => {
  await using db = await openTestDatabase()
  const migrated = await db.sql<ColumnRow[]>`
    select c.relname as "tableName", a.attname as name,
      format_type(a.atttypid, null) as type, a.attnotnull as "notNull"
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition and c.relname <> 'slateboard_migration' and a.attnum > 0
      and not a.attisdropped
    order by c.relname, a.attnum`
  const described = (await tables())
    .map((table) => getTableConfig(table))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((table) =>
      table.columns.map((column) => ({
        tableName: table.name,
        name: column.name,
        type: column.getSQLType(),
        notNull: column.notNull,
      })),
    )
  expect(described).toEqual([...migrated])
  expect(described.length).toBeGreaterThan(200)
})

test('names the primary keys as the migration did', async () => {
  await using db = await openTestDatabase()
  const migrated = await db.sql<{ name: string; columns: string[] }[]>`
    select k.conname as name, array(
      select a.attname::text from unnest(k.conkey) with ordinality as key (attnum, nth)
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = key.attnum order by key.nth
    ) as columns
    from pg_constraint k join pg_class c on c.oid = k.conrelid
    where k.contype = 'p' and not c.relispartition and c.relname <> 'slateboard_migration'
      and c.relnamespace = 'public'::regnamespace
    order by k.conname`
  const described = (await tables())
    .flatMap((table) => getTableConfig(table).primaryKeys)
    .map((key) => ({ name: key.getName(), columns: key.columns.map((column) => column.name) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  expect(described).toEqual([...migrated])
})
