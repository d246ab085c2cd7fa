import { sql } from 'drizzle-orm/sql/sql'
import type { SQL } from 'drizzle-orm/sql/sql'
import type { Columns } from '../condition.ts'
import { run } from '../statement.ts'
import type { Handle } from '../statement.ts'

/** What a condition may ask of a profile in `simulateProfiles`; the answers are those of `listProfiles`. */
export const simulatedAttributes = {
  traits: { sql: sql`p.traits`, type: 'jsonb' },
  createdAt: { sql: sql`p.created_at`, type: 'timestamp' },
  updatedAt: { sql: sql`p.updated_at`, type: 'timestamp' },
  restricted: {
    sql: sql`coalesce(l.restricted or m.restricted, l.restricted, m.restricted, false)`,
    type: 'boolean',
  },
  jurisdiction: {
    sql: sql`case when least(l.jurisdiction, m.jurisdiction) = greatest(l.jurisdiction, m.last_jurisdiction)
      then least(l.jurisdiction, m.jurisdiction) end`,
    type: 'text',
  },
} as const satisfies Columns

/** Which profiles have a value at all. */
export type Holding =
  | { kind: 'any' }
  /** Values in the open. */
  | { kind: 'open'; keys: readonly string[] }
  /** Values in the vault. */
  | { kind: 'sealed'; keys: readonly string[] }
  | { kind: 'identifier'; namespaces: readonly string[] }

/**
 * A question to every profile that has such a value: whether `is` holds and `isNot` does not. Both are places in
 * the list of conditions; null asks nothing.
 */
export interface Tally {
  holding: Holding
  is: number | null
  isNot: number | null
  wantsExamples: boolean
}

export const examplesMax = 5

function holdingToSql(holding: Holding): SQL {
  if (holding.kind === 'any') return sql`true`
  if (holding.kind === 'open') return sql`p.traits ?| ${textArray(holding.keys)}`
  if (holding.kind === 'sealed') {
    const { keys } = holding
    // A few keys are looked at one by one: a sub-select a profile takes three times as long.
    if (keys.length <= 10) return sql`(${sql.join(keys.map(isSealed), sql` or `)})`
    return sql`exists (
      select from unnest(${textArray(keys)}) as k
      where p.provenance -> k ? 'vault' and not p.provenance -> k ? 'removed')`
  }
  return sql`exists (
    select from identifier i
    where i.workspace_id = p.workspace_id and i.namespace = any(${textArray(holding.namespaces)})
      and (i.profile_id = p.id or i.profile_id in (
        select x.id from profile x
        where x.workspace_id = p.workspace_id and x.canonical_id = p.id and x.canonical_id <> x.id)))`
}

const isSealed = (key: string): SQL => sql`coalesce(
  p.provenance -> ${key}::text ? 'vault' and not p.provenance -> ${key}::text ? 'removed', false)`

const textArray = (texts: readonly string[]): SQL =>
  sql`array[${sql.join(
    texts.map((text) => sql`${text}::text`),
    sql`, `,
  )}]::text[]`

/**
 * Puts many questions to the living canonical profiles above `after` up to `upTo` in one pass, and tells how many
 * there are for each and, where wanted, five of them. Each condition is worked out once a profile, however many
 * questions it is part of. Standing is joined in sets: a look-up a profile, as readers of a page do it, would
 * take ten times as long.
 */
export async function simulateProfiles(
  handle: Handle,
  arg: {
    workspaceId: number
    after: string
    upTo: string
    conditions: readonly SQL[]
    tallies: readonly Tally[]
  },
): Promise<{ profiles: number; counts: number[]; examples: Map<number, string[]> }> {
  const { conditions, tallies } = arg
  const holdings = new Map(tallies.map(({ holding }) => [JSON.stringify(holding), holding]))
  const places = new Map([...holdings.keys()].map((key, at) => [key, at]))
  const column = (kind: 'c' | 'h', at: number) => sql.identifier(`${kind}${at}`)
  const columns = [
    ...[...holdings.values()].map((each, at) => sql`, ${holdingToSql(each)} as ${column('h', at)}`),
    ...conditions.map((each, at) => sql`, ${each} as ${column('c', at)}`),
  ]
  const asked = tallies.map(({ holding, is, isNot }) =>
    sql.join(
      [
        column('h', places.get(JSON.stringify(holding)) ?? 0),
        ...(is === null ? [] : [column('c', is)]),
        ...(isNot === null ? [] : [sql`not ${column('c', isNot)}`]),
      ],
      sql` and `,
    ),
  )
  const counts = asked.map((each) => sql`count(*) filter (where ${each})`)
  const wanted = tallies.flatMap(({ wantsExamples }, at) => (wantsExamples ? [at] : []))
  const last = sql.raw(String(examplesMax))
  const examples = wanted.map(
    (at) => sql`to_json((array_agg(id) filter (where ${asked[at]}))[1:${last}])`,
  )
  const [row] = await run<{ profiles: number; counts: number[]; examples: (string[] | null)[] }>(
    handle,
    arg.workspaceId,
    sql`
      select count(*)::int as profiles,
        to_json(array[${sql.join(counts, sql`, `)}]::int[]) as counts,
        to_json(array[${sql.join(examples, sql`, `)}]::json[]) as examples
      from (
        select p.id ${sql.join(columns)}
        from profile p ${standing(arg)}
        where p.workspace_id = ${arg.workspaceId}::int and p.id > ${arg.after}::text
          and p.id <= ${arg.upTo}::text and p.canonical_id = p.id
          and l.erased_at is null and m.erased_at is null
        offset 0
      ) as judged`,
  )
  const found = row?.examples ?? []
  return {
    profiles: row?.profiles ?? 0,
    counts: row?.counts ?? [],
    examples: new Map(wanted.map((at, nth) => [at, found[nth] ?? []])),
  }
}

/** `l` is the profile's own standing, `m` that of profiles merged into it. */
const standing = (arg: { workspaceId: number; after: string; upTo: string }): SQL => sql`
  left join (
    select profile_id, restricted or legal_hold as restricted, jurisdiction, erased_at
    from legal_state
    where workspace_id = ${arg.workspaceId}::int and profile_id > ${arg.after}::text
      and profile_id <= ${arg.upTo}::text
  ) as l on l.profile_id = p.id
  left join (
    select x.canonical_id, bool_or(s.restricted or s.legal_hold) as restricted,
      min(s.jurisdiction) as jurisdiction, max(s.jurisdiction) as last_jurisdiction,
      max(s.erased_at) as erased_at
    from profile x
    join legal_state s on s.workspace_id = x.workspace_id and s.profile_id = x.id
    where x.workspace_id = ${arg.workspaceId}::int and x.canonical_id > ${arg.after}::text
      and x.canonical_id <= ${arg.upTo}::text and x.canonical_id <> x.id
    group by x.canonical_id
  ) as m on m.canonical_id = p.id`
