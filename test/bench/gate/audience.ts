import type { Sql } from 'postgres'
import { listAudience } from '../../../blackboard/query/groupAudience.ts'
import { transact } from '../../../blackboard/transact.ts'
import { assemble, rulesOf, type GateDeps } from '../../../core/flow/gate/assemble.ts'
import {
  asOfNow,
  audienceQuestion,
  audienceRow,
  gateAudience,
  judgeAudience,
} from '../../../core/flow/gate/audience.ts'
import { judge } from '../../../core/flow/gate/gate.ts'
import type { GateVerdict } from '../../../core/flow/gate/input.ts'
import { proposalSchema } from '../../../core/model/activation.ts'
import { openBench } from '../bench.ts'
import { countGermans, insertCustomers } from '../customers.ts'
import type { Report } from '../figure.ts'

const profiles = Number(process.env['SLATEBOARD_BENCH_PROFILES'] ?? 1_000_000)

/** Persons of whom each is decided alone as well, to compare. */
const sampleSize = 2000

/**
 * The gate asked for a million persons at once. A third has no word on the purpose, others granted, refused,
 * withdrew, let it expire or said several things; some are restricted, held, young, or without a country. One in 50
 * was merged into another, and every tenth of these has words about consent of its own.
 * Beside it one count over the same table by one condition, the least that any answer costs.
 */
export async function benchAudience(report: Report): Promise<void> {
  await using bench = await openBench({ works: false })
  const { board, workspaceId } = bench.app
  await fill(board.db.sql, workspaceId)
  const deps: GateDeps = { ...bench.app, crew: bench.app.registry }
  const raw = await countGermans(board.db.sql, workspaceId)
  const started = performance.now()
  const audience = await gateAudience(deps, workspaceId, proposer, proposal)
  const took = (performance.now() - started) / 1000
  report({
    bench: 'gate',
    figure: 'audienceSeconds',
    value: took,
    unit: 's',
    engine: bench.engine,
    baseline: 'one count by one condition',
    ratio: took / raw,
    profiles: audience.profiles,
    answers: audience.answers.length,
  })
  report({
    bench: 'gate',
    figure: 'audienceDifferences',
    value: await countDifferences(deps, workspaceId),
    unit: `of ${sampleSize} decided one by one`,
    engine: bench.engine,
  })
}

const proposer = {
  proposerKind: 'principal',
  proposerId: 'bench',
  role: 'admin',
  name: null,
} as const

const proposal = proposalSchema.parse({
  purpose: 'marketing.promotion',
  channel: 'email',
  fields: ['plan'],
})

/** Decides some alone, and asks whether the class that each is in was given the same answer. */
async function countDifferences(moving: GateDeps, workspaceId: number): Promise<number> {
  const deps = asOfNow(moving)
  const { board } = deps
  const rules = await rulesOf(deps, workspaceId)
  const sample = await board.db.sql<{ id: string }[]>`
    select id from profile where workspace_id = ${workspaceId} and canonical_id = id
    order by hashtext(id) limit ${sampleSize}`
  const rows = sample.map(({ id }) => audienceRow(workspaceId, proposer, proposal, id))
  const verdicts = await judgeAudience(deps, workspaceId, proposer, proposal)
  const question = audienceQuestion(deps, rules, audienceRow(workspaceId, proposer, proposal, ''))
  const classes = new Map(verdicts.map((each) => [each.class, textOf(each.verdict)]))
  return transact(board.db, async (tx) => {
    const assembly = await assemble(tx, deps, rules, rows)
    let differences = 0
    for (const row of rows) {
      const before = row.profileId.slice(0, -1)
      const members = await listAudience(tx, question, { after: before, upTo: row.profileId })
      const mine = members.find(({ profileId }) => profileId === row.profileId)
      const [judged] = judge(deps, assembly, row)
      if (!judged || textOf(judged.verdict) !== classes.get(mine?.class ?? '')) differences += 1
    }
    return differences
  })
}

const textOf = ({ outcome, reason, obligations }: GateVerdict): string =>
  JSON.stringify([outcome, reason, obligations])

async function fill(sql: Sql, workspaceId: number): Promise<void> {
  // Every fiftieth was merged into the one before.
  await insertCustomers(sql, workspaceId, { count: profiles, mergedEvery: 50 })
  await sql`
    insert into legal_state (workspace_id, profile_id, restricted, legal_hold, objections, gpc, minor_band,
      jurisdiction, holds, updated_at)
    select ${workspaceId}, id, h % 50 = 0, h % 500 = 1, case when h % 40 = 2 then '{marketing}' else '{}' end::text[],
      h % 30 = 3, case when h % 100 = 4 then 'born_before_' || (2009 + h % 14) || '-0' || (1 + h % 9) end, (array['DE', 'FR', 'US-CA', 'BR', null])[1 + h % 5],
      case when h % 60 = 5 then '[{"agent": "support-shield/watch", "purpose": "marketing", "reason": "complaint_open"}]'
        else '[]' end::jsonb, now()
    from (select id, abs(hashtext(id)) as h from profile where workspace_id = ${workspaceId}) as p`
  await sql`
    insert into consent_current (workspace_id, profile_id, purpose, channel, consent_id, decision, basis, proof,
      collected_at, expires_at)
    select ${workspaceId}, id, said.purpose, said.channel, id || '-' || said.channel, said.decision, 'consent', '{}',
      now() - interval '1 day' * (h % 300) - interval '1 hour' * length(said.channel), said.expires_at
    from (
      select id, abs(hashtext(id || 'c')) as h from profile
      where workspace_id = ${workspaceId} and (canonical_id = id or hashtext(id) % 10 = 0)
    ) as p
    cross join lateral (
      select 'marketing' as purpose, '*' as channel, case when h % 7 = 0 then 'denied' else 'granted' end as decision,
        case when h % 11 = 0 then now() - interval '1 hour' end as expires_at where h % 3 > 0
      union all
      select 'marketing.promotion', 'email', case when h % 4 = 0 then 'withdrawn' else 'granted' end, null where h % 5 = 0
    ) as said`
  await sql`vacuum analyze profile, legal_state, consent_current`
}
