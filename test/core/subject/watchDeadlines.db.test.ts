import { pino } from 'pino'
import { expect, test } from 'vitest'
import { cancelRequest, extendRequest, verifySubject } from '../../../core/subject/handleRequest.ts'
import { watchDeadlines } from '../../../core/subject/watchDeadlines.ts'
import { identify } from '../../support/app.ts'
import { openDesk } from '../../support/requests.ts'

async function open() {
  const lines: { level: number; request?: string; msg: string }[] = []
  const log = pino(
    { level: 'warn' },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  )
  const desk = await openDesk({ log })
  await desk.send(identify('ada'))
  const stateOf = async (id: string) => {
    const [row] = await desk.sql`
      select state, overdue_at is not null as late from subject_request where id = ${id}`
    return row
  }
  return { ...desk, lines, stateOf, [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose]() }
}

test('a request that nobody answered in time is told of once, loudly, and stays open (Art. 12(3))', async () => {
  await using desk = await open()
  const { id } = await desk.ask('ada', 'access', {}, 'verified')
  expect(await watchDeadlines(desk.board)).toBe(0)
  desk.clock.advance(15 * 86_400_000 + 1)
  expect(await watchDeadlines(desk.board)).toBe(1)
  expect(await watchDeadlines(desk.board)).toBe(0)
  expect(desk.lines).toMatchObject([
    { level: 50, request: id, msg: 'a request of a data subject is overdue' },
  ])
  expect(await desk.stateOf(id)).toEqual({ state: 'in_progress', late: true })
  expect(await desk.acts(id)).toEqual(['opened', 'verified', 'overdue'])
  const metrics = await desk.metrics.registry.metrics()
  expect(metrics).toMatch(/^slateboard_subject_requests\{state="open"\} 1$/m)
  expect(metrics).toMatch(/^slateboard_subject_requests\{state="overdue"\} 1$/m)
})

test('who never showed who they are has had their answer when the time is up, and nobody is alarmed (Art. 12(6))', async () => {
  await using desk = await open()
  const { id } = await desk.ask('ada', 'access', {}, 'asserted')
  desk.clock.advance(15 * 86_400_000 + 1)
  await watchDeadlines(desk.board)
  expect(await desk.stateOf(id)).toEqual({ state: 'expired', late: true })
  expect(desk.lines).toEqual([])
  const proof = { id, level: 'verified', method: 'login' }
  await expect(verifySubject(desk.officer, proof)).rejects.toMatchObject({
    code: 'request_step_refused',
  })
})

test('what is to be acknowledged by a day and was not shows in the metrics', async () => {
  await using desk = await open()
  await desk.ask('ada', 'access')
  const count = async () =>
    /unacknowledged"\} (\d)/.exec(await desk.metrics.registry.metrics())?.[1]
  expect(await count()).toBe('0')
  desk.clock.advance(14 * 86_400_000 + 1)
  expect(await count()).toBe('1')
})

test('what falls due soon is told of once as a warning, a quarter of its term or a week before, and anew when it is extended', async () => {
  await using desk = await open()
  const dayMs = 86_400_000
  await desk.sql`
    insert into legal_state (workspace_id, profile_id, jurisdiction, updated_at)
    values (${desk.workspaceId}, ${await desk.profileOf('ada')}, 'DE', now())
    on conflict (workspace_id, profile_id) do update set jurisdiction = 'DE'`
  const { id, dueAt } = await desk.ask('ada', 'access', {}, 'verified')
  const termMs = dueAt.getTime() - desk.clock.now().getTime()
  const beforeMs = Math.min(termMs / 4, 7 * dayMs)
  const count = async (state: string) =>
    new RegExp(`\\{state="${state}"\\} (\\d)`).exec(await desk.metrics.registry.metrics())?.[1]
  desk.clock.advance(termMs - beforeMs - 1)
  expect(await watchDeadlines(desk.board)).toBe(0)
  expect(await count('due_soon')).toBe('0')
  desk.clock.advance(1)
  expect(await count('due_soon')).toBe('1')
  expect(await watchDeadlines(desk.board)).toBe(1)
  expect(await watchDeadlines(desk.board)).toBe(0)
  expect(desk.lines).toMatchObject([
    { level: 40, request: id, msg: 'a request of a data subject falls due soon' },
  ])
  expect(await desk.acts(id)).toEqual(['opened', 'verified', 'due_soon'])
  expect(await desk.audited()).toMatchObject([{}, {}, { action: 'subject_request.due_soon' }])

  const { dueAt: later } = await extendRequest(desk.officer, { id, reason: 'complexity' })
  expect(await count('due_soon')).toBe('0')
  expect(await watchDeadlines(desk.board)).toBe(0)
  desk.clock.advance(later.getTime() - desk.clock.now().getTime() - dayMs)
  expect(await watchDeadlines(desk.board)).toBe(1)
  expect(desk.lines).toHaveLength(2)
  await cancelRequest(desk.officer, { id, reason: 'taken_back' })
  expect(await count('due_soon')).toBe('0')
})

test('two nodes that find the same request at once tell of it once', async () => {
  await using desk = await open()
  const { id, dueAt } = await desk.ask('ada', 'access', {}, 'verified')
  desk.clock.advance(dueAt.getTime() - desk.clock.now().getTime() - 1)
  await Promise.all([watchDeadlines(desk.board), watchDeadlines(desk.board)])
  expect(desk.lines).toHaveLength(1)
  desk.clock.advance(2)
  await Promise.all([watchDeadlines(desk.board), watchDeadlines(desk.board)])
  expect(desk.lines).toHaveLength(2)
  expect(await desk.acts(id)).toEqual(['opened', 'verified', 'due_soon', 'overdue'])
})
