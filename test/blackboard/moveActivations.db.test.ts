import { expect, test } from 'vitest'
import { moveActivations } from '../../blackboard/query/moveActivations.ts'
import { openOutward, type Outward } from '../support/outward.ts'

const history = 150

/** A person who was sent a lot, and the move of one of it. */
async function openHistory(out: Outward): Promise<{ profileId: string; id: string }> {
  await out.say('ada', 'granted')
  const id = await out.propose('ada')
  await out.app.sql`
    insert into activation
    select (jsonb_populate_record(a, jsonb_build_object('id', a.id || n))).*
    from activation a, generate_series(1, ${history}) n where a.id = ${id}`
  const [row] = await out.app.sql<{ profileId: string }[]>`
    select profile_id as "profileId" from activation where id = ${id}`
  return { profileId: row?.profileId ?? '', id }
}

test('reads what it moves, and not all that the person was ever sent', async () => {
  await using out = await openOutward()
  const { workspaceId, board } = out.app
  const key = await openHistory(out)
  const at = board.clock.now().toISOString()
  // Of each transaction alone, and no statistics: the plan has to be the same before and after an analyse.
  const readOf = (holder: string | null) =>
    board.db.sql.begin(async (tx) => {
      const moves = JSON.stringify([{ ...key, state: 'dispatching', leaseOwner: 'worker' }])
      const moved = await moveActivations(tx, { workspaceId, moves, holder, at })
      const [row] = await tx<{ read: number }[]>`
        select idx_tup_fetch as read from pg_stat_xact_user_tables where relname = 'activation'`
      return { moved: moved.map(({ id }) => id), read: row?.read ?? Infinity }
    })
  const first = await readOf(null)
  expect(first.moved).toEqual([key.id])
  expect(first.read).toBeLessThan(10)
  const held = await readOf('worker')
  expect(held.moved).toEqual([key.id])
  expect(held.read).toBeLessThan(10)
  expect((await readOf('another')).moved).toEqual([])
})
