import type { Sql } from 'postgres'
import type { Slateboard } from '../../../core/open.ts'
import { threshold, unit, type Member } from './crew.ts'

const batch = 50
const lanes = 4

/**
 * The least that the same work can be in this database: what waits on the agenda now, copied into a queue without
 * anything else, and worked off in statements of 50. Each claims rows and deletes them, asks the condition, writes the
 * conclusions, a change row for each and the queue rows of who follows; no plugin, policy, provenance, revision check
 * or audit. Returns reactions per second, those whose condition did not hold included.
 */
export async function runRawCrew({ board }: Slateboard, crew: readonly Member[]): Promise<number> {
  const { sql } = board.db
  await sql.unsafe(`
    create table raw_profile (id text primary key, traits jsonb not null) with (fillfactor = 70);
    create table raw_agent (name text primary key, reads text[] not null, trait text not null, nth int not null);
    create table raw_change (id bigint generated always as identity primary key, profile text, key text,
      value jsonb, at timestamptz default now());
    create table raw_queue (id bigint generated always as identity primary key, profile text, agent text);
    insert into raw_profile select id, traits from profile;
    insert into raw_queue (profile, agent) select profile_id, agent from agenda order by position`)
  await sql`
    insert into raw_agent select name, reads, trait, nth
    from jsonb_to_recordset(${JSON.stringify(crew)}::text::jsonb)
      as agent (name text, reads text[], trait text, nth int)`
  await sql.unsafe('analyze raw_profile, raw_agent, raw_queue')
  const started = performance.now()
  const done = await Promise.all(Array.from({ length: lanes }, () => work(sql)))
  const seconds = (performance.now() - started) / 1000
  await sql.unsafe('drop table raw_profile, raw_agent, raw_change, raw_queue')
  return done.reduce((sum, steps) => sum + steps, 0) / seconds
}

/** Profiles are locked in one order first: else two statements wait for each other. */
const step = `
  with taken as (
    delete from raw_queue where id in (
      select id from raw_queue order by id limit ${batch} for update skip locked)
    returning profile, agent
  ), held as materialized (
    select id, traits from raw_profile where id in (select profile from taken) order by id for update
  ), met as materialized (
    select t.profile, a.trait, (n.last * 37 + a.nth * 11) % 100 * ${unit} + n.last as value
    from taken t
    join raw_agent a on a.name = t.agent
    join held p on p.id = t.profile
    cross join lateral (
      select max((p.traits ->> key)::bigint % ${unit}) as last from unnest(a.reads) as key) n
    where (p.traits ->> a.reads[1])::bigint < ${threshold}
  ), written as (
    update raw_profile p set traits = p.traits || m.patch
    from (select profile, jsonb_object_agg(trait, value) as patch from met group by profile) m
    where p.id = m.profile
  ), changed as (
    insert into raw_change (profile, key, value) select profile, trait, to_jsonb(value) from met
  ), next as (
    insert into raw_queue (profile, agent)
    select m.profile, a.name from met m join raw_agent a on a.reads[1] = m.trait
  )
  select count(*)::int as steps from taken`

async function work(sql: Sql): Promise<number> {
  let steps = 0
  for (;;) {
    const [row] = await sql.unsafe<{ steps: number }[]>(step, [], { prepare: true })
    if (!row || row.steps === 0) return steps
    steps += row.steps
  }
}
