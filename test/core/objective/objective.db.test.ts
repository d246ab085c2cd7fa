import { beforeAll, afterAll, describe, expect, test } from 'vitest'
import { beatWorker } from '../../../blackboard/query/beatWorker.ts'
import { performTasks, type TaskDeps } from '../../../core/objective/performTasks.ts'
import { report } from '../../../core/select/report.ts'
import { createActions } from '../../../core/actions.ts'
import { listPerformers } from '../../../core/read/listPerformers.ts'
import { identify } from '../../support/app.ts'
import { performersFolder } from '../../support/performers.ts'
import { readerOf } from '../../support/readerOf.ts'
import { openWorkshop, type Workshop } from './given.ts'

/** Gathers three subject lines of which two are enough, then the time to send at; the second round only the time. */
const planner = `({ objective, results }) => finished({
  tasks: objective.round > 1
    ? [{ key: 'time', skill: 'send-time', input: { known: results.map((r) => r.key + ' ' + r.state) } }]
    : [
        { key: 'segment', skill: 'segment' },
        ...['a', 'b', 'c'].map((id) => ({ key: 'line-' + id, skill: 'subject-line', after: ['segment'],
          input: { id } })),
        { key: 'test', skill: 'compare', after: ['line-a', 'line-b', 'line-c'],
          join: { need: 2, withinMs: 60_000 } },
      ],
})`

const writer = `({ task, results }) => {
  if (task.input.id === 'b') throw new Error('no idea')
  return finished({ result: task.input.id + ' for ' + results[0].result, score: { relevance: 0.9,
    completeness: 0.9, confidence: 0.9 } })
}`

const hireAll = async (shop: Workshop): Promise<void> => {
  await shop.hire('planner', { planner: ['plan', planner] })
  await shop.hire('crew', {
    segments: ['segment', `() => finished({ result: 'lapsed' })`],
    comparer: ['compare', `({ results }) => finished({ result: results.map((r) => r.result) })`],
    timer: ['send-time', `({ task }) => finished({ result: task.input.known })`],
  })
  await shop.hire('writer', { lines: ['subject-line', writer] })
}

test('the open rate is raised by a fifth: planned, scattered, gathered, planned anew and reached', async () => {
  await using shop = await openWorkshop()
  const { app, clock } = shop
  await hireAll(shop)
  await shop.opened(20)
  await shop.create({ settlingMs: 3_600_000 })
  expect(await shop.objective()).toMatchObject({ state: 'running', baseline: 0.2, target: 0.24 })
  await shop.work()
  // The second line is tried again a second later, and nobody else writes lines.
  expect(await shop.tasks()).toEqual([
    'plan done',
    'segment done',
    'line-a done',
    'line-b ready',
    'line-c done',
    'test done',
  ])
  clock.advance(1000)
  await shop.work()
  expect((await shop.tasks())[3]).toBe('line-b failed')
  const [compared] = await app.sql`select result from task where key = 'test'`
  expect(compared).toEqual({ result: ['a for lapsed', null, 'c for lapsed'].filter(Boolean) })
  // It is measured once what was done has had its hour to show.
  await shop.opened(22)
  clock.advance(3_599_999)
  await shop.work()
  expect(await shop.objective()).toMatchObject({ round: 1, measured: 0.2 })
  clock.advance(1)
  await shop.work()
  expect(await shop.objective()).toMatchObject({ state: 'running', round: 2, measured: 0.22 })
  expect(await shop.tasks(2)).toEqual(['plan done', 'time done'])
  const [timed] = await app.sql`select result from task where key = 'time'`
  expect(timed?.['result']).toEqual([
    'segment done',
    'line-a done',
    'line-b failed',
    'line-c done',
    'test done',
  ])
  await shop.opened(25)
  clock.advance(3_600_000)
  await shop.work()
  expect(await shop.objective()).toMatchObject({ state: 'reached', round: 2, measured: 0.25 })
  // Half of the way in the first round, and all that was left in the second.
  const [planned] = await app.sql<{ outcomes: number; completeness: number }[]>`
    select outcomes::int, sums[4] as completeness from agent_outcome where agent = 'planner/planner'`
  expect(planned?.outcomes).toBe(2)
  expect(planned?.completeness).toBeCloseTo(0.5 * 0.997 + 1)
  const acts = await app.sql<{ action: string }[]>`
    select action from audit_inbox where action like 'objective.%' order by id`
  expect(acts.map(({ action }) => action)).toEqual([
    'objective.create',
    'objective.plan',
    'objective.end',
  ])
})

