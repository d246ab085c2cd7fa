import { describe, expect, test } from 'vitest'
import type { Identifier } from '../../../core/model/identifier.ts'
import { liftTombstone } from '../../../core/subject/tombstone.ts'
import { eraseRisen, exportTombstones, replayTombstones } from '../../../core/subject/restore.ts'
import { findTexts } from '../../support/scan.ts'
import { identify, openTestApp, testClock, track, type TestApp } from '../../support/app.ts'
import { erase, lifeOf, planted } from './given.ts'

const email: Identifier = { namespace: 'email', value: planted.email }

async function openErased() {
  const clock = testClock()
  const app = await openTestApp({ works: false, clock })
  await app.send(...lifeOf())
  const ada = await app.profileOf(planted.userId)
  const receipt = await erase(app, ada)
  clock.advance(60_000)
  const lift = (subject = email) =>
    liftTombstone(app.board, app.workspaceId, { subject, by: 'principal:officer' })
  const now = { timestamp: clock.now(), receivedAt: clock.now() }
  return { ...app, clock, ada, receipt, lift, now }
}

describe('somebody who came back', () => {
  test('is a new person by all their identifiers once the tombstone of one was lifted', async () => {
    await using app = await openErased()
    expect(await app.lift()).toEqual({ receiptId: app.receipt.id, lifted: app.receipt.tombstones })
    app.clock.advance(1)
    const later = { timestamp: app.clock.now() }
    const back = identify(planted.userId, { email: planted.email, city: 'Paris' }, later)
    expect(await app.send(back)).toMatchObject([{ status: 'accepted' }])
    const id = await app.profileOf(planted.userId)
    expect(id).not.toBe(app.ada)
    const [profile] = await app.sql`select traits from profile where id = ${id}`
    expect(profile?.['traits']).toEqual({ city: 'Paris' })
    expect(await app.sql`select from consent_current`).toHaveLength(0)
  })

  test('is not known again by anything from before that (refused)', async () => {
    await using app = await openErased()
    const old = track(planted.userId, 'Old', { note: planted.note }, app.now)
    expect(await app.send(old)).toMatchObject([{ code: 'subject_erased' }])
    app.clock.advance(1)
    await app.lift()
    app.clock.advance(1)
    const replayed = [old, ...lifeOf().map((event) => ({ ...event, ...app.now }))]
    const answers = await app.send(...replayed)
    expect(answers.map((answer) => 'code' in answer && answer.code)).toEqual(
      replayed.map(() => 'subject_erased'),
    )
    expect(await findTexts(app.sql, Object.values(planted))).toEqual([])
  })

  test('can be erased again, and is then out until that is lifted', async () => {
    await using app = await openErased()
    await app.lift()
    app.clock.advance(1)
    const call = () => identify(planted.userId, {}, { timestamp: app.clock.now() })
    await app.send(call())
    await erase(app, await app.profileOf(planted.userId))
    app.clock.advance(1)
    expect(await app.send(call())).toMatchObject([{ code: 'subject_erased' }])
  })

  test('is not let in twice, nor somebody who was not erased (refused)', async () => {
    await using app = await openErased()
    await app.lift()
    await expect(app.lift()).rejects.toMatchObject({ code: 'not_found' })
    const stranger = { namespace: 'email', value: 'nobody@example.org' }
    await expect(app.lift(stranger)).rejects.toMatchObject({ code: 'not_found' })
  })
})

/** The rows of a backup, as they stood before the erasure. */
const personal = [
  'profile',
  'profile_key',
  'vault',
  'event',
  'identifier',
  'edge',
  'change',
] as const

async function backupOf({ sql }: TestApp): Promise<Map<string, string>> {
  const backup = new Map<string, string>()
  const others = ['legal_state', 'legal_state_version', 'tombstone', 'erasure_receipt']
  for (const table of [...personal, ...others]) {
    const [row] = await sql<{ rows: string }[]>`
      select coalesce(json_agg(t), '[]')::text as rows from ${sql(table)} t`
    backup.set(table, row?.rows ?? '[]')
  }
  return backup
}

async function restore(
  { sql }: TestApp,
  backup: ReadonlyMap<string, string>,
  tables: readonly string[],
): Promise<void> {
  for (const table of tables) {
    await sql`alter table ${sql(table)} disable trigger user`
    await sql`delete from ${sql(table)}`
    await sql`
      insert into ${sql(table)}
      select * from json_populate_recordset(null::${sql(table)}, ${backup.get(table) ?? '[]'}::text::json)`
    await sql`alter table ${sql(table)} enable trigger user`
  }
}

const linesOf = (app: TestApp): Promise<string[]> =>
  exportTombstones(app.board, app.workspaceId, '')

describe('a restored backup', () => {
  test('of some tables brings nobody back: what stands of the erased is erased again', async () => {
    await using app = await openTestApp({ works: false })
    await app.send(...lifeOf())
    await app.send(identify('bob', { city: 'Rome' }))
    const before = await backupOf(app)
    await erase(app, await app.profileOf(planted.userId))
    expect(await eraseRisen(app.board, app.workspaceId)).toBe(0)
    await restore(app, before, personal)
    expect(await findTexts(app.sql, [planted.userId])).not.toEqual([])
    expect(await eraseRisen(app.board, app.workspaceId)).toBe(1)
    expect(await findTexts(app.sql, Object.values(planted))).toEqual([])
    expect(await eraseRisen(app.board, app.workspaceId)).toBe(0)
    expect(await findTexts(app.sql, ['bob'])).not.toEqual([])
  })

  test('from before the erasure learns of it from what was exported', async () => {
    await using app = await openTestApp({ works: false })
    await app.send(...lifeOf())
    const before = await backupOf(app)
    await erase(app, await app.profileOf(planted.userId))
    const lines = await linesOf(app)
    expect(lines).toHaveLength(1)
    expect(await findTexts(app.sql, [])).toEqual([])
    expect(lines.some((line) => Object.values(planted).some((text) => line.includes(text)))).toBe(
      false,
    )
    await restore(app, before, [...before.keys()])
    expect(await eraseRisen(app.board, app.workspaceId)).toBe(0)
    const replay = () => replayTombstones(app.board, app.workspaceId, lines)
    const { restored, erased } = await replay()
    expect(restored).toBeGreaterThan(4)
    expect(erased).toBe(1)
    expect(await findTexts(app.sql, Object.values(planted))).toEqual([])
    expect(await app.send(...lifeOf())).toMatchObject(lifeOf().map(() => ({ status: 'rejected' })))
    expect(await replay()).toEqual({ restored: 0, erased: 0 })
  })

  test('takes no export that was changed, or that another installation made (refused)', async () => {
    await using app = await openErased()
    const [line = ''] = await linesOf(app)
    await using stranger = await openTestApp({ works: false })
    const replay = (by: TestApp, text: string) => replayTombstones(by.board, by.workspaceId, [text])
    await expect(replay(stranger, line)).rejects.toMatchObject({ code: 'bad_input' })
    const changed = line.replace('"keyDestroyed":true', '"keyDestroyed":false')
    await expect(replay(app, changed)).rejects.toMatchObject({ code: 'bad_input' })
    const moved = line.replace(/"profiles":\d/, '"profiles":9')
    await expect(replay(app, moved)).rejects.toMatchObject({ code: 'bad_input' })
  })
})
