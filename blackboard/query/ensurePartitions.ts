import { sql, type SQL } from 'drizzle-orm/sql/sql'
import { run, type Handle } from '../statement.ts'

const tables = ['event', 'change'] as const
/** Months made ahead of time: a server may run for two before it looks again. */
const monthsAhead = 2

/**
 * Makes the monthly partitions of the event and change tables from the month of `now` on, so that old months
 * can be dropped whole. A month whose rows already landed in the default partition, because nobody made it in
 * time, is left there and returned by name.
 */
export async function ensurePartitions(handle: Handle, now: Date): Promise<string[]> {
  const late: string[] = []
  for (const table of tables) {
    for (let ahead = 0; ahead <= monthsAhead; ahead += 1) {
      const month = partitionOf(table, now, ahead)
      await run(handle, month.create).catch((thrown: unknown) => {
        if (!isTaken(thrown)) throw thrown
        late.push(month.name)
      })
    }
  }
  return late
}

/** SQLSTATE check_violation: the default partition holds rows of that month. */
const isTaken = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === '23514'

function partitionOf(table: string, now: Date, ahead: number): { name: string; create: SQL } {
  const start = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
  const end = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1))
  const name = `${table}_${start.toISOString().slice(0, 7).replace('-', '_')}`
  const bound = (date: Date): string => `'${date.toISOString()}'`
  // Names and bounds are made here from a fixed list and a date; DDL takes no parameters.
  const create = sql.raw(
    `create table if not exists ${name} partition of ${table}
     for values from (${bound(start)}) to (${bound(end)})`,
  )
  return { name, create }
}
