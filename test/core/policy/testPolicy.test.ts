import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../core/model/json.ts'
import { demandGreen, testPolicy } from '../../../core/policy/testPolicy.ts'
import { parsePolicy } from '../../../policies/document.ts'

const rule = {
  id: 'app-reads-plan',
  sentence: 'Apps see pseudonymous values to give service.',
  effect: 'permit',
  roles: ['app'],
  action: 'read',
  subject: 'Profile',
  purposes: ['service'],
  fields: ['class:pseudonymous'],
  reason: 'test',
}
const sends = {
  id: 'app-sends',
  sentence: 'Apps and agents send service messages.',
  effect: 'permit',
  roles: ['app'],
  agents: ['*'],
  action: 'activate',
  subject: 'Activation',
  purposes: ['service'],
  channels: ['email'],
  reason: 'test',
}
const right = {
  id: 'app-reads-events',
  sentence: 'Apps may read events of a profile.',
  effect: 'permit',
  roles: ['app'],
  action: 'read',
  subject: 'Event',
  reason: 'test',
}
const reading = {
  table: 'reading',
  name: 'reading',
  description: 'Who sees what.',
  permits: [{ who: ['app'], purposes: ['service'], classes: ['pseudonymous'] }],
}
const run = (rules: JsonObject[], tests: JsonObject[]) =>
  testPolicy(parsePolicy({ title: 'Test', rules, tests }))
const cells = (rules: JsonObject[], tests: JsonObject[]) =>
  run(rules, tests).failures.map(({ table, cell, wanted, got, rule }) =>
    [table, cell, wanted, got, rule].join(' | '),
  )

describe('testPolicy', () => {
  it('passes a table that lists all that is permitted', () => {
    expect(run([rule], [reading])).toMatchObject({ tables: 1, passed: 1, failed: 0, uncovered: [] })
  })

  it('fails one that lists less, and one that lists more', () => {
    expect(cells([rule], [{ ...reading, permits: [] }])).toEqual([
      'reading | app service pseudonymous | refuse | allow | app-reads-plan',
    ])
    const more = { who: ['app', 'officer'], purposes: ['service'], classes: ['pseudonymous'] }
    expect(cells([rule], [{ ...reading, permits: [more] }])).toEqual([
      'reading | officer service pseudonymous | allow | refuse (no_rule) | ',
    ])
  })

  it('asks each table about whatever any rule or table names', () => {
    const wider = { ...rule, purposes: ['service', 'resale'] }
    expect(cells([wider], [reading])).toEqual([
      'reading | app resale pseudonymous | refuse | allow | app-reads-plan',
    ])
    const trait = { ...rule, id: 'trait', fields: ['trait:plan'] }
    expect(cells([rule, trait], [reading])).toEqual([
      'reading | app service trait:plan | refuse | allow | trait',
    ])
    const named = { who: ['app'], purposes: ['service'], fields: ['trait:plan'] }
    const traits = { plan: 'contact' }
    const both = { ...reading, traits, permits: [...reading.permits, named] }
    expect(cells([rule, trait], [both])).toEqual([])
  })

  it('decides through the gate, with reasons, for agents by name and for the rest', () => {
    const table = {
      table: 'activation',
      name: 'sending',
      description: 'Who sends.',
      allow: [{ who: ['app', 'agent'], purposes: ['service'], channels: ['email'] }],
    }
    expect(cells([sends], [table])).toEqual([])
    const ban = { ...sends, id: 'ban', effect: 'forbid', agents: ['a/one'], reason: 'banned' }
    const { roles: _, ...banOne } = ban
    expect(cells([sends, banOne], [table])).toEqual([
      'sending | a/one service email | allow | refuse (banned) | ban',
    ])
    const refuse = [
      { who: ['a/one'], purposes: ['service'], channels: ['email'], reason: 'banned' },
    ]
    expect(cells([sends, banOne], [{ ...table, refuse }])).toEqual([])
    const wrong = [{ ...refuse[0], reason: 'other' }]
    expect(cells([sends, banOne], [{ ...table, refuse: wrong }])).toEqual([
      'sending | a/one service email | refuse (other) | refuse (banned) | ban',
    ])
  })

  it('looks at rights, and holds a table of them to every right that there is', () => {
    const table = {
      table: 'rights',
      name: 'rights',
      description: 'Who may do what.',
      may: [{ who: ['app'], do: ['read Event'] }],
    }
    expect(cells([right], [table])).toEqual([])
    const more = { ...right, id: 'more', action: 'approve', subject: 'Policy' }
    expect(cells([right, more], [table])).toEqual([
      'rights | app approve Policy | refuse | allow | more',
    ])
  })

  it('asks at the time that the table gives', () => {
    const bound = { ...rule, until: '2026-07-01T00:00:00Z' }
    expect(cells([bound], [reading])).toEqual([])
    const later = { ...reading, name: 'later', now: '2026-07-01T00:00:00Z' }
    expect(cells([bound], [later])).toEqual([
      'later | app service pseudonymous | allow | refuse (no_rule) | ',
    ])
    expect(cells([bound], [reading, { ...later, permits: [] }])).toEqual([])
  })

  it('asks as the principal that the table names', () => {
    const own = { ...rule, when: { 'traits.owner': { $principal: 'id' } } }
    const row = { owner: 'p1' }
    expect(cells([own], [{ ...reading, row, asker: { id: 'p1' } }])).toEqual([])
    const wanted = 'reading | app service pseudonymous | allow | refuse (no_rule) | '
    expect(cells([own], [{ ...reading, row, asker: { id: 'p2' } }])).toEqual([wanted])
    expect(cells([own], [{ ...reading, row }])).toEqual([wanted])
  })

  it('names the rules that no table tries', () => {
    const idle = {
      ...rule,
      id: 'never',
      roles: ['officer'],
      purposes: ['analytics'],
      when: { restricted: true },
    }
    expect(run([rule, right, idle], [reading]).uncovered).toEqual(['app-reads-events', 'never'])
    expect(run([rule], []).uncovered).toEqual(['app-reads-plan'])
  })

  it('refuses more combinations than can be looked at', () => {
    const names = (kind: string) => Array.from({ length: 50 }, (_, n) => `${kind}${n}`)
    const rules = Array.from({ length: 20 }, (_, n) => ({
      ...sends,
      id: `r${n}`,
      purposes: names(`p${n}_`),
      channels: names(`c${n}_`),
    }))
    const table = { table: 'activation', name: 'all', description: 'All.', allow: [] }
    expect(() => run(rules, [table])).toThrow('more than 50000 combinations')
  })
})

it('a red table is an error that names table, cell, what was wanted, what came, and the rule', () => {
  const report = run([rule], [{ ...reading, permits: [] }])
  expect(() => demandGreen(report)).toThrow(
    "1 of the cells of the policy's tests are wrong. Table reading, app service pseudonymous: wanted refuse, got allow, decided by app-reads-plan.",
  )
  expect(() => demandGreen(run([rule], [reading]))).not.toThrow()
})
