import { expect, test } from 'vitest'
import { bookCosts } from '../../../blackboard/query/bookCosts.ts'
import { setBudget } from '../../../core/admin/setBudget.ts'
import { beginDispatches, type ApprovedKey } from '../../../core/flow/dispatch/dispatch.ts'
import { findRecord, replayDecision } from '../../../core/explain/replay.ts'
import { listBudgetEntries, listBudgets } from '../../../core/read/listBudgets.ts'
import { openOutward, type Outward } from '../../support/outward.ts'
import { readerOf } from '../../support/readerOf.ts'

const hourMs = 3_600_000

async function set(out: Outward, cap: number, more: object = {}): Promise<void> {
  const reader = await readerOf(out.app, 'operator')
  await setBudget(reader, { name: 'media', unit: 'EUR cent', cap, ...more })
}

/** A promotion to somebody of their own, so that no cap on contacts is in the way. */
async function buy(out: Outward, user: string, amount: number, budget = 'media') {
  await out.say(user, 'granted')
  return out.propose(user, { cost: { budget, amount } })
}

const standing = async (out: Outward, id: string) => {
  const { state, error } = await out.activation(id)
  return error === null ? state : `${state}: ${error}`
}

async function spent({ app }: Outward): Promise<number> {
  const [row] = await listBudgets(await readerOf(app, 'auditor'))
  return row?.spent ?? -1
}

async function dispatchAll(out: Outward): Promise<void> {
  while ((await out.dispatch()) > 0);
}

test('acts leave while their budget has enough, and no other does; each answer can be given again', async () => {
  await using out = await openOutward()
  await set(out, 100)
  const [first, second] = [await buy(out, 'ada', 60), await buy(out, 'bob', 60)]
  const small = await buy(out, 'cleo', 40)
  await dispatchAll(out)
  // Planned while there was enough for either; whoever is first takes it.
  expect(await standing(out, first)).toBe('sent')
  expect(await standing(out, second)).toBe('recalled: budget_exhausted')
  expect(await standing(out, small)).toBe('sent')
  expect(await spent(out)).toBe(100)
  expect(await standing(out, await buy(out, 'dan', 1))).toBe('refused: budget_exhausted')
  expect(await standing(out, await buy(out, 'eve', 1, 'nobodys'))).toBe('refused: budget_not_open')
  expect(await standing(out, await out.propose('ada'))).toBe('approved')
  const { app } = out
  const decisions = await app.sql<{ profileId: string; id: string }[]>`
    select profile_id as "profileId", id from decision`
  for (const key of decisions) {
    const record = await findRecord(app.board, app.workspaceId, key)
    if (!record) throw new TypeError('no record')
    const { replay } = await replayDecision(app.board, app.workspaceId, record)
    expect(replay).toMatchObject({ answer: 'same', differences: [] })
  }
})

test('what is tried again is paid once, what fails or is recalled is paid back, and what is sent stays paid', async () => {
  const scripts = new Map<string, number[]>()
  const script = [[503, 200], [503, 400], [503]]
  await using out = await openOutward({
    answer({ key }) {
      const own = scripts.get(key) ?? script.shift() ?? []
      scripts.set(key, own)
      return own.shift() ?? 200
    },
  })
  await set(out, 30)
  const ids = []
  for (const user of ['ada', 'bob', 'cleo']) {
    ids.push(await buy(out, user, 10))
    await out.dispatch()
  }
  expect(await spent(out)).toBe(30)
  await out.say('cleo', 'withdrawn')
  expect(await spent(out)).toBe(20)
  out.clock.advance(60_000)
  await dispatchAll(out)
  const states = await Promise.all(ids.map(async (id) => (await out.activation(id)).state))
  expect(states).toEqual(['sent', 'failed', 'recalled'])
  expect(await spent(out)).toBe(10)
  const { items } = await listBudgetEntries(await readerOf(out.app, 'operator'), 'media', {})
  expect(items.map(({ kind, amount, reference }) => [kind, amount, reference])).toEqual([
    ['refund', 10, `activation:${ids[1]}`],
    ['refund', 10, `activation:${ids[2]}`],
    ['spend', 10, `activation:${ids[2]}`],
    ['spend', 10, `activation:${ids[1]}`],
    ['spend', 10, `activation:${ids[0]}`],
  ])
})

test('twenty nodes that begin at once, each for another person, take what the cap lets them and no more', async () => {
  await using out = await openOutward()
  const { app } = out
  const [cap, amount] = [70, 10]
  await set(out, cap)
  for (let nth = 0; nth < 20; nth += 1) await buy(out, `user-${nth}`, amount)
  // Whoever books rests a moment first, so that another that could come between would.
  await app.sql.unsafe(`
    create function rest() returns trigger language plpgsql as $$
    begin perform pg_sleep(0.03); return new; end $$;
    create trigger rests before insert on budget_entry for each row execute function rest()`)
  const keys = await app.sql<ApprovedKey[]>`
    select profile_id as "profileId", id, purpose, channel, budget from activation`
  const begun = await Promise.all(
    keys.map(async (key) => {
      const node = await out.another()
      return (await beginDispatches(node, app.workspaceId, [key])).begun.length
    }),
  )
  expect(begun.reduce((sum, count) => sum + count, 0)).toBe(cap / amount)
  expect(await spent(out)).toBe(cap)
  expect(await app.sql`select from activation where last_error = 'budget_exhausted'`).toHaveLength(
    13,
  )
})

test('the database itself takes no booking beyond the cap, and none of those beside it', async () => {
  await using out = await openOutward()
  await set(out, 10)
  const { db, workspaceId } = out.app
  const at = out.clock.now().toISOString()
  const book = (...references: string[]) =>
    bookCosts(db.sql, {
      workspaceId,
      at,
      costs: JSON.stringify(
        references.map((reference) => ({ budget: 'media', amount: 4, reference, by: 'x' })),
      ),
    })
  await book('a')
  await book('a')
  expect(await spent(out)).toBe(4)
  await expect(book('b', 'c')).rejects.toMatchObject({ code: '23514' })
  const outcomes = await Promise.allSettled(
    ['d', 'e', 'f', 'g'].map((reference) => book(reference)),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await spent(out)).toBe(8)
})

test('a budget is set by who may, its cap no lower than what is spent, and is over at its end', async () => {
  await using out = await openOutward()
  const { app } = out
  await set(out, 50)
  await buy(out, 'ada', 20)
  await dispatchAll(out)
  await expect(set(out, 19)).rejects.toMatchObject({ code: 'budget_spent' })
  await expect(set(out, 50, { unit: 'USD cent' })).rejects.toMatchObject({ code: 'budget_unit' })
  const guest = await readerOf(app, 'app')
  const input = { name: 'own', unit: 'message', cap: 1 }
  await expect(setBudget(guest, input)).rejects.toMatchObject({ code: 'forbidden' })
  expect(() => listBudgets(guest)).toThrow('may not read Budget')
  await set(out, 20)
  expect(await standing(out, await buy(out, 'bob', 1))).toBe('refused: budget_exhausted')
  await set(out, 50, { endsAt: new Date(out.clock.now().getTime() + hourMs) })
  const late = await buy(out, 'cleo', 1)
  out.clock.advance(hourMs)
  await dispatchAll(out)
  expect(await standing(out, late)).toBe('recalled: budget_not_open')
  const acts = await app.sql<{ payload: object }[]>`
    select payload from audit_inbox where action = 'budget.set' order by id`
  expect(acts.map(({ payload }) => payload)).toMatchObject([{ cap: 50 }, { cap: 20 }, { cap: 50 }])
})
