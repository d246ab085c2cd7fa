import { expect, test } from 'vitest'
import { openCli } from '../../support/cli.ts'
import { readerOf } from '../../support/readerOf.ts'
import {
  approvePlan,
  editTask,
  pauseObjective,
  resumeObjective,
  retryTask,
  skipTask,
  stopObjective,
} from '../../../core/objective/changeObjective.ts'
import { openWorkshop, type Workshop } from './given.ts'

const plan = `() => finished({ tasks: [
  { key: 'first', skill: 'work', input: { say: 'a' }, onFailure: 'halt' },
  { key: 'second', skill: 'work', after: ['first'], input: { say: 'b' } },
] })`
const work = `({ task }) => {
  if (task.input.say === 'fail') throw new Error('as told')
  return finished({ result: task.input.say })
}`

async function open(more: object = {}) {
  const shop = await openWorkshop()
  await shop.hire('planner', { planner: ['plan', plan] })
  await shop.hire('crew', { worker: ['work', work] })
  await shop.opened(20)
  const id = await shop.create(more)
  return { shop, id, operator: await readerOf(shop.app, 'operator') }
}

const keyOf = async ({ app }: Workshop, key: string) => {
  const [row] = await app.sql<{ objectiveId: string; id: string }[]>`
    select objective_id as "objectiveId", id from task where key = ${key}`
  if (!row) throw new TypeError(`no task ${key}`)
  return row
}

test('a plan waits for a person where it is asked to, and tasks can be edited and left out meanwhile', async () => {
  const { shop, id, operator } = await open({ approvesPlans: true, roundsMax: 1 })
  await using _ = shop
  await shop.work()
  expect(await shop.tasks()).toEqual(['plan done', 'first approval', 'second approval'])
  await editTask(operator, await keyOf(shop, 'first'), { say: 'edited' })
  const app = await readerOf(shop.app, 'app')
  await expect(approvePlan(app, id)).rejects.toMatchObject({ code: 'forbidden' })
  await approvePlan(await readerOf(shop.app, 'officer'), id)
  await shop.work()
  expect((await shop.tasks()).slice(1)).toEqual(['first done', 'second done'])
  const [first] = await shop.app.sql`select result from task where key = 'first'`
  expect(first).toEqual({ result: 'edited' })
  await expect(approvePlan(operator, id)).rejects.toMatchObject({ code: 'objective_state' })
  await expect(editTask(operator, await keyOf(shop, 'first'), {})).rejects.toMatchObject({
    code: 'task_state',
  })
})

test('nothing begins of an objective that is a draft or paused, and what is stopped is over', async () => {
  const { shop, id, operator } = await open({ isDraft: true })
  await using _ = shop
  await shop.work()
  expect(await shop.tasks()).toEqual(['plan ready'])
  await resumeObjective(operator, id)
  await pauseObjective(operator, id)
  await shop.work()
  expect(await shop.tasks()).toEqual(['plan ready'])
  await expect(pauseObjective(operator, id)).rejects.toMatchObject({ code: 'objective_state' })
  await resumeObjective(operator, id)
  await stopObjective(operator, id)
  expect(await shop.objective()).toMatchObject({ state: 'stopped' })
  expect(await shop.tasks()).toEqual(['plan skipped'])
  await expect(resumeObjective(operator, id)).rejects.toMatchObject({ code: 'objective_state' })
  const acts = await shop.app.sql<{ action: string }[]>`
    select action from audit_inbox where action like 'objective.%' order by id`
  expect(acts.map(({ action }) => action.slice('objective.'.length))).toEqual([
    'create',
    'resume',
    'pause',
    'resume',
    'stop',
  ])
})

test('what is halted waits until a person has it tried again or leaves it out', async () => {
  const { shop, operator } = await open({ approvesPlans: true })
  await using _ = shop
  await shop.work()
  const first = await keyOf(shop, 'first')
  await editTask(operator, first, { say: 'fail' })
  await approvePlan(operator, first.objectiveId)
  const fail = async () => {
    for (let nth = 0; nth < 2; nth += 1) {
      await shop.work()
      shop.clock.advance(10_000)
    }
    expect((await shop.tasks()).slice(1)).toEqual(['first halted', 'second waiting'])
  }
  await fail()
  await retryTask(operator, first)
  await fail()
  await skipTask(operator, first)
  await shop.work()
  expect((await shop.tasks()).slice(1)).toEqual(['first skipped', 'second done'])
  await expect(retryTask(operator, first)).rejects.toMatchObject({ code: 'task_state' })
})

test('the commands set an objective, show its tasks and pause it; who may not is refused', async () => {
  await using cli = await openCli()
  await cli.sql`insert into trait_definition (workspace_id, key, data_class, registered, created_at)
    values (${cli.workspaceId}, 'score', 'none', true, now())`
  const objective = JSON.stringify({
    name: 'score-up',
    purpose: 'analytics',
    metric: { kind: 'average', trait: 'score' },
    target: 5,
    deadline: '2040-01-01T00:00:00Z',
  })
  const created = await cli.run('objective', 'create', objective, '--json')
  const [row]: { id: string }[] = JSON.parse(created.out)
  const id = row?.id ?? ''
  expect((await cli.run('objective', 'list')).out).toMatch(/score-up +running +1 +3 +- +- +5 +up/)
  expect((await cli.run('objective', 'show', id)).out).toMatch(
    /1 +plan +plan +ready.*Nobody who runs offers/,
  )
  expect((await cli.run('objective', 'pause', id)).out).toMatch(/paused/)
  expect((await cli.run('objective', 'pause', id)).complaints).toContain('is paused, so')
  const shop = cli.as((await cli.principal('app')).key)
  for (const args of [['create', objective], ['list'], ['stop', id]]) {
    const { code, complaints } = await shop('objective', ...args)
    expect([code, complaints]).toEqual([1, expect.stringContaining('Objective')])
  }
})
