import { expect, test } from 'vitest'
import type { JsonObject } from '../../core/model/json.ts'
import { shippedPolicy } from '../../policies/shipped.ts'
import { openTestDatabase } from '../support/database.ts'
import { putInForce } from '../support/putInForce.ts'

// Written as somebody with a console on the database would: no program of ours stands in between.
async function open() {
  const db = await openTestDatabase()
  const { sql } = db
  await sql`insert into workspace (id, name) overriding system value values (7, 'test')`
  const { document } = shippedPolicy()
  for (const number of [1, 2]) await putInForce(sql, { workspaceId: 7, number, document })
  let next = 2
  /** A draft, moved as far as asked for. */
  async function version(
    status: 'draft' | 'proposed' | 'approved',
    widens = false,
  ): Promise<number> {
    next += 1
    await sql`
      insert into policy_version (workspace_id, number, status, title, document, document_sha256, author,
        reason, created_at)
      values (7, ${next}, 'draft', 't', '{}', 'h', 'principal:author', 'r', now())`
    if (status === 'draft') return next
    await sql`
      update policy_version set status = 'proposed', widens = ${widens}, compared_with = 2
      where number = ${next}`
    if (status === 'proposed') return next
    for (const name of ['a', 'b']) await approve(next, `principal:${name}`)
    await sql`update policy_version set status = 'approved' where number = ${next}`
    return next
  }
  const approve = (number: number, approver: string, author = 'principal:author') => sql`
    insert into policy_approval (workspace_id, number, approver, author, approved_at)
    values (7, ${number}, ${approver}, ${author}, now())`
  const set = (number: number, values: JsonObject) =>
    sql`update policy_version set ${sql(values)} where number = ${number}`
  const retire = () => sql`update policy_version set status = 'retired' where status = 'active'`
  return {
    sql,
    version,
    approve,
    set,
    retire,
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}

const broken = (sentence: string) => ({ constraint_name: sentence })
const now = '2026-11-21T12:00:00Z'

test('lets a version go its way: proposed, approved, active, retired and back', async () => {
  await using db = await open()
  const number = await db.version('approved')
  await db.retire()
  await db.set(number, { status: 'active', activated_at: now, previous: 2 })
  await db.retire()
  await db.set(2, { status: 'active' })
  const [row] = await db.sql`select number from policy_version where status = 'active'`
  expect(row).toEqual({ number: 2 })
})

test('keeps what a version says as it was written, and the version itself', async () => {
  await using db = await open()
  const number = await db.version('draft')
  const changes: JsonObject[] = [
    { title: 'x' },
    { document_sha256: 'x' },
    { author: 'principal:x' },
    { reason: 'x' },
    { created_at: now },
    { number: 99 },
  ]
  for (const change of changes) {
    await expect(db.set(number, change)).rejects.toMatchObject(
      broken('policy_version_never_changes'),
    )
  }
  const other = db.sql`update policy_version set document = '{"rules":[]}' where number = ${number}`
  await expect(other).rejects.toMatchObject(broken('policy_version_never_changes'))
  await expect(db.set(2, { previous: null })).rejects.toMatchObject(
    broken('policy_version_never_changes'),
  )
  for (const table of ['policy_version', 'policy_approval']) {
    await expect(db.sql.unsafe(`delete from ${table}`)).rejects.toMatchObject({ code: '23001' })
    await expect(db.sql.unsafe(`truncate ${table} cascade`)).rejects.toMatchObject({
      code: '23001',
    })
  }
})

test('refuses the approval of the author, two of one person, and one of nobody', async () => {
  await using db = await open()
  const number = await db.version('proposed')
  await expect(db.approve(number, 'principal:author')).rejects.toMatchObject(
    broken('policy_author_does_not_approve'),
  )
  // Saying that somebody else was the author does not help.
  await expect(db.approve(number, 'principal:author', 'principal:somebody')).rejects.toMatchObject(
    broken('policy_approval_names_the_author_of_its_version'),
  )
  await expect(db.approve(number, 'agent:a/b')).rejects.toMatchObject(
    broken('policy_is_approved_by_a_principal'),
  )
  await db.approve(number, 'principal:a')
  await expect(db.approve(number, 'principal:a')).rejects.toMatchObject(
    broken('policy_approval_pkey'),
  )
  await expect(db.sql`update policy_approval set approver = 'principal:b'`).rejects.toMatchObject({
    code: '23001',
  })
})

test('refuses approvals of what is not proposed', async () => {
  await using db = await open()
  for (const number of [await db.version('draft'), 1, 2]) {
    await expect(
      db.approve(number, 'principal:x', number > 2 ? undefined : 'test'),
    ).rejects.toMatchObject(broken('policy_is_approved_once_proposed'))
  }
})

test('refuses to call approved or active what lacks its approvals', async () => {
  await using db = await open()
  const number = await db.version('proposed', true)
  await db.approve(number, 'principal:a')
  await expect(db.set(number, { status: 'approved' })).rejects.toMatchObject(
    broken('policy_needs_its_approvals'),
  )
  await expect(db.set(number, { widens: false })).rejects.toMatchObject(
    broken('policy_widens_whatever_it_says'),
  )
  await db.retire()
  const active = { status: 'active', activated_at: now, previous: 2 }
  await expect(db.set(number, active)).rejects.toMatchObject(broken('policy_needs_its_approvals'))
  const glass = { break_glass_by: 'x', break_glass_reason: 'x' }
  const day = { ...glass, break_glass_until: '2026-11-22T12:00:01Z' }
  await expect(db.set(number, { ...active, ...day })).rejects.toMatchObject(
    broken('policy_glass_is_broken_for_a_day_at_most'),
  )
  await expect(
    db.set(number, { ...active, break_glass_until: '2026-11-21T13:00:00Z' }),
  ).rejects.toMatchObject(broken('policy_glass_is_broken_for_a_day_at_most'))
  await db.set(number, { ...active, ...glass, break_glass_until: '2026-11-21T13:00:00Z' })
  for (const until of ['2026-11-21T14:00:00Z', null]) {
    await expect(db.set(number, { break_glass_until: until })).rejects.toMatchObject(
      broken('policy_glass_is_mended_by_approvals'),
    )
  }
  await db.retire()
  await expect(db.set(number, { status: 'active', break_glass_until: null })).rejects.toMatchObject(
    broken('policy_returns_only_if_it_was_approved_and_active'),
  )
})

test('refuses steps that there are not', async () => {
  await using db = await open()
  const draft = await db.version('draft')
  const proposed = await db.version('proposed')
  const approved = await db.version('approved')
  const cases: [number, string, string][] = [
    [draft, 'approved', 'policy_status_goes_its_way'],
    [draft, 'shadow', 'policy_status_goes_its_way'],
    [proposed, 'draft', 'policy_status_goes_its_way'],
    [approved, 'proposed', 'policy_status_goes_its_way'],
    [2, 'draft', 'policy_status_goes_its_way'],
    [draft, 'proposed', 'policy_is_judged_before_it_is_proposed'],
  ]
  for (const [number, status, sentence] of cases) {
    await expect(db.set(number, { status }), `${number} ${status}`).rejects.toMatchObject(
      broken(sentence),
    )
  }
  await db.set(proposed, { status: 'retired' })
  await expect(db.set(proposed, { status: 'active', activated_at: now })).rejects.toMatchObject(
    broken('policy_returns_only_if_it_was_approved_and_active'),
  )
  const born = db.sql`
    insert into policy_version (workspace_id, number, status, title, document, document_sha256, author,
      reason, created_at, widens, activated_at)
    values (7, 90, 'active', 't', '{}', 'h', 'principal:author', 'r', now(), false, now())`
  await expect(born).rejects.toMatchObject(broken('policy_begins_as_a_draft'))
})

test('refuses a version that was judged against another than it replaces, and a second active one', async () => {
  await using db = await open()
  const number = await db.version('approved')
  await expect(
    db.set(number, { status: 'active', activated_at: now, previous: 2 }),
  ).rejects.toMatchObject(broken('policy_has_one_active_version'))
  await db.retire()
  await expect(
    db.set(number, { status: 'active', activated_at: now, previous: 1 }),
  ).rejects.toMatchObject(broken('policy_is_judged_against_what_it_replaces'))
})
