import { sql } from 'drizzle-orm/sql/sql'
import type { SQL } from 'drizzle-orm/sql/sql'
import { guardianMethods } from '../../core/model/age.ts'
import type { Column, Columns } from '../condition.ts'
import { run } from '../statement.ts'
import type { Handle } from '../statement.ts'

/** What the gate's answer to one act may depend on, person by person. */
export interface AudienceQuestion {
  workspaceId: number
  now: string
  /** The purpose and its ancestors: consent, objections and holds speak to it when they are for one of these. */
  lineage: readonly string[]
  channel: string
  /** Trait keys whose values or names the act carries, and since when an officer calls each of them open. */
  carried: readonly { key: string; openedAt: string | null }[]
  /** What the policy's rules ask, each over `audienceAttributes`. */
  conditions: readonly SQL[]
  /** Traits whose value the answer depends on as it is, such as the time zone; paths such as `traits.timezone`. */
  values: readonly string[]
  /** Of these traits whether the value was written by then: older ones stay out of a message. */
  aged: { keys: readonly string[]; by: string } | null
  /** The age in years that each band of ages stands for now; one that is not listed stands for itself. */
  ages: Readonly<Record<string, number | null>>
  /** How often a person may be addressed, and since when that is counted. */
  caps: readonly {
    max: number
    purposes: readonly string[]
    channels: readonly string[]
    since: string
  }[]
}

/** Persons of whom the gate must say the same. */
export interface AudienceClass {
  class: string
  /** One of them. */
  profileId: string
  count: number
}

/** Profile ids above `after` up to `upTo`. */
export interface Range {
  after: string
  upTo: string
}

/**
 * What a condition may ask of a profile's own row. A trait that was removed or has expired is none, as it is for
 * the gate. `traits` stands for no column of its own: each path that is asked for has one.
 */
export const audienceAttributes = (paths: readonly string[], now: string): Columns => ({
  createdAt: { sql: sql`p.created_at`, type: 'timestamp' },
  updatedAt: { sql: sql`p.updated_at`, type: 'timestamp' },
  ...Object.fromEntries(paths.map((path) => [path, traitAt(path, now)])),
})

function traitAt(path: string, now: string): Column {
  const [, key = '', ...rest] = path.split('.')
  const made = sql`p.provenance -> ${key}::text`
  const value = rest.reduce(
    (from, name) => sql`${from} -> ${name}::text`,
    sql`p.traits -> ${key}::text`,
  )
  return {
    type: 'jsonb',
    sql: sql`(case when ${made} ? 'removed' or ${made} ? 'expiresAt'
      and (${made} ->> 'expiresAt')::timestamptz <= ${now}::timestamptz then null else ${value} end)`,
  }
}

/**
 * Groups the canonical profiles of a range by everything that the gate's answer can depend on, so that one decision
 * answers for all of a class. Times go in only as what comes before what. Who is hard to put in a class (words
 * about consent by several merged profiles, or several of one moment) is one alone.
 */
export function groupAudience(
  handle: Handle,
  question: AudienceQuestion,
  range: Range,
): Promise<AudienceClass[]> {
  return run<AudienceClass>(
    handle,
    question.workspaceId,
    sql`${classified(question, range)}
      select class, min(id) as "profileId", count(*)::int as count from person group by class`,
  )
}

/** In which class each profile of a range is. */
export function listAudience(
  handle: Handle,
  question: AudienceQuestion,
  range: Range,
): Promise<{ profileId: string; class: string }[]> {
  return run(
    handle,
    question.workspaceId,
    sql`${classified(question, range)} select id as "profileId", class from person`,
  )
}

/**
 * Ranges keep it in memory and on the tables' own order: over a million profiles at once, whose rows are wide, the
 * joins went to disk and took 28 s.
 */
