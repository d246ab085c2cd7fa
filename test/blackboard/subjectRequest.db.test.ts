import { expect, test } from 'vitest'
import { mayBecome, subjectRequestStates } from '../../core/model/subjectRequest.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'

async function open() {
  const db = await openTestDatabase()
  const [workspace] = await db.sql<{ id: number }[]>`
    insert into workspace (name) values ('test') on conflict (name) do update set name = 'test'
    returning id`
  return { db, sql: db.sql, workspaceId: workspace?.id ?? 0 }
}

const received = '2026-01-01T00:00:00Z'

function insert(sql: TestDatabase['sql'], workspaceId: number, id: string, state = 'received') {
  return sql`
    insert into subject_request (workspace_id, id, kind, state, profile_ids, regulation, received_at,
      due_at, opened_by)
    values (${workspaceId}, ${id}, 'access', ${state}, '{}', 'gdpr', ${received},
      '2026-02-01T00:00:00Z', 'principal:x')`
}

test('the database lets a request take the steps of the vocabulary and no other', async () => {
  const { db, sql } = await open()
  await using _ = db
  for (const from of subjectRequestStates) {
    for (const to of subjectRequestStates) {
      const [row] = await sql`select subject_request_may_become(${from}, ${to}) as may`
      expect([from, to, row?.['may']]).toEqual([from, to, mayBecome(from, to)])
    }
  }
})

test('a request begins as received, and a step that there is not is refused', async () => {
  const { db, sql, workspaceId } = await open()
  await using _ = db
  await expect(insert(sql, workspaceId, 'a', 'in_progress')).rejects.toThrow(/begins as received/)
  await insert(sql, workspaceId, 'a')
  const answer = sql`update subject_request set state = 'completed', acts = 1, finished_at = now()`
  await expect(answer).rejects.toThrow(/does not become/)
  await sql`update subject_request set state = 'in_progress'`
  await expect(
    sql`update subject_request set state = 'completed', finished_at = now()`,
  ).rejects.toThrow(/subject_request_is_not_completed_without_an_act/)
  await expect(
    sql`update subject_request set state = 'refused', finished_at = now()`,
  ).rejects.toThrow(/subject_request_is_not_refused_without_a_reason/)
  await sql`update subject_request set state = 'completed', acts = 1, finished_at = now()`
  await expect(sql`update subject_request set acts = 2`).rejects.toThrow(/stays as it is/)
})

test('the clock of a request cannot be set back, nor moved twice or late (Art. 12(3))', async () => {
  const { db, sql, workspaceId } = await open()
  await using _ = db
  await insert(sql, workspaceId, 'a')
  await expect(
    sql`update subject_request set received_at = received_at + interval '1 day'`,
  ).rejects.toThrow(/stays as it was said/)
  const extend = (at: string) => sql`
    update subject_request set due_at = due_at + interval '2 months', extended_at = ${at},
      extension_reason = 'complexity'`
  await expect(sql`update subject_request set due_at = due_at + interval '1 day'`).rejects.toThrow(
    /extended once/,
  )
  await expect(extend('2026-02-02T00:00:00Z')).rejects.toThrow(/before it is due/)
  await extend('2026-01-20T00:00:00Z')
  await expect(extend('2026-01-21T00:00:00Z')).rejects.toThrow(/extended once/)
})

test('the history of a request is only ever added to', async () => {
  const { db, sql, workspaceId } = await open()
  await using _ = db
  await sql`
    insert into subject_request_event (workspace_id, request_id, id, at, actor, act, state)
    values (${workspaceId}, 'a', 'e', now(), 'system', 'opened', 'received')`
  await expect(sql`update subject_request_event set act = 'x'`).rejects.toThrow(/append-only/)
  await expect(sql`delete from subject_request_event`).rejects.toThrow(/append-only/)
  await expect(sql`truncate subject_request_event`).rejects.toThrow(/append-only/)
})
