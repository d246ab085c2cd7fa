import type { Sql } from 'postgres'

interface ColumnRow {
  table: string
  column: string
  type: string
}

/**
 * Where in the whole database one of the texts stands: every column of every table is read as text, bytes as what
 * they spell. Gives `table.column: text`, sorted.
 */
export async function findTexts(sql: Sql, texts: readonly string[]): Promise<string[]> {
  const columns = await sql<ColumnRow[]>`
    select c.relname as table, a.attname as column, format_type(a.atttypid, null) as type
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition and a.attnum > 0 and not a.attisdropped`
  const found: string[] = []
  for (const { table, column, type } of columns) {
    const text =
      type === 'bytea' ? sql`encode(${sql(column)}, 'escape')` : sql`${sql(column)}::text`
    const rows = await sql<{ text: string }[]>`
      select distinct wanted as text from ${sql(table)}
      join unnest(${[...texts]}::text[]) as wanted on strpos(lower(${text}), lower(wanted)) > 0`
    found.push(...rows.map((row) => `${table}.${column}: ${row.text}`))
  }
  return found.toSorted()
}