const classified = (question: AudienceQuestion, range: Range): SQL => sql`
  with line as materialized (
    select p.id, concat_ws(' ', ${sql.join(ownFacts(question), sql`, `)}) as facts
    from profile p
    where p.workspace_id = ${question.workspaceId}::int and ${isWithin(sql`p.id`, range)}
      and p.canonical_id = p.id
  ), merged as materialized (
    select x.id, x.canonical_id from profile x
    where x.workspace_id = ${question.workspaceId}::int and ${isWithin(sql`x.canonical_id`, range)}
      and x.canonical_id <> x.id
  ), term as materialized (
    select g.purpose, (
      select p.ttl_days * 24 from purpose p
      where p.workspace_id = ${question.workspaceId}::int
        and (g.purpose = p.key or starts_with(g.purpose, p.key || '.'))
      order by length(p.key) desc limit 1) as hours
    from unnest(${textArray(question.lineage)}) as g (purpose)
  ), person as (
    select p.id, concat_ws(' ', p.facts, ${sql.join(standingFacts(question), sql`, `)}) as class
    from line p
    left join legal_state l
      on l.workspace_id = ${question.workspaceId}::int and ${isWithin(sql`l.profile_id`, range)}
        and l.profile_id = p.id
    left join (${mergedStanding(question)}) as m on m.id = p.id
    left join (${words(question, range)}) as w on w.id = p.id
    ${sql.join(
      question.caps.map(
        (_, at) => sql`left join (${addressed(question, range, at)}) as ${capName(at)}
          on ${capName(at)}.id = p.id`,
      ),
      sql` `,
    )}
  )`

const isWithin = (id: SQL, { after, upTo }: Range): SQL =>
  sql`${id} > ${after}::text and ${id} <= ${upTo}::text`

// Both lists hold all that the answer depends on; more than it needs makes more classes, and less wrong ones.
const ownFacts = ({ carried, conditions, values, aged, now }: AudienceQuestion): SQL[] => [
  sql`''`,
  ...carried.flatMap(({ key, openedAt }) => [
    sql`coalesce(p.provenance -> ${key}::text ? 'vault', false)`,
    ...(openedAt === null ? [] : [wasSealedBefore(key, openedAt)]),
  ]),
  ...(aged?.keys ?? []).map((key) => wasWrittenBy(key, aged?.by ?? now)),
  ...values.map((path) => sql`coalesce(${traitAt(path, now).sql}::text, '-')`),
  ...conditions,
]

function wasWrittenBy(key: string, at: string): SQL {
  const made = sql`p.provenance -> ${key}::text`
  return sql`coalesce((${made} ->> 'writtenAt')::timestamptz <= ${at}::timestamptz, false)`
}

const standingFacts = (question: AudienceQuestion): SQL[] => [
  sql`l.erased_at is not null or coalesce(m.erased, false)`,
  sql`coalesce(l.restricted, false) or coalesce(m.restricted, false)`,
  sql`coalesce(l.legal_hold, false) or coalesce(m.legal_hold, false)`,
  sql`coalesce(l.objections && ${textArray(question.lineage)}, false) or coalesce(m.objected, false)`,
  sql`coalesce(l.gpc, false) or coalesce(m.gpc, false)`,
  sql`coalesce(${ageOf(question, sql`l.minor_band`)}, '-')`,
  sql`coalesce(m.minor_bands, '-')`,
  sql`case when least(l.jurisdiction, m.jurisdiction) = greatest(l.jurisdiction, m.last_jurisdiction)
    then least(l.jurisdiction, m.jurisdiction) else '-' end`,
  // Holds are few and their reasons are told: each set of them is a class.
  sql`coalesce(nullif(l.holds, '[]')::text, '-')`,
  sql`coalesce(m.holds, '-')`,
  sql`coalesce(w.said, '-')`,
  ...question.caps.map(({ max }, at) => sql`least(coalesce(${capName(at)}.sent, 0), ${max}::int)`),
]

const capName = (at: number) => sql.identifier(`cap${at}`)

function wasSealedBefore(key: string, at: string): SQL {
  const made = sql`p.provenance -> ${key}::text`
  return sql`coalesce((coalesce(${made} ->> 'sealedAt', ${made} ->> 'writtenAt'))::timestamptz
    < ${at}::timestamptz, false)`
}

/** The age that a band stands for: there are hundreds of bands, one for each month, and a dozen ages. */
const ageOf = ({ ages }: AudienceQuestion, band: SQL): SQL =>
  sql`coalesce(${JSON.stringify(ages)}::text::jsonb ->> ${band}, ${band})`

