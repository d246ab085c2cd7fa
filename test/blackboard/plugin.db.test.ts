import { describe, expect, test } from 'vitest'
import { pluginMayBecome, pluginStates } from '../../core/model/pluginLife.ts'
import { openTestDatabase } from '../support/database.ts'

async function open() {
  const db = await openTestDatabase()
  await db.sql`insert into workspace (name) values ('test')`
  const plant = async (id: string) => {
    await db.sql`
      insert into plugin (workspace_id, id, state, digest, candidate_digest, candidate_by, candidate_at,
        updated_at)
      values (1, ${id}, 'active', 'd', 'c', 'x', now(), now())`
  }
  const move = (id: string, state: string) =>
    db.sql`update plugin set state = ${state} where id = ${id}`
  return { ...db, plant, move }
}

describe('the life of a plugin', () => {
  test('allows the steps that core/model/pluginLife.ts names, pair by pair, and no others', async () => {
    await using db = await open()
    const pairs = pluginStates.flatMap((from) =>
      pluginStates.map((to) => ({ from, to, allowed: pluginMayBecome(from, to) })),
    )
    const rows = await db.sql<{ from: string; to: string; allowed: boolean }[]>`
      select "from", "to", plugin_may_become("from", "to") as allowed
      from json_to_recordset(${JSON.stringify(pairs)}::text::json) as x ("from" text, "to" text)`
    const key = ({ from, to, allowed }: { from: string; to: string; allowed: boolean }) =>
      `${from} ${to} ${allowed}`
    expect(rows.map(key).toSorted()).toEqual(pairs.map(key).toSorted())
    expect(pairs.filter(({ allowed }) => allowed)).toHaveLength(22)
  })

  test('is held by the table: each step that is not named is refused, each that is goes through', async () => {
    await using db = await open()
    for (const from of pluginStates) {
      for (const to of pluginStates.filter((state) => state !== from)) {
        const id = `${from}-${to}`
        await db.plant(id)
        await db.sql`alter table plugin disable trigger plugin_takes_known_steps`
        await db.move(id, from)
        await db.sql`alter table plugin enable trigger plugin_takes_known_steps`
        const moved = await db.move(id, to).then(
          () => true,
          () => false,
        )
        expect([from, to, moved]).toEqual([from, to, pluginMayBecome(from, to)])
      }
    }
  })

  test('begins with a version in service or in waiting', async () => {
    await using db = await open()
    await expect(
      db.sql`insert into plugin (workspace_id, id, state, digest, updated_at)
        values (1, 'x', 'quarantined', 'd', now())`,
    ).rejects.toThrow(/does not begin as quarantined/)
    await expect(
      db.sql`insert into plugin (workspace_id, id, state, updated_at) values (1, 'x', 'active', now())`,
    ).rejects.toThrow(/plugin_in_service_has_a_version/)
    await expect(
      db.sql`insert into plugin (workspace_id, id, state, updated_at)
        values (1, 'x', 'awaiting_approval', now())`,
    ).rejects.toThrow(/plugin_that_waits_has_a_candidate/)
  })
})

test('a version stays as it was installed, and what was said of it as it was said', async () => {
  await using db = await open()
  await db.sql`
    insert into plugin_version (workspace_id, plugin_id, digest, version, manifest, bundle, installed_by,
      installed_at) values (1, 'x', 'd', '1.0.0', '{}', 'code', 'x', now())`
  await expect(db.sql`update plugin_version set bundle = 'evil'`).rejects.toThrow(/stays as it was/)
  await db.sql`update plugin_version set trust = 'verified', publisher_key = 'k'`
  const approval = (by: string) => db.sql`
    insert into plugin_approval (workspace_id, plugin_id, digest, id, verdict, gained, touches_pii,
      requested_by, decided_by, decided_at)
    values (1, 'x', 'd', ${by}, 'approved', '{}', true, 'one', ${by}, now())`
  await approval('other')
  await expect(approval('one')).rejects.toThrow(/installer_does_not_approve/)
  await expect(db.sql`update plugin_approval set decided_by = 'one'`).rejects.toThrow(/append-only/)
})
