import { expect, test } from 'vitest'
import { buryPlugin } from '../../../blackboard/query/buryPlugin.ts'
import { ensureWorkspace } from '../../../blackboard/query/ensureWorkspace.ts'
import { listOutcomes } from '../../../blackboard/query/listOutcomes.ts'
import { listAgentScores } from '../../../core/read/listAgentScores.ts'
import type { Evidence, Outcome } from '../../../core/model/selection.ts'
import { choose } from '../../../core/select/choose.ts'
import { learn, pick } from '../../../core/select/pick.ts'
import { report } from '../../../core/select/report.ts'
import { selectorSettings } from '../../../core/select/settings.ts'
import { unpackSums } from '../../../core/select/sums.ts'
import { openTestApp, type TestApp } from '../../support/app.ts'
import { readerOf } from '../../support/readerOf.ts'

const open = () => openTestApp({ works: false })

const [ann, bob] = ['shop/ann', 'post/bob']
const candidates = [ann, bob].map((agent) => ({ agent, efficiency: { mail: 0.5 } }))
const kept = { ...selectorSettings, keep: 1, keepUnchosen: 1 }

const outcome = (agent: string, reward: number, context = [0.5]): Outcome => ({
  capability: 'subject-line',
  agent,
  task: { kind: 'mail', context },
  score: { relevance: 0.9, completeness: 0.8, confidence: 0.7 },
  reward,
})

async function known(app: TestApp, workspaceId = app.workspaceId): Promise<Evidence[]> {
  const of = { workspaceId, capability: 'subject-line', kind: 'mail' }
  return (await listOutcomes(app.sql, of)).map(unpackSums)
}

const asked = (app: TestApp, workspaceId = app.workspaceId, context = [0.5]) =>
  choose(
    app.board,
    workspaceId,
    { capability: 'subject-line', candidates, task: { kind: 'mail', context } },
    null,
  )

const close = (values: readonly number[]) =>
  values.map((value): unknown => expect.closeTo(value, 9))

test('chooses who did better, from what was reported', async () => {
  await using app = await open()
  expect((await asked(app))?.choice.confidence).toBeCloseTo(0.5, 6)
  const seen = Array.from({ length: 30 }, () => [outcome(ann, 0.3), outcome(bob, 0.6)]).flat()
  await report(app.board, app.workspaceId, seen)
  const picked = await asked(app)
  expect(picked?.choice).toMatchObject({ agent: bob, expected: expect.closeTo(0.6, 1) })
  expect(picked?.choice.confidence).toBeGreaterThan(0.95)
})

test('one by one, the sums are those of the selector in memory, fading as there', async () => {
  await using app = await open()
  const seen = [0.2, 0.9, 0.4, 0.6].flatMap((reward, at) => [
    outcome(ann, reward, [at / 4]),
    outcome(bob, 1 - reward, [reward]),
    outcome(bob, reward, [0.1]),
  ])
  for (const one of seen) await report(app.board, app.workspaceId, [one])
  const expected = seen.reduce<Evidence[]>(
    (all, { agent, task, reward = 0 }) => learn(all, agent, task, reward),
    [],
  )
  const stored = await known(app)
  for (const one of expected) {
    expect(stored.find(({ agent }) => agent === one.agent)).toEqual({
      ...one,
      weight: expect.closeTo(one.weight, 9),
      square: expect.closeTo(one.square, 9),
      gram: close(one.gram),
      moment: close(one.moment),
    })
  }
  const [task, settings] = [{ kind: 'mail', context: [0.3] }, selectorSettings]
  expect((await asked(app, app.workspaceId, [0.3]))?.choice.expected).toBeCloseTo(
    pick(candidates, task, expected, null, settings)?.choice.expected ?? 0,
    9,
  )
})

test('loses nothing of what two report at once', async () => {
  await using app = await open()
  const batches = Array.from({ length: 20 }, (_, n) => [
    outcome(n % 2 === 0 ? ann : bob, n / 20, [n / 20]),
    outcome(n % 2 === 0 ? bob : ann, 0.5, [0.25]),
    outcome(ann, 0.125, [1]),
  ])
  const send = (some: Outcome[][]) =>
    Promise.all(some.map((batch) => report(app.board, app.workspaceId, batch, kept)))
  await Promise.all([send(batches.slice(0, 10)), send(batches.slice(10))])
  const expected = batches
    .flat()
    .reduce<Evidence[]>(
      (all, { agent, task, reward = 0 }) => learn(all, agent, task, reward, kept),
      [],
    )
  const stored = await known(app)
  expect(stored.map(({ outcomes }) => outcomes).toSorted((a, b) => a - b)).toEqual([20, 40])
  for (const { agent, outcomes, weight, square, gram, moment } of expected) {
    expect(stored.find((one) => one.agent === agent)).toMatchObject({
      outcomes,
      weight,
      square: expect.closeTo(square, 9),
      gram: close(gram),
      moment: close(moment),
    })
  }
})

