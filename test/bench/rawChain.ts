import type { Sql } from 'postgres'
import { inChunks, type Bench } from './bench.ts'

const batch = 50
const lanes = 4

/**
 * The least that the same chain of two can be in this database: a queue row claimed and deleted, a trait set
 * and a change row written for each step, the second step's row inserted; no plugin, policy, provenance,
 * revision check or audit. One statement a batch of 50, four batches at once. Returns steps per second.
 */
export async function runRawChain({ app }: Bench, profiles: number): Promise<number> {
  const { sql } = app.board.db
  await sql.unsafe(`
    create table raw_profile (id text primary key, traits jsonb not null) with (fillfactor = 70);
    create table raw_change (id bigint generated always as identity primary key, profile text, key text,
      value jsonb, at timestamptz default now());
    create table raw_queue (id bigint generated always as identity primary key, profile text, step int)`)
  const ids = Array.from({ length: profiles }, (_, n) => `raw${n}`)
  await inChunks(
    ids,
    1000,
    (chunk) => sql`insert into raw_profile select id, '{}' from unnest(${chunk}::text[]) as id`,
  )
  await sql`insert into raw_queue (profile, step) select id, 1 from raw_profile`
  const started = performance.now()
  const done = await Promise.all(Array.from({ length: lanes }, () => work(sql)))
  const seconds = (performance.now() - started) / 1000
  await sql.unsafe('drop table raw_profile, raw_change, raw_queue')
  return done.reduce((sum, steps) => sum + steps, 0) / seconds
}

async function work(sql: Sql): Promise<number> {
  let steps = 0
  for (;;) {
    const rows = await sql`
      with taken as (
        delete from raw_queue where id in (
          select id from raw_queue order by id limit ${batch} for update skip locked)
        returning profile, step
      ), written as (
        update raw_profile p set traits = p.traits || jsonb_build_object('step' || t.step, t.step)
        from taken t where p.id = t.profile
        returning p.id, t.step
      ), changed as (
        insert into raw_change (profile, key, value) select id, 'step' || step, to_jsonb(step) from written
      ), next as (
        insert into raw_queue (profile, step) select id, 2 from written where step = 1
      )
      select 1 from written`
    if (rows.length === 0) return steps
    steps += rows.length
  }
}
