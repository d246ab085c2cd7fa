import { createPublicKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { auditUse } from '../../../core/flow/checkpoint.ts'
import { openSealed, placeKey } from '../../../core/openSealed.ts'
import { findProfile } from '../../../core/read/findProfile.ts'
import { endRetention, listKept } from '../../../core/subject/endRetention.ts'
import { eraseByRequest } from '../../../core/subject/eraseRequest.ts'
import { fetchPackage } from '../../../core/subject/fetchPackage.ts'
import { completeRequest, refuseRequestPart } from '../../../core/subject/handleRequest.ts'
import { isReceiptSignedBy, receiptSchema } from '../../../core/subject/receipt.ts'
import { eraseRisen, exportTombstones, replayTombstones } from '../../../core/subject/restore.ts'
import { identify } from '../../support/app.ts'
import { openDesk } from '../../support/requests.ts'
import { findTexts } from '../../support/scan.ts'
import { unzip } from '../../support/unzip.ts'
import { lifeOf, planted } from './given.ts'

type Desk = Awaited<ReturnType<typeof openDesk>>

const { userId, email, name, city } = planted
/** Ada is erased by her request; her address and city are kept for the tax office. */
async function openErased(): Promise<Desk & { ada: string; id: string }> {
  const desk = await openDesk()
  await desk.send(...lifeOf())
  const ada = await desk.profileOf(userId)
  const { id } = await desk.ask(userId, 'erasure', {}, 'verified')
  await keep(desk, id, 'trait:email', 'trait:city')
  await eraseByRequest(desk.officer, { id, reason: 'consent_withdrawn' })
  return { ...desk, ada, id }
}

async function keep(desk: Desk, id: string, ...parts: string[]): Promise<void> {
  for (const part of parts) {
    await refuseRequestPart(desk.officer, { id, part, reason: 'legal_obligation' })
  }
}

/** Whatever can be read with any key that is left: every sealed row of the vault. */
async function readable(desk: Desk): Promise<string[]> {
  const rows = await desk.sql<{ profileId: string; key: string }[]>`
    select profile_id as "profileId", key from vault order by key`
  const opened = await openSealed(desk.board, desk.workspaceId, rows)
  return rows.map((row) => opened.get(placeKey(row)) ?? `unreadable ${row.key}`)
}

const receiptOf = async ({ sql }: Desk) => {
  const [row] = await sql<{ receipt: string }[]>`
    select receipt from erasure_receipt order by id desc limit 1`
  return receiptSchema.parse(JSON.parse(row?.receipt ?? ''))
}

const rowsSchema = z.array(z.record(z.string(), z.json()))

async function traitsFor(desk: Desk, kind: string): Promise<z.infer<typeof rowsSchema>> {
  const { id } = await desk.ask(userId, kind, {}, 'verified')
  const { chunks } = await fetchPackage(desk.officer, id)
  const files = unzip(Buffer.concat(await Array.fromAsync(chunks)))
  return rowsSchema.parse(JSON.parse(files.get('traits.json') ?? ''))
}

describe('an erasure that keeps what a law demands (Art. 17(3))', () => {
  test('leaves the kept traits alone, sealed, and nothing else of the person anywhere', async () => {
    await using desk = await openErased()
    expect(await findTexts(desk.sql, Object.values(planted))).toEqual([])
    expect((await readable(desk)).join(' ')).toBe(`"${city}" "${email}"`)
    expect(await desk.sql`select from profile_key`).toHaveLength(2)
    const [shell] = await desk.sql`
      select traits, erased_at is not null as erased from profile where id = ${desk.ada}`
    expect(shell).toEqual({ traits: {}, erased: true })
    expect(await completeRequest(desk.officer, desk.id)).toMatchObject({
      state: 'partially_completed',
    })
  })

  test('says on the signed receipt what was kept, how many and why', async () => {
    await using desk = await openErased()
    const receipt = await receiptOf(desk)
    const reason = 'legal_obligation'
    expect(receipt.kept).toEqual([
      { part: 'trait:email', values: 1, reason },
      { part: 'trait:city', values: 1, reason },
    ])
    const key = createPublicKey(desk.board.vault.signingKey(auditUse))
    expect(isReceiptSignedBy(receipt, key)).toBe(true)
    const { kept: _, ...silent } = receipt
    expect(isReceiptSignedBy(silent, key)).toBe(false)
    expect((await desk.audited()).at(-1)).toMatchObject({
      action: 'subject_request.erased',
      payload: { kept: ['trait:email', 'trait:city'] },
    })
  })

  test('hands what is kept to the person and to nobody else', async () => {
    await using desk = await openErased()
    const rows = await traitsFor(desk, 'access')
    expect(rows.map(({ key, value, origin }) => [key, value, origin])).toEqual([
      ['email', email, 'kept'],
      ['city', city, 'kept'],
    ])
    expect(rows[0]?.['logic']).toMatch(/Art\. 17\(3\)/)
    const app = await desk.reader('app')
    for (const by of [app, desk.officer]) {
      expect(await findProfile(by, { id: desk.ada })).toBeNull()
    }
    await expect(listKept(app, [desk.id])).rejects.toMatchObject({ code: 'forbidden' })
    await expect(endRetention(app, { id: desk.id })).rejects.toMatchObject({ code: 'forbidden' })
    // Portability, restriction and the rest find nobody: nothing is done with what is kept.
    expect(await desk.ask(userId, 'portability')).toMatchObject({ profileIds: [] })
    expect(await desk.ask('stranger', 'access')).toMatchObject({ profileIds: [] })
  })

  test('keeps late events out by the tombstones', async () => {
    await using desk = await openErased()
    const answers = await desk.send(...lifeOf(), identify('new', { email }))
    expect(answers.every((answer) => 'code' in answer && answer.code === 'subject_erased')).toBe(
      true,
    )
    expect((await readable(desk)).length).toBe(2)
  })

  test('erases what was kept when its reason ends, part by part, once', async () => {
    await using desk = await openErased()
    await completeRequest(desk.officer, desk.id)
    await endRetention(desk.officer, { id: desk.id, part: 'trait:city' })
    expect(await readable(desk)).toEqual([`"${email}"`])
    await endRetention(desk.officer, { id: desk.id })
    expect(await readable(desk)).toEqual([])
    expect(await desk.sql`select from profile_key`).toHaveLength(0)
    const again = endRetention(desk.officer, { id: desk.id })
    await expect(again).rejects.toMatchObject({ code: 'request_step_refused' })
    expect((await desk.acts(desk.id)).slice(-3)).toEqual([
      'completed',
      'retention_ended',
      'retention_ended',
    ])
    expect(await desk.ask(userId, 'access')).toMatchObject({ profileIds: [] })
    const [parts] = await listKept(desk.officer, [desk.id])
    expect(parts?.map(({ part, endedAt }) => [part, endedAt !== null])).toEqual([
      ['trait:email', true],
      ['trait:city', true],
    ])
  })

  test('erases what was kept by a later request that does not refuse it', async () => {
    await using desk = await openErased()
    const { id } = await desk.ask(userId, 'erasure', {}, 'verified')
    await keep(desk, id, 'trait:email')
    await eraseByRequest(desk.officer, { id, reason: 'no_longer_needed' })
    expect(await readable(desk)).toEqual([`"${email}"`])
    const last = await desk.ask(userId, 'erasure', {}, 'verified')
    await eraseByRequest(desk.officer, { id: last.id, reason: 'no_longer_needed' })
    expect(await readable(desk)).toEqual([])
    expect(await completeRequest(desk.officer, last.id)).toMatchObject({ state: 'completed' })
    expect(await desk.sql`select from erasure_receipt`).toHaveLength(1)
  })
})

test.each([
  ['events', 'legal_obligation', 'erasure_not_partial'],
  ['trait:city', 'too_many_requests', 'erasure_not_partial'],
  ['trait:citty', 'legal_obligation', 'kept_trait_unknown'],
])('nothing is erased where %s is to be kept for %s (refused)', async (part, reason, code) => {
  await using desk = await openDesk()
  await desk.send(...lifeOf())
  const { id } = await desk.ask(userId, 'erasure', {}, 'verified')
  await refuseRequestPart(desk.officer, { id, part, reason })
  const erasing = eraseByRequest(desk.officer, { id, reason: 'unlawful' })
  await expect(erasing).rejects.toMatchObject({ code })
  expect(await findTexts(desk.sql, [city])).not.toEqual([])
})

describe('a restored backup', () => {
  const tables = [
    'profile',
    'profile_key',
    'vault',
    'event',
    'identifier',
    'edge',
    'change',
  ] as const
  const later = ['legal_state', 'legal_state_version', 'tombstone', 'erasure_receipt', 'retention']

  async function backupOf({ sql }: Desk): Promise<() => Promise<void>> {
    const backup = new Map<string, string>()
    for (const table of [...tables, ...later]) {
      const [row] = await sql<{ rows: string }[]>`
        select coalesce(json_agg(t), '[]')::text as rows from ${sql(table)} t`
      backup.set(table, row?.rows ?? '[]')
    }
    return async () => {
      for (const [table, rows] of backup) {
        await sql`alter table ${sql(table)} disable trigger user`
        await sql`delete from ${sql(table)}`
        await sql`insert into ${sql(table)}
          select * from json_populate_recordset(null::${sql(table)}, ${rows}::text::json)`
        await sql`alter table ${sql(table)} enable trigger user`
      }
    }
  }

  test('from before the erasure keeps again what was kept, and no more', async () => {
    await using desk = await openDesk()
    await desk.send(...lifeOf())
    const restore = await backupOf(desk)
    const { id } = await desk.ask(userId, 'erasure', {}, 'verified')
    await keep(desk, id, 'trait:email', 'trait:city')
    await eraseByRequest(desk.officer, { id, reason: 'consent_withdrawn' })
    await endRetention(desk.officer, { id, part: 'trait:city' })
    const lines = await exportTombstones(desk.board, desk.workspaceId, '')
    expect(lines.join('\n')).not.toMatch(new RegExp(`${email}|${name}`))
    await restore()
    const replay = () => replayTombstones(desk.board, desk.workspaceId, lines)
    expect(await replay()).toMatchObject({ erased: 1 })
    expect(await readable(desk)).toEqual([`"${email}"`])
    expect(await findTexts(desk.sql, Object.values(planted))).toEqual([])
    expect(await replay()).toEqual({ restored: 0, erased: 0 })
    expect(await readable(desk)).toEqual([`"${email}"`])
  })

  test('from after it brings back nothing whose reason has ended', async () => {
    await using desk = await openErased()
    const restore = await backupOf(desk)
    await endRetention(desk.officer, { id: desk.id, part: 'trait:city' })
    const lines = await exportTombstones(desk.board, desk.workspaceId, '')
    await restore()
    expect((await readable(desk)).join(' ')).toContain(city)
    expect(await eraseRisen(desk.board, desk.workspaceId)).toBe(0)
    await replayTombstones(desk.board, desk.workspaceId, lines)
    expect(await readable(desk)).toEqual([`"${email}"`])
  })
})
