import { expect, test } from 'vitest'
import { addLately, addRun, newTally } from '../../../core/plugin/tally.ts'

const tallyOf = (digest: string, failed: number, items: number) => {
  const tally = newTally(1, 'probe', '2026-01-01T00:00:00.000Z')
  const failure = { message: '', profileId: 'p', eventId: null, shape: () => ({}) }
  const failures = Array.from({ length: failed }, () => ({ ...failure, code: 'plugin_threw' }))
  const run = {
    workspaceId: 1,
    plugin: 'probe',
    agent: 'probe',
    digest,
    items,
    ms: 1,
    denials: 0,
    bytesOut: 0,
  }
  addRun(tally, { ...run, failures }, '2026-01-01T00:00:00.000Z')
  return tally
}

test('what failed lately is of one version and of one window', () => {
  const bad = addLately(undefined, tallyOf('one', 9, 9), 0)
  expect(addLately(bad, tallyOf('one', 1, 2), 599_999)).toMatchObject({ items: 11, failed: 10 })
  expect(addLately(bad, tallyOf('one', 1, 2), 600_000)).toMatchObject({ items: 2, failed: 1 })
  expect(addLately(bad, tallyOf('two', 1, 2), 1)).toMatchObject({ items: 2, failed: 1 })
})
