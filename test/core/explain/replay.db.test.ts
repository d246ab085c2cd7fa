import { expect, test } from 'vitest'
import { tellReplay } from '../../../core/explain/tellReplay.ts'
import { setJurisdiction } from '../../../core/flow/setJurisdiction.ts'
import { chainAudit } from '../../../core/flow/record.ts'
import { replayDecision, findRecord } from '../../../core/explain/replay.ts'
import type { Replay } from '../../../core/explain/replay.ts'
import { decisionInputsSchema } from '../../../core/model/decisionInputs.ts'
import { fail } from '../../../core/errors.ts'
import { activatePolicy } from '../../support/activatePolicy.ts'
import { alias, identify } from '../../support/app.ts'
import { openOutward, type Outward } from '../../support/outward.ts'
import { erase } from '../subject/given.ts'
import { capped, installProber, live, policyOf } from './life.ts'

async function replay({ app }: Outward, key: { profileId: string; id: string }): Promise<Replay> {
  const record = await findRecord(app.board, app.workspaceId, key)
  if (record === undefined) throw new TypeError(`no decision ${key.id}`)
  return (await replayDecision(app.board, app.workspaceId, record)).replay
}

const decisionsOf = ({ app }: Outward) =>
  app.sql<{ profileId: string; id: string; outcome: string; reason: string }[]>`
    select profile_id as "profileId", id, outcome, reason from decision order by id`

/** The decision about one proposal that was allowed. */
async function allowed(out: Outward) {
  await out.app.send(identify('ada', { plan: 'pro' }))
  await out.say('ada', 'granted')
  await out.propose('ada', { fields: ['plan'] })
  const [decision] = await decisionsOf(out)
  if (decision === undefined) throw new TypeError('nothing was decided')
  expect(decision.outcome).toBe('allow')
  return decision
}

/** What nobody may do and this test does: the wall and the triggers of a table are off for a moment. */
async function tamper({ app }: Outward, table: string, change: string): Promise<void> {
  await app.sql.unsafe(`alter table ${table} disable trigger user`)
  await app.sql.unsafe(`update ${table} set ${change}`)
  await app.sql.unsafe(`alter table ${table} enable trigger user`)
}

test.each([1, 2, 3])(
  'every decision of a busy life gives the same answer later, when all it rested on has changed (%i)',
  async (seed) => {
    await using out = await openOutward()
    const { app } = out
    await live(out, seed, 90)
    // Later: other words, other rules, another plugin, another definition, one person more merged.
    for (const user of ['ada', 'eve', 'joe']) {
      await out.say(user, 'withdrawn', { purpose: 'marketing', channel: '*' })
    }
    await app.send(alias('eve', 'joe'), identify('kim', { plan: 'team', score: 1 }))
    await activatePolicy(app, policyOf([], capped), 900)
    await installProber(out, '2.0.0', 'minor')
    await app.registry.remove(app.workspaceId, 'probe', 'test')
    await app.sql`
      update trait_definition set purposes = '{service}', data_class = 'special',
        version = version + 1 where key = 'plan'`
    await app.sql`update legal_state set restricted = not restricted, holds = '[]', gpc = true`
    await app.sql`update purpose set bases = '{contract}', needs_grant = false`
    out.clock.advance(30 * 86_400_000)

    const decisions = await decisionsOf(out)
    expect(decisions.length).toBeGreaterThan(20)
    expect(new Set(decisions.map(({ reason }) => reason)).size).toBeGreaterThan(5)
    const answers: [string, Replay][] = []
    for (const key of decisions) answers.push([`${key.id} ${key.reason}`, await replay(out, key)])
    expect(answers.filter(([, { answer }]) => answer !== 'same')).toEqual([])
  },
)

