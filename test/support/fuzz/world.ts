import fc from 'fast-check'
import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm/sql/sql'
import { PgDialect } from 'drizzle-orm/pg-core'
import { profileJoins } from '../../../blackboard/query/findProfiles.ts'
import { listProfiles } from '../../../blackboard/query/listProfiles.ts'
import { loadSlices, type SliceRow } from '../../../blackboard/query/loadSlices.ts'
import type { Board } from '../../../core/board.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { asProfile, type Profile } from '../../../core/read/profile.ts'
import { instants, jurisdictions, traitKeys, traits } from './value.ts'

/** Profiles that stand in the database, as each of the ways to read them finds them. */
export interface World {
  board: Board
  workspaceId: number
  profiles: readonly Profile[]
  slices: readonly SliceRow[]
  /** Per profile, in order, a text with 1 for each condition that holds for it in SQL and 0 for the rest. */
  filter(conditions: readonly SQL[]): Promise<string[]>
}

interface Person {
  traits: JsonObject
  createdAt: string
  updatedAt: string
  restricted: boolean
  legalHold: boolean
  jurisdiction: string | null
  /** Standing of a profile that was merged into this one. */
  merged: { restricted: boolean; jurisdiction: string | null } | null
}

const jurisdiction = fc.constantFrom(...jurisdictions, null)
const rarely = fc.constantFrom(true, false, false, false)
const person: fc.Arbitrary<Person> = fc.record({
  traits,
  createdAt: fc.constantFrom(...instants),
  updatedAt: fc.constantFrom(...instants),
  restricted: rarely,
  legalHold: rarely,
  jurisdiction,
  merged: fc.option(fc.record({ restricted: fc.boolean(), jurisdiction }), { nil: null, freq: 2 }),
})

/** Stores random profiles in a workspace that has none, and reads them back by the product's own statements. */
export async function createWorld(
  board: Board,
  { workspaceId, people, seed }: { workspaceId: number; people: number; seed: number },
): Promise<World> {
  const persons = fc.sample(person, { numRuns: people, seed })
  for (const [at, one] of persons.entries()) await store(board, workspaceId, at, one)
  const handle = board.db.sql
  const rows = await listProfiles(handle, {
    workspaceId,
    condition: null,
    order: 'oldest',
    after: null,
    limit: people + 1,
  })
  const ids = rows.map(({ id }) => id)
  const found = await loadSlices(handle, {
    workspaceId,
    ids,
    keys: ids.map(() => JSON.stringify(traitKeys)),
  })
  const byId = new Map(found.map((slice) => [slice.profileId, slice]))
  return {
    board,
    workspaceId,
    profiles: rows.map(asProfile),
    slices: ids.flatMap((id) => byId.get(id) ?? []),
    filter: (conditions) => filter(board, workspaceId, conditions),
  }
}

const dialect = new PgDialect()

/** One statement for all conditions, each of which stands where `listProfiles` would have it. */
async function filter(board: Board, workspaceId: number, conditions: readonly SQL[]) {
  if (conditions.length === 0) return []
  const bits = conditions.map((condition) => sql`(${condition})::int`)
  const query = dialect.sqlToQuery(sql`
    select array_to_string(array[${sql.join(bits, sql`, `)}], '') as bits
    from profile p ${profileJoins}
    where p.workspace_id = ${workspaceId}::int and p.canonical_id = p.id
    order by p.id`)
  const rows = await board.db.sql.unsafe<{ bits: string }[]>(query.sql, query.params.map(bound))
  return rows.map(({ bits }) => bits)
}

const bound = (value: unknown): string | number | boolean =>
  typeof value === 'number' || typeof value === 'boolean' ? value : String(value)

async function store({ db: { sql } }: Board, workspaceId: number, at: number, one: Person) {
  const id = `01P${String(at).padStart(23, '0')}`
  const provenance = Object.fromEntries(
    Object.keys(one.traits).map((key) => [
      key,
      {
        revision: 1,
        author: { kind: 'source', id: 'shop' },
        writtenAt: '2026-01-01T00:00:00.000Z',
        confidence: 1,
        cause: 'test',
      },
    ]),
  )
  // A microsecond more than JavaScript can hold.
  await sql`
    insert into profile (workspace_id, id, canonical_id, traits, provenance, created_at, updated_at)
    values (${workspaceId}, ${id}, ${id}, ${JSON.stringify(one.traits)}::text::jsonb,
      ${JSON.stringify(provenance)}::text::jsonb,
      ${one.createdAt}::timestamptz + interval '1 microsecond', ${one.updatedAt}::timestamptz)`
  await sql`
    insert into identifier (workspace_id, namespace, hash, profile_id, value, event_id, first_seen_at)
    values (${workspaceId}, 'user_id', md5(${id})::uuid, ${id}, ${id}, 'e', now())`
  await stand(sql, workspaceId, id, one)
  if (one.merged === null) return
  const member = id.replace('01P', '02P')
  await sql`
    insert into profile (workspace_id, id, canonical_id, created_at, updated_at)
    values (${workspaceId}, ${member}, ${id}, now(), now())`
  await stand(sql, workspaceId, member, { ...one.merged, legalHold: false })
}

const stand = (
  sql: Board['db']['sql'],
  workspaceId: number,
  id: string,
  {
    restricted,
    legalHold,
    jurisdiction,
  }: Omit<Person, 'traits' | 'createdAt' | 'updatedAt' | 'merged'>,
) => sql`
  insert into legal_state (workspace_id, profile_id, restricted, legal_hold, jurisdiction, updated_at)
  values (${workspaceId}, ${id}, ${restricted}, ${legalHold}, ${jurisdiction}, now())`
