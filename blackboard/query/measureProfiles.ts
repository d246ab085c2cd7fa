import { sql } from 'drizzle-orm/sql/sql'
import type { SQL } from 'drizzle-orm/sql/sql'
import { fieldsOf, type Condition } from '../../core/model/condition.ts'
import { conditionToSql } from '../condition.ts'
import { run, type Handle } from '../statement.ts'
import { audienceAttributes } from './groupAudience.ts'

/** Of which persons a number is made, and how. */
export interface Measure {
  workspaceId: number
  now: string
  /** The purpose and its ancestors: who objected to one of these is not looked at. */
  lineage: readonly string[]
  /** All of them hold, and each of these traits is a number. */
  where: readonly Condition[]
  numbers: readonly string[]
  /** Of a trait that is a number, or 1 where the condition holds and else 0. */
  value: { trait: string } | { holds: Condition }
  how: 'average' | 'sum'
}

/**
 * Over the persons who are not erased, not restricted and did not object, once each: the number, and how many persons
 * it is made of. Conditions are over open traits, and one that was removed or has expired is none.
 */
export async function measureProfiles(
  handle: Handle,
  measure: Measure,
): Promise<{ value: number | null; persons: number }> {
  const { workspaceId, how, lineage } = measure
  const [row] = await run<{ value: number | null; persons: number }>(
    handle,
    workspaceId,
    sql`
      select ${how === 'sum' ? sql`sum(value)` : sql`avg(value)`}::float8 as value,
        count(value)::int as persons
      from (
        select ${valueOf(measure)} as value
        from profile p
        where p.workspace_id = ${workspaceId}::int and p.canonical_id = p.id and ${filterOf(measure)}
          and not exists (
            select from profile m
            join legal_state l on l.workspace_id = m.workspace_id and l.profile_id = m.id
            where m.workspace_id = p.workspace_id and m.canonical_id = p.id
              and (l.erased_at is not null or l.restricted
                or l.objections && array['*', ${listed(lineage)}])
          )
        offset 0
      ) as person`,
  )
  return row ?? { value: null, persons: 0 }
}

const listed = (texts: readonly string[]): SQL =>
  sql.join(
    texts.map((text) => sql`${text}::text`),
    sql`, `,
  )

const valueOf = ({ value, now }: Measure): SQL =>
  'trait' in value
    ? numberOf(value.trait, now)
    : sql`case when ${holds(value.holds, now)} then 1 else 0 end`

const filterOf = ({ where, numbers, now }: Measure): SQL =>
  sql.join(
    [
      ...where.map((condition) => holds(condition, now)),
      ...numbers.map((trait) => sql`${numberOf(trait, now)} is not null`),
      sql`true`,
    ],
    sql` and `,
  )

const holds = (condition: Condition, now: string): SQL =>
  sql`(${conditionToSql(condition, audienceAttributes(fieldsOf(condition), now))})`

/** The number that an open trait is; null where it is none. */
function numberOf(trait: string, now: string): SQL {
  const path = `traits.${trait}`
  const value = audienceAttributes([path], now)[path]?.sql ?? sql`null::jsonb`
  return sql`(case when jsonb_typeof(${value}) = 'number' then (${value})::float8 end)`
}
