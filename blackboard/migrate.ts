import { readdir, readFile } from 'node:fs/promises'
import { hash } from 'node:crypto'
import { join } from 'node:path'
import type { Sql, TransactionSql } from 'postgres'
import { fail, type SlateboardError } from '../core/errors.ts'
import { asDatabaseError } from './failure.ts'

interface Migration {
  number: number
  /** File name without its ending, such as `0001_blackboard`. */
  name: string
  text: string
  checksum: string
}

const shippedFolder = join(import.meta.dirname, 'migration')

/**
 * Brings the database up to the migrations of `folder`, each in its own transaction, forward only.
 * Returns the names of those that this call applied. Any number of processes may do so at once: the
 * first statement of a migration claims its number, and who comes second waits for the first, then
 * finds it done.
 *
 * Fails with `database_newer` when the database knows a migration that the folder lacks,
 * `migration_changed` when an applied file has another text by now, and `migration_failed`.
 */
export async function migrate(
  db: { sql: Sql },
  folder = shippedFolder,
): Promise<{ applied: string[] }> {
  const migrations = await readMigrations(folder)
  await prepareLedger(db.sql)
  const done = await readDone(db.sql, migrations)
  const applied: string[] = []
  for (const migration of migrations) {
    if (done.has(migration.number)) continue
    if (await apply(db.sql, migration)) applied.push(migration.name)
  }
  return { applied }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
  return Promise.all(
    names.toSorted().map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8')
      return {
        number: Number(file.slice(0, 4)),
        name: file.slice(0, -'.sql'.length),
        text,
        checksum: hash('sha256', text.replaceAll('\r\n', '\n'), 'hex'),
      }
    }),
  )
}

/**
 * `create table if not exists` alone fails when two do it at the same moment, hence the lock; and it asks for
 * the right to create even where it need not, which a role that only serves does not have.
 */
async function prepareLedger(sql: Sql): Promise<void> {
  try {
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(5157391842)`
      const [known] = await tx`select to_regclass('slateboard_migration') is not null as is_there`
      if (known?.['is_there'] === true) return
      await tx`
        create table slateboard_migration (
          number integer constraint slateboard_migration_pkey primary key,
          name text not null,
          checksum text not null,
          applied_at timestamptz not null default now()
        )`
    })
  } catch (thrown) {
    throw asDatabaseError(thrown)
  }
}

/** Numbers of the migrations that were applied; refuses those that are not what we know by their number. */
async function readDone(sql: Sql, migrations: readonly Migration[]): Promise<Set<number>> {
  const known = new Map(migrations.map((migration) => [migration.number, migration]))
  const done = await sql<{ number: number; name: string; checksum: string }[]>`
    select number, name, checksum from slateboard_migration order by number`.catch(
    (thrown: unknown) => {
      throw asDatabaseError(thrown)
    },
  )
  for (const { number, name, checksum } of done) {
    const migration = known.get(number)
    if (!migration) {
      throw fail('database_newer', { found: name, known: migrations.at(-1)?.name ?? 'none' })
    }
    if (migration.checksum !== checksum) throw fail('migration_changed', { migration: name })
  }
  return new Set(done.map(({ number }) => number))
}

async function apply(sql: Sql, migration: Migration): Promise<boolean> {
  try {
    let claimed = false
    await sql.begin(async (tx) => {
      claimed = await claim(tx, migration)
      if (claimed) await tx.unsafe(migration.text).simple()
    })
    return claimed
  } catch (thrown) {
    throw migrationFailure(migration.name, thrown)
  }
}

/** Waits for a migrator that holds the same number, and returns false once that one has committed. */
async function claim(tx: TransactionSql, migration: Migration): Promise<boolean> {
  await tx`set local statement_timeout = 0`
  // Its owner is behind the wall too, and a migration is about every workspace.
  await tx`set local slateboard.workspace = '*'`
  const { number, name, checksum } = migration
  const claimed = await tx`
    insert into slateboard_migration (number, name, checksum) values (${number}, ${name}, ${checksum})
    on conflict (number) do nothing returning number`
  return claimed.length === 1
}

function migrationFailure(migration: string, thrown: unknown): SlateboardError {
  const error = asDatabaseError(thrown)
  if (error.code !== 'internal') return error
  const reason = thrown instanceof Error ? thrown.message : 'unknown'
  return fail('migration_failed', { migration, reason }, thrown)
}
