import { expect, test } from 'vitest'
import type { Replayed } from '../../../core/plugin/rehearse/replay.ts'
import { examplesOf, reportAgent } from '../../../core/plugin/rehearse/report.ts'

const replayed = (profileId: string, next: number, more: Partial<Replayed> = {}): Replayed => ({
  profileId,
  verdict: next === 0 ? 'same' : 'changed',
  differences: next === 0 ? [] : [{ part: 'trait', key: 'plan', kind: 'changed', old: 0, next }],
  failures: { old: null, next: null },
  isBothFailed: false,
  asked: false,
  ...more,
})

const failed = replayed('zoe', 1, { verdict: 'only_new_failed', differences: [] })

test('shows each way of differing before more of the same, each person once for one difference, at most 20', () => {
  const many = Array.from({ length: 30 }, (_, n) => replayed(`p${n}`, 1))
  const examples = examplesOf(
    new Map([
      ['one', [replayed('ada', 0), replayed('ada', 1), replayed('ada', 1), ...many, failed]],
      ['two', [replayed('bob', 2), replayed('bob', 3)]],
    ]),
  )
  expect(examples).toHaveLength(20)
  expect(examples.slice(0, 4).map(({ agent, profileId }) => `${agent} ${profileId}`)).toEqual([
    'one ada',
    'two bob',
    'one zoe',
    'two bob',
  ])
  expect(examples.filter(({ profileId }) => profileId === 'ada')).toHaveLength(1)
})

test('counts by agent and by kind of difference, the most frequent first', () => {
  const held = replayed('cyd', 1, {
    differences: [{ part: 'hold', key: 'marketing', kind: 'added', old: undefined, next: 'x' }],
  })
  const all = [held, replayed('ada', 1), replayed('bob', 2), replayed('dee', 0), failed]
  const replay = { reactions: 7, replayed: all, isCut: true }
  expect(reportAgent('one', false, replay)).toMatchObject({
    reactions: 7,
    compared: 5,
    same: 1,
    changed: 3,
    onlyNewFailed: 1,
    onlyOldFailed: 0,
    isCut: true,
    differences: [
      { part: 'trait', key: 'plan', kind: 'changed', count: 2 },
      { part: 'hold', key: 'marketing', kind: 'added', count: 1 },
    ],
  })
})
