import type { Sql } from 'postgres'

interface Customers {
  count: number
  /** The last of so many was merged into the one before; left out, nobody was. */
  mergedEvery?: number
}

/** Customers with six traits, one of them sealed. */
export async function insertCustomers(
  sql: Sql,
  workspaceId: number,
  { count, mergedEvery = count + 1 }: Customers,
): Promise<void> {
  const provenance = ['plan', 'seats', 'country', 'ltv', 'visits'].map(
    (key) => `"${key}": {"revision": 1, "author": {"kind": "source", "id": "shop"},
      "writtenAt": "2026-01-01T00:00:00.000Z", "confidence": 1, "cause": "01JBENCH"}`,
  )
  await sql`
    insert into trait_definition (workspace_id, key, data_class, registered, created_at)
    select ${workspaceId}, key, class, true, now()
    from unnest(array['plan', 'seats', 'country', 'ltv', 'visits', 'email'],
      array['none', 'pseudonymous', 'pseudonymous', 'pseudonymous', 'none', 'contact']) as t (key, class)`
  for (let from = 0; from < count; from += 100_000) {
    await sql`
      insert into profile (workspace_id, id, canonical_id, traits, provenance, revision, created_at, updated_at)
      select ${workspaceId}, id,
        case when (n + 1) % ${mergedEvery}::int = 0 then '01JB' || lpad((n - 1)::text, 22, '0') else id end,
        jsonb_build_object('plan', (array['free', 'pro', 'team'])[1 + n % 3], 'seats', n % 7,
          'country', (array['DE', 'FR', 'US', 'PL', 'ES'])[1 + n % 5], 'ltv', n % 2000, 'visits', n % 50),
        ${`{${provenance.join()}}`}::text::jsonb || jsonb_build_object('email',
          jsonb_build_object('revision', 1, 'vault', id, 'writtenAt', '2026-01-01T00:00:00.000Z')),
        5, now(), now()
      from (select n, '01JB' || lpad(n::text, 22, '0') as id
        from generate_series(${from}::int, ${Math.min(count, from + 100_000) - 1}::int) as n) as new`
  }
}

/** One count over all of them by one condition: the least that any answer about everybody costs, in seconds. */
export async function countGermans(sql: Sql, workspaceId: number): Promise<number> {
  const started = performance.now()
  await sql.begin(async (tx) => {
    await tx`set local enable_seqscan = on`
    await tx`
      select count(*) filter (where traits ->> 'country' = 'DE') from profile
      where workspace_id = ${workspaceId}`
  })
  return (performance.now() - started) / 1000
}
