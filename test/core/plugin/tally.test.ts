import { expect, test } from 'vitest'
import { addLately, addRun, newTally } from '../../../core/plugin/tally.ts'

const tallyOf = (digest: string, failed: number, items: number) => {
  const tally = newTally(1, 'probe', digest, '2026-01-01T00:00:00.000Z')
  const failure = { message: '', profileId: 'p', eventId: null, shape: () => ({}) }
  const failures = Array.from({ length: failed }, () => ({ ...failure, code: 'plugin_threw' }))
  const told = { items: 0, failures: 0 }
  const of = { workspaceId: 1, plugin: 'probe', agent: 'probe', digest }
  const run = {
    ...of,
    items,
    ms: 1,
    denials: 0,
    bytesOut: 0,
    writes: 0,
    conflicts: 0,
    told,
    failures,
  }
  addRun(tally, run, '2026-01-01T00:00:00.000Z')
  return tally
}

test('what failed lately is of one window', () => {
  const bad = addLately(undefined, tallyOf('one', 9, 9), 0)
  expect(addLately(bad, tallyOf('one', 1, 2), 599_999)).toMatchObject({ items: 11, failed: 10 })
  expect(addLately(bad, tallyOf('one', 1, 2), 600_000)).toMatchObject({ items: 2, failed: 1 })
})
