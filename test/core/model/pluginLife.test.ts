import { expect, test } from 'vitest'
import {
  isInService,
  pluginMayBecome,
  pluginStates,
  pluginSteps,
  stateOnInstall,
} from '../../../core/model/pluginLife.ts'

test('a plugin that is purged may come back, and is purged only after it was removed', () => {
  expect(pluginSteps.purged).toEqual(['awaiting_approval', 'active'])
  const before = pluginStates.filter((from) => pluginMayBecome(from, 'purged'))
  expect(before).toEqual(['removed'])
})

test('whatever is in service can be removed, and nothing goes from waiting for approval to waiting for less', () => {
  for (const state of pluginStates.filter(isInService)) {
    expect([state, pluginMayBecome(state, 'removed')]).toEqual([state, true])
    expect([state, pluginMayBecome(state, 'awaiting_approval')]).toEqual([state, false])
  }
  expect(pluginSteps.awaiting_approval).toEqual(['active', 'removed'])
})

test('a version that is installed over a paused one stays paused, and over a quarantined one runs', () => {
  const after = pluginStates.map((state) => [state, stateOnInstall(state)])
  expect(Object.fromEntries(after)).toEqual({
    awaiting_approval: 'active',
    active: 'active',
    paused: 'paused',
    quarantined: 'active',
    incompatible: 'active',
    removed: 'active',
    purged: 'active',
  })
  for (const state of pluginStates) {
    const next = stateOnInstall(state)
    expect([state, next === state || pluginMayBecome(state, next)]).toEqual([state, true])
  }
})
