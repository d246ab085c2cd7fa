import { sql, type SQL } from 'drizzle-orm'
import { run, type Handle } from '../statement.ts'

/**
 * Makes the monthly partitions of the event and change tables for the month of `now` and the next, so that
 * old months can be dropped whole. A row outside every month lands in the default partition.
 */
export async function ensurePartitions(handle: Handle, now: Date): Promise<void> {
  for (const table of ['event', 'change']) {
    for (const ahead of [0, 1]) await run(handle, partition(table, now, ahead))
  }
}

function partition(table: string, now: Date, ahead: number): SQL {
  const start = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
  const end = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1))
  const name = `${table}_${start.toISOString().slice(0, 7).replace('-', '_')}`
  const bound = (date: Date): string => `'${date.toISOString()}'`
  // Names and bounds are made here from a fixed list and a date; DDL takes no parameters.
  return sql.raw(
    `create table if not exists ${name} partition of ${table}
     for values from (${bound(start)}) to (${bound(end)})`,
  )
}