test('a child’s own grant that ran out beside a guardian’s that stood gives the same answer later', async () => {
  await using out = await openOutward()
  const { app, clock } = out
  const year = clock.now().getUTCFullYear()
  await app.send(identify('kid', { birthday: `${year - 12}-03-17` }))
  const subject = { namespace: 'user_id', value: 'kid' }
  await setJurisdiction(app.board, app.workspaceId, 'test', { subject, jurisdiction: 'US-CA' })
  await out.say('kid', 'granted', { proof: { method: 'parental:signed_form' } })
  const expiresAt = new Date(clock.now().getTime() + 60_000)
  await out.say('kid', 'granted', { expiresAt })
  await out.propose('kid')
  clock.advance(120_000)
  await out.propose('kid')
  await out.say('kid', 'denied')
  await out.propose('kid')
  const found = await decisionsOf(out)
  expect(found.map(({ outcome }) => outcome)).toEqual(['allow', 'allow', 'refuse'])
  for (const key of found) expect(await replay(out, key)).toMatchObject({ answer: 'same' })
})

test('tells which word of the answer another ledger would give', async () => {
  await using out = await openOutward()
  const key = await allowed(out)
  expect(await replay(out, key)).toMatchObject({ answer: 'same', differences: [] })
  await tamper(out, 'consent_event', "decision = 'denied'")
  const { answer, differences } = await replay(out, key)
  expect(answer).toBe('differs')
  expect(differences.map(({ where }) => where)).toContain('checks.lawful_basis.verdict')
  expect(differences[0]).toEqual({ where: 'outcome', recorded: '"allow"', replayed: '"refuse"' })
})

test('tells a verdict that was rewritten', async () => {
  await using out = await openOutward()
  const key = await allowed(out)
  await out.app.sql`
    update decision set checks = replace(checks::text, '"consent"', '"contract"')::jsonb`
  expect(await replay(out, key)).toMatchObject({
    answer: 'differs',
    differences: [
      { where: 'checks.lawful_basis.reason', recorded: '"contract"', replayed: '"consent"' },
    ],
  })
})

test('tells a policy, a setting, a ledger entry and a standing that are not what they were', async () => {
  await using out = await openOutward()
  const key = await allowed(out)
  const whereOf = async () => (await replay(out, key)).differences.map(({ where }) => where)
  await tamper(out, 'policy_version', "document = jsonb_set(document, '{title}', '\"Other\"')")
  expect(await whereOf()).toEqual(['policy'])
  await tamper(out, 'decision_setting', `content = jsonb_set(content, '{channels}', '{}')`)
  expect(await whereOf()).toEqual(['policy', 'setting'])
  await out.app.sql.unsafe('alter table consent_event disable trigger user')
  await out.app.sql`delete from consent_event`
  expect(await whereOf()).toEqual(['policy', 'setting', 'consent'])
})

test('tells a standing that was put in afterwards', async () => {
  await using out = await openOutward()
  await out.app.send(identify('ada', { plan: 'pro' }))
  await out.say('ada', 'granted')
  await out.app.sql`update legal_state set objections = '{analytics}'`
  const key = await allowed(out)
  await tamper(out, 'legal_state_version', "objections = '{marketing}'")
  const { answer, differences } = await replay(out, key)
  expect(answer).toBe('differs')
  expect(differences.map(({ where }) => where)).toContain('checks.objection.verdict')
})

test('tells inputs and answer that were rewritten to agree, by the word of the audit log', async () => {
  await using out = await openOutward()
  const { sql, board } = out.app
  const { id: allowedId } = await allowed(out)
  await out.say('ada', 'withdrawn')
  await out.propose('ada', { fields: ['plan'] })
  const key = (await decisionsOf(out)).find(({ outcome }) => outcome === 'refuse')
  if (key === undefined) throw new TypeError('nothing was refused')
  expect(await replay(out, key)).toMatchObject({ answer: 'same', audited: true })
  // As if they had still agreed: what the one was made from and came to, under the name of the other.
  await sql`
    update decision d set inputs = other.inputs, checks = other.checks, outcome = other.outcome,
      reason = other.reason, obligations = other.obligations, valid_until = other.valid_until
    from decision other where other.id = ${allowedId} and d.id = ${key.id}`
  const told = await replay(out, key)
  expect(told).toMatchObject({ answer: 'differs', audited: true })
  expect(told.differences.map(({ where }) => where)).toEqual([
    'audit.outcome',
    'audit.reason',
    'audit.checks.lawful_basis',
    'audit.inputs',
  ])
  // On the chain it is found as well.
  await chainAudit(board)
  expect((await replay(out, key)).differences).toEqual(told.differences)
})