/** The standing of the profiles merged into another one. */
const mergedStanding = (question: AudienceQuestion): SQL => sql`
  select x.canonical_id as id, bool_or(s.erased_at is not null) as erased,
    bool_or(s.restricted) as restricted, bool_or(s.legal_hold) as legal_hold,
    bool_or(s.objections && ${textArray(question.lineage)}) as objected, bool_or(s.gpc) as gpc,
    string_agg(${ageOf(question, sql`s.minor_band`)}, ',' order by s.minor_band) as minor_bands,
    min(s.jurisdiction) as jurisdiction, max(s.jurisdiction) as last_jurisdiction,
    string_agg(nullif(s.holds, '[]')::text, ',' order by s.profile_id) as holds
  from merged x
  join legal_state s on s.workspace_id = ${question.workspaceId}::int and s.profile_id = x.id
    and s.profile_id = any(array(select id from merged))
  group by x.canonical_id`

/** What each person said that speaks to the question, in the order of time. */
const words = (question: AudienceQuestion, range: Range): SQL => sql`
  select id, case when min(home) = max(home) and count(*) = count(distinct at)
    then string_agg(said, ',' order by at) else id end as said
  from (
    ${sql.join(
      [spoken, waiting].flatMap((said) => [
        said(question, sql`k.profile_id`, sql``, isWithin(sql`k.profile_id`, range)),
        said(
          question,
          sql`x.canonical_id`,
          sql`join merged x on x.id = k.profile_id`,
          sql`k.profile_id = any(array(select id from merged))`,
        ),
      ]),
      sql` union all `,
    )}
  ) as spoken
  group by id`

/** Whether a grant has run out is told by its purpose as well, which `term` has. */
const spoken = (
  { workspaceId, lineage, channel, now }: AudienceQuestion,
  id: SQL,
  members: SQL,
  which: SQL,
): SQL => sql`
  select ${id} as id, k.profile_id as home, k.collected_at as at,
    concat_ws(':', k.purpose, k.channel, k.decision, k.basis, k.collected_at > ${now}::timestamptz,
      coalesce(k.expires_at <= ${now}::timestamptz, false) or coalesce(k.decision = 'granted'
        and k.collected_at + make_interval(hours => t.hours) <= ${now}::timestamptz, false),
      k.proof ->> 'method' = any(${textArray(guardianMethods)}),
      coalesce(k.proof ->> 'noticeId', '-'), coalesce(k.proof ->> 'noticeVersion', '-')) as said
  from consent_current k ${members}
  left join term t on t.purpose = k.purpose
  where k.workspace_id = ${workspaceId}::int and ${which}
    and k.purpose = any(${textArray(lineage)}) and k.channel in (${channel}::text, '*')`

/** What was asked for and not confirmed. */
const waiting = (
  { workspaceId, lineage, channel, now }: AudienceQuestion,
  id: SQL,
  members: SQL,
  which: SQL,
): SQL => sql`
  select ${id} as id, k.profile_id as home, k.requested_at as at,
    concat_ws(':', k.purpose, k.channel, 'pending', k.expires_at <= ${now}::timestamptz) as said
  from consent_pending k ${members}
  where k.workspace_id = ${workspaceId}::int and ${which}
    and k.purpose = any(${textArray(lineage)}) and k.channel in (${channel}::text, '*')`

/** How often persons were addressed; `countContacts` tells the same of a few. */
function addressed({ workspaceId, caps }: AudienceQuestion, range: Range, nth: number): SQL {
  const cap = caps[nth]
  if (cap === undefined) return sql`select null::text as id, 0 as sent`
  const one = (id: SQL, from: SQL, which: SQL): SQL => sql`
    select ${id} as id
    from ${from}
    where a.workspace_id = ${workspaceId}::int and ${which}
      and (a.state = 'dispatching' or (a.state = 'approved' and a.attempts > 0)
        or (a.state = 'sent' and a.sent_at > ${cap.since}::timestamptz))
      and ('*' = any(${textArray(cap.channels)}) or a.channel = any(${textArray(cap.channels)}))
      and exists (select from unnest(${textArray(cap.purposes)}) as purpose
        where purpose in ('*', a.purpose) or starts_with(a.purpose, purpose || '.'))`
  return sql`
    select id, count(*)::int as sent from (
      ${one(sql`a.profile_id`, sql`activation a`, isWithin(sql`a.profile_id`, range))}
      union all
      ${one(
        sql`x.canonical_id`,
        sql`activation a join merged x on x.id = a.profile_id`,
        sql`a.profile_id = any(array(select id from merged))`,
      )}
    ) as contact
    group by id`
}

const textArray = (texts: readonly string[]): SQL =>
  sql`array[${sql.join(
    texts.map((text) => sql`${text}::text`),
    sql`, `,
  )}]::text[]`