test('what is reported at once fades as much as what comes one after the other', async () => {
  await using app = await open()
  const reports = Array.from({ length: 12 }, () =>
    report(app.board, app.workspaceId, [outcome(ann, 0.5), outcome(ann, 0.5)]),
  )
  await Promise.all(reports)
  const { keep } = selectorSettings
  const weight = (1 - keep ** 24) / (1 - keep)
  expect(await known(app)).toMatchObject([{ outcomes: 24, weight: expect.closeTo(weight, 9) }])
})

test('what has long faded is nothing, and no fault', async () => {
  await using app = await open()
  await report(app.board, app.workspaceId, [outcome(ann, 1e-120, [0.5 + 1e-15])])
  await report(app.board, app.workspaceId, [outcome(bob, 0.5)])
  await app.sql`update agent_outcome set outcomes = 4000000 where agent = ${bob}`
  await report(app.board, app.workspaceId, [outcome(ann, 0, [0.5])])
  await app.sql`update agent_outcome set sums[2] = 1e-300 where agent = ${ann}`
  await report(app.board, app.workspaceId, [outcome(ann, 0, [0.5])])
  const one = (await known(app)).find(({ agent }) => agent === ann)
  expect(one).toMatchObject({
    outcomes: 3,
    others: 4_000_000,
    weight: 1 + selectorSettings.keep,
    square: 0,
  })
  expect((await asked(app))?.choice.expected).toBeGreaterThan(0.4)
})

test('tasks of another shape begin anew, and outcomes are counted on', async () => {
  await using app = await open()
  await report(app.board, app.workspaceId, [outcome(ann, 0.9), outcome(ann, 0.9)])
  await report(app.board, app.workspaceId, [
    outcome(ann, 0.1, [0.5]),
    outcome(ann, 0.2, [0.5, 0.5]),
  ])
  expect(await known(app)).toMatchObject([
    { outcomes: 4, weight: 1, moment: [0.2, 0, 0], gram: [1, 0, 0, 0, 0, 0] },
  ])
})

test('one workspace learns nothing from another', async () => {
  await using app = await open()
  const [other] = await ensureWorkspace(app.sql, { name: 'other' })
  await report(app.board, app.workspaceId, [outcome(ann, 0.9), outcome(bob, 0.1)])
  expect(await known(app, other?.id)).toEqual([])
  expect((await asked(app, other?.id))?.choice.expected).toBeCloseTo(0.5, 9)
})

test('an outcome that is none is refused with what is wrong, and nothing of the report is kept', async () => {
  await using app = await open()
  const wrong = { ...outcome(bob, 0.5), score: { relevance: 2, completeness: 1, confidence: 1 } }
  await expect(
    report(app.board, app.workspaceId, [outcome(ann, 0.5), wrong]),
  ).rejects.toMatchObject({
    code: 'bad_input',
    message: expect.stringContaining('1.score.relevance'),
  })
  await expect(
    report(app.board, app.workspaceId, [outcome(ann, Number.NaN)]),
  ).rejects.toMatchObject({ code: 'bad_input' })
  expect(await known(app)).toEqual([])
  await expect(asked(app, app.workspaceId, [1.5])).rejects.toMatchObject({ code: 'bad_input' })
})

test('readers are told what agents are worth and what follows, over all that they do', async () => {
  await using app = await open()
  const admin = await readerOf(app, 'admin')
  const scored = (value: number, kind: string): Outcome => ({
    ...outcome(ann, 0.5),
    task: { kind, context: [] },
    score: { relevance: value, completeness: value, confidence: value },
  })
  await report(app.board, app.workspaceId, [scored(0.8, 'mail'), scored(0.5, 'push')])
  expect(await listAgentScores(admin, [ann, bob])).toEqual([
    {
      agent: ann,
      samples: 2,
      relevance: expect.closeTo(0.65),
      completeness: expect.closeTo(0.65),
      confidence: expect.closeTo(0.65),
      composite: 0.65,
      printed: '0.65',
      verdict: 'replaced',
    },
  ])
  const lenient = { replaceAtOrBelow: 0.5, recalibrateBelow: 0.6 }
  expect(await listAgentScores(admin, [ann], lenient)).toMatchObject([{ verdict: 'retained' }])
  const nobody = await readerOf(app, 'app')
  await expect(listAgentScores(nobody, [ann])).rejects.toMatchObject({ code: 'forbidden' })
})

test('a plugin that is purged leaves nothing of what came of its agents', async () => {
  await using app = await open()
  await report(app.board, app.workspaceId, [outcome(ann, 0.9), outcome(bob, 0.1)])
  const at = app.board.clock.now().toISOString()
  await buryPlugin(app.sql, { workspaceId: app.workspaceId, id: 'shop', author: 'admin', at })
  expect((await known(app)).map(({ agent }) => agent)).toEqual([bob])
})