test('tells inputs that were rewritten where the answer stays', async () => {
  await using out = await openOutward()
  const key = await allowed(out)
  await out.app.sql`
    update decision set inputs = jsonb_set(inputs, '{createdAt}', '"2020-01-01T00:00:00.000Z"')`
  const { differences } = await replay(out, key)
  expect(differences.map(({ where }) => where)).toEqual(['audit.inputs'])
})

test('says so where the audit log has no digest of what a decision was made from', async () => {
  await using out = await openOutward()
  const key = await allowed(out)
  expect(tellReplay(await replay(out, key))).not.toContain('is not shown')
  await out.app.sql`update audit_inbox set payload = payload - 'inputs' - 'policyHash'`
  const unheld = await replay(out, key)
  expect(unheld).toMatchObject({ answer: 'same', audited: false })
  expect(tellReplay(unheld)).toContain('is not shown')
})

test('cannot make a decision again that was recorded before inputs were, and says so', async () => {
  await using out = await openOutward()
  const key = await allowed(out)
  await out.app.sql`update decision set inputs = null`
  expect(await replay(out, key)).toMatchObject({
    answer: 'differs',
    differences: [{ where: 'audit.inputs', replayed: 'nothing' }],
  })
  await out.app.sql`update audit_inbox set payload = payload - 'inputs'`
  expect(await replay(out, key)).toMatchObject({
    answer: 'impossible',
    obstacle: 'recorded_before_inputs',
  })
})

test('cannot make a decision again about a person who was erased, and keeps nothing of how they stood', async () => {
  await using out = await openOutward()
  await out.app.send(identify('ada', { plan: 'pro' }))
  await out.say('ada', 'granted')
  await out.app.sql`update legal_state set objections = '{analytics}', jurisdiction = 'DE'`
  const key = await allowed(out)
  await erase(out.app, await out.app.profileOf('ada'))
  expect(await replay(out, key)).toMatchObject({ answer: 'impossible', obstacle: 'erased' })
  const kept = await out.app.sql`select objections, jurisdiction from legal_state_version`
  expect(kept).toEqual([{ objections: [], jurisdiction: null }])
})

test('names the build that decided when it is another one', async () => {
  await using out = await openOutward()
  const key = await allowed(out)
  await out.app.sql`update decision set engine = '0.0.1'`
  expect(await replay(out, key)).toMatchObject({
    answer: 'same',
    engine: { recorded: '0.0.1', running: out.app.board.engine },
  })
})

test('keeps no value of a person but what the policy asks for', async () => {
  await using out = await openOutward()
  const { sql } = out.app
  await out.app.send(
    identify('ada', { plan: 'pro', do_not_contact: false, email: 'ada@example.com' }),
  )
  await out.say('ada', 'granted')
  await out.propose('ada', { fields: ['plan', 'email'], content: { text: 'a secret offer' } })
  const [row] = await sql<{ inputs: unknown }[]>`select inputs from decision`
  if (row === undefined) throw fail('internal', { where: 'test' })
  expect(decisionInputsSchema.parse(row.inputs).asked).toEqual({ do_not_contact: false })
  expect(JSON.stringify(row.inputs)).not.toMatch(/ada@|secret|"pro"/)
})

test('a standing has another version whenever it changes, whoever changed it', async () => {
  await using out = await openOutward()
  const { sql } = out.app
  await out.say('ada', 'granted')
  const versionOf = async () =>
    (await sql<{ version: number }[]>`select version from legal_state`)[0]?.version ?? -1
  const before = await versionOf()
  await sql`update legal_state set gpc = true`
  expect(await versionOf()).toBe(before + 1)
  await sql`update legal_state set gpc = true, updated_at = now()`
  expect(await versionOf()).toBe(before + 1)
  await sql`update legal_state set version = version + 1`
  const kept = await sql`select version, gpc from legal_state_version order by version`
  expect(kept).toEqual([{ version: before + 1, gpc: true }])
  await expect(sql`update legal_state_version set gpc = false`).rejects.toThrow(/append-only/)
  await expect(sql`delete from legal_state_version`).rejects.toThrow(/append-only/)
})
