import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { migrate } from '../../blackboard/migrate.ts'
import { openTestDatabase } from '../support/database.ts'

const shipped = join(import.meta.dirname, '../../blackboard/migration')

/** The shipped migrations with more files beside them. */
async function folderWith(
  files: Record<string, string>,
): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'slate-migration-'))
  await cp(shipped, path, { recursive: true })
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(path, name), text)))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

test('applies what is new, in order, once', async () => {
  await using db = await openTestDatabase()
  await using folder = await folderWith({
    '9001_first.sql': 'create table fruit (name text); insert into fruit values ($$plum$$);',
    '9002_second.sql': 'alter table fruit add column ripe boolean;',
  })
  expect(await migrate(db, folder.path)).toEqual({ applied: ['9001_first', '9002_second'] })
  expect(await migrate(db, folder.path)).toEqual({ applied: [] })
  expect(await db.sql`select * from fruit`).toEqual([{ name: 'plum', ripe: null }])
})

test('lets processes that migrate at the same time apply each migration once', async () => {
  await using db = await openTestDatabase()
  await using folder = await folderWith({
    '9001_first.sql': 'create table fruit (name text);',
    '9002_second.sql': 'insert into fruit values ($$plum$$);',
  })
  const runs = await Promise.all([1, 2, 3, 4].map(() => migrate(db, folder.path)))
  expect(runs.flatMap(({ applied }) => applied).toSorted()).toEqual(['9001_first', '9002_second'])
  expect(await db.sql`select * from fruit`).toHaveLength(1)
})

test('leaves the database as it was when a migration fails, and names it', async () => {
  await using db = await openTestDatabase()
  await using folder = await folderWith({
    '9001_first.sql': 'create table fruit (name text); select * from nowhere;',
  })
  await expect(migrate(db, folder.path)).rejects.toMatchObject({
    code: 'migration_failed',
    values: { migration: '9001_first' },
  })
  expect(await db.sql`select to_regclass('fruit') as fruit`).toEqual([{ fruit: null }])
})

test('refuses a database that a newer release has migrated', async () => {
  await using db = await openTestDatabase()
  await db.sql`insert into slateboard_migration values (9999, '9999_later', 'x')`
  await expect(migrate(db)).rejects.toMatchObject({
    code: 'database_newer',
    values: { found: '9999_later' },
  })
})

test('refuses an applied migration whose text has changed', async () => {
  await using db = await openTestDatabase()
  await using folder = await folderWith({ '9001_first.sql': 'create table fruit (name text);' })
  await migrate(db, folder.path)
  await writeFile(join(folder.path, '9001_first.sql'), 'create table fruit (title text);')
  await expect(migrate(db, folder.path)).rejects.toMatchObject({ code: 'migration_changed' })
})