describe('with performers at hand', () => {
  let shop: Workshop
  beforeAll(async () => {
    shop = await openWorkshop()
    await shop.opened(20)
  })
  afterAll(() => shop[Symbol.asyncDispose]())

  /** Begins anew with one task of the skill `work`, planned with what is given. */
  const begin = async (task: object = {}, more: object = {}): Promise<void> => {
    await shop.app.sql`delete from task`
    await shop.app.sql`delete from objective`
    const tasks = JSON.stringify([{ key: 'work', skill: 'work', ...task }])
    await shop.hire('planner', { planner: ['plan', `() => finished({ tasks: ${tasks} })`] })
    await shop.create({ roundsMax: 1, ...more })
  }
  const work = async () => {
    const [row] = await shop.app.sql`
      select state, performer, tried, attempts, error, result from task where key = 'work'`
    return { ...row }
  }

  test('a plugin of performers alone is installed as any other, and says who runs', async () => {
    await using folder = await performersFolder('band', { sings: ['sing', '() => finished({})'] })
    const admin = await readerOf(shop.app, 'admin')
    const installed = await createActions(shop.app).installPlugin(admin, { path: folder.path })
    expect(installed).toMatchObject({ plugin: 'band', agents: ['band/sings'] })
    expect(await listPerformers(admin)).toMatchObject([{ id: 'band/sings', skill: 'sing' }])
  })

  test('a task that fails is tried again, then by another performer, and then goes by its policy', async () => {
    await shop.hire('one', { a: ['work', `() => { throw new Error('no') }`] })
    await shop.hire('two', { b: ['work', `({ task }) => finished({ result: task.attempt })`] })
    await shop.app.sql`update task set tried = '{}'`
    await begin()
    for (let nth = 0; nth < 4; nth += 1) {
      await shop.work()
      shop.clock.advance(10_000)
    }
    // Whoever was asked first, the one that can do it has done it.
    expect(await work()).toMatchObject({ state: 'done', performer: 'two/b', result: 1 })
    await shop.app.registry.remove(shop.app.workspaceId, 'two', 'test')
    for (const [onFailure, state] of [
      ['retry', 'failed'],
      ['halt', 'halted'],
      ['skip', 'skipped'],
    ]) {
      await begin({ onFailure })
      for (let nth = 0; nth < 3; nth += 1) {
        await shop.work()
        shop.clock.advance(10_000)
      }
      expect(await work()).toMatchObject({ state, performer: 'one/a', error: /^plugin_threw: / })
    }
  })

  test('whose score says that others should do its work is passed over while another offers the skill', async () => {
    await shop.hire('one', { a: ['judge', `() => finished({ result: 'a' })`] })
    await shop.hire('two', { b: ['judge', `() => finished({ result: 'b' })`] })
    const score = { relevance: 0.65, completeness: 0.65, confidence: 0.65 }
    const outcome = { capability: 'judge', task: { kind: 'any', context: [] } }
    await report(shop.app.board, shop.app.workspaceId, [
      ...Array.from({ length: 20 }, () => ({ ...outcome, agent: 'one/a', score, reward: 1 })),
      { ...outcome, agent: 'two/b', score: { ...score, confidence: 0.7 }, reward: 0 },
    ])
    await begin({ skill: 'judge' })
    await shop.work()
    expect(await work()).toMatchObject({ state: 'done', result: 'b' })
    await shop.app.registry.remove(shop.app.workspaceId, 'two', 'test')
    await begin({ skill: 'judge' })
    await shop.work()
    expect(await work()).toMatchObject({ state: 'done', result: 'a' })
    const [learned] = await shop.app.sql`
      select outcomes::int as n from agent_outcome where agent = 'one/a' and capability = 'judge'`
    expect(learned).toEqual({ n: 21 })
  })

  test('what a killed process had begun is done by another, and its own late commit changes nothing', async () => {
    const { app, clock, deps } = shop
    await shop.hire('one', { a: ['work', `({ task }) => finished({ result: task.attempt })`] })
    await begin()
    await performTasks(deps, () => 0.5)
    const slow = clock.id()
    await beatWorker(app.sql, { id: slow, leaseMs: 600_000 })
    const mayAnswer = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const host: TaskDeps['host'] = {
      async perform(...args) {
        asked.resolve()
        await mayAnswer.promise
        return app.host.perform(...args)
      },
    }
    const late = performTasks({ ...deps, host, owner: slow }, () => 0.5)
    await asked.promise
    // While its lease stands nobody takes it over.
    expect(await performTasks(deps, () => 0.5)).toBe(0)
    await app.sql`update worker set lease_expires_at = now() - interval '1 second' where id = ${slow}`
    expect(await performTasks(deps, () => 0.5)).toBe(1)
    expect(await work()).toMatchObject({ state: 'done', result: 2 })
    mayAnswer.resolve()
    await late
    expect(await work()).toMatchObject({ state: 'done', result: 2 })
    const acts = await app.sql`select from audit_inbox where action = 'task.done'
      and payload ->> 'key' = 'work' and payload ->> 'objective' = (select id from objective)`
    expect(acts).toHaveLength(1)
  })

  test('a plan that makes no sense is the planner’s failure, and says why', async () => {
    await begin({ after: ['nothing'] })
    await shop.work()
    shop.clock.advance(10_000)
    await shop.work()
    const [task] = await shop.app.sql`select state, error from task`
    expect(task).toMatchObject({
      state: 'halted',
      error: 'task_plan_invalid: work waits for nothing, which is not in the plan',
    })
  })

  test('what is missed at the deadline is over, with all that was open of it', async () => {
    await shop.hire('one', { a: ['work', `() => snooze(10 * 86_400_000)`] })
    await begin({}, { deadline: new Date(shop.clock.now().getTime() + 86_400_000) })
    await shop.work()
    expect(await work()).toMatchObject({ state: 'ready', attempts: 0 })
    shop.clock.advance(86_400_000)
    await shop.work()
    expect(await shop.objective()).toMatchObject({ state: 'missed' })
    expect(await work()).toMatchObject({ state: 'skipped', error: 'objective_over' })
  })
})

