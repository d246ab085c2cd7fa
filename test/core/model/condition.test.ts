import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { always, andPlans, never, notPlan, orPlans, when } from '../../../core/model/condition.ts'
import type { Plan } from '../../../core/model/condition.ts'
import { compareText, matches, planMatcher } from '../../../core/model/match.ts'

const a = when({ op: 'eq', field: 'a', value: 1 })
const b = when({ op: 'eq', field: 'b', value: 1 })

describe('plans', () => {
  it('lose what changes nothing', () => {
    expect(andPlans([])).toEqual(always)
    expect(orPlans([])).toEqual(never)
    expect(andPlans([always, a, a])).toEqual(a)
    expect(orPlans([never, a, a])).toEqual(a)
    expect(notPlan(notPlan(a))).toEqual(a)
  })

  it('are decided by one never of an and, by one always of an or', () => {
    expect(andPlans([a, never, always])).toEqual(never)
    expect(orPlans([a, never, always])).toEqual(always)
    expect(notPlan(always)).toEqual(never)
    expect(notPlan(never)).toEqual(always)
  })

  it('mean what boolean logic means', () => {
    const plan = fc.constantFrom<Plan>(always, never, a, b)
    const row = fc.record({ a: fc.constantFrom(0, 1), b: fc.constantFrom(0, 1) })
    fc.assert(
      fc.property(fc.array(plan), row, (plans, given) => {
        const holds = (each: Plan) => planMatcher(each)(given)
        expect(holds(andPlans(plans))).toBe(plans.every(holds))
        expect(holds(orPlans(plans))).toBe(plans.some(holds))
        expect(plans.every((each) => holds(notPlan(each)) !== holds(each))).toBe(true)
      }),
    )
  })
})

describe('matches', () => {
  it('takes a missing value for null, which never orders', () => {
    expect(matches({ op: 'eq', field: 'x.y', value: null }, {})).toBe(true)
    expect(matches({ op: 'ne', field: 'x', value: 'a' }, {})).toBe(true)
    expect(matches({ op: 'gt', field: 'x', value: -5 }, { x: null })).toBe(false)
    expect(matches({ op: 'lt', field: 'x', value: 5 }, { x: null })).toBe(false)
  })

  it('compares only values of the same type', () => {
    expect(matches({ op: 'eq', field: 'x', value: true }, { x: 'true' })).toBe(false)
    expect(matches({ op: 'lt', field: 'x', value: 5 }, { x: '1' })).toBe(false)
    expect(matches({ op: 'eq', field: 'x', value: 'a' }, { x: ['a'] })).toBe(false)
  })

  it('sees own members only', () => {
    expect(matches({ op: 'exists', field: 'constructor', value: true }, {})).toBe(false)
    expect(matches({ op: 'exists', field: 'x.length', value: true }, { x: 'abc' })).toBe(false)
  })

  it('compares times as times, whatever their zone', () => {
    const row = { at: new Date('2026-01-01T04:59:59Z') }
    expect(matches({ op: 'lt', field: 'at', value: '2026-01-01T00:00:00-05:00' }, row)).toBe(true)
    expect(matches({ op: 'eq', field: 'at', value: '2025-12-31T23:59:59-05:00' }, row)).toBe(true)
  })
})

describe('compareText', () => {
  it('orders as the bytes of UTF-8 do', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(text, text, (left, right) => {
        const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right))
        expect(Math.sign(compareText(left, right))).toBe(bytes)
      }),
    )
  })
})
