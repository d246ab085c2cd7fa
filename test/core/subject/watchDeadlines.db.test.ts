import { pino } from 'pino'
import { expect, test } from 'vitest'
import { verifySubject } from '../../../core/subject/handleRequest.ts'
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