describe('a number', () => {
  test('is told of ten persons and not of nine, and of nobody who may not be looked at', async () => {
    await using shop = await openWorkshop()
    const { app } = shop
    await shop.opened(20)
    const metric = { kind: 'share', holds: { 'traits.opens': { $gte: 30 } } }
    await app.send(identify('user-0', { opens: 30 }), identify('user-1', { opens: 30 }))
    await shop.create({ metric, target: 0.5, changeBy: undefined })
    expect(await shop.objective()).toMatchObject({ baseline: 2 / 12 })
    await app.sql`delete from task`
    await app.sql`delete from objective`
    const [one, other] = [await app.profileOf('user-0'), await app.profileOf('user-2')]
    await app.sql`insert into legal_state (workspace_id, profile_id, restricted, objections, updated_at)
      values (${app.workspaceId}, ${one}, true, '{}', now()),
        (${app.workspaceId}, ${other}, false, '{marketing}', now())`
    await shop.create({ metric, target: 0.5, changeBy: undefined })
    expect(await shop.objective()).toMatchObject({ baseline: 0.1 })
    await app.sql`delete from task`
    await app.sql`delete from objective`
    const narrow = { ...metric, where: { 'traits.opens': { $lt: 30 } } }
    await shop.create({ metric: narrow, target: 0.5, changeBy: undefined })
    expect(await shop.objective()).toMatchObject({ baseline: null })
    await expect(shop.create({ metric: narrow })).rejects.toMatchObject({
      code: 'objective_unmeasured',
    })
  })

  test('is not made of personal data, of what nobody defined, or for a purpose that is not allowed', async () => {
    await using shop = await openWorkshop()
    await shop.opened(20)
    await shop.app.send(identify('user-0', { email: 'ada@example.com' }))
    await shop.app.sql`update trait_definition set purposes = '{service}' where key = 'mails'`
    shop.app.definitions.forget(shop.app.workspaceId)
    for (const [trait, reason] of [
      ['email', 'it is personal data, and sealed'],
      ['height', 'nobody defined it'],
      ['mails', 'it may not be used for marketing'],
    ]) {
      const metric = { kind: 'average', trait }
      await expect(shop.create({ metric })).rejects.toMatchObject({
        code: 'bad_input',
        message: expect.stringContaining(`the trait ${trait}: ${reason}`),
      })
    }
    await expect(shop.create({ target: 0.1, changeBy: undefined })).rejects.toMatchObject({
      code: 'bad_input',
    })
  })
})
