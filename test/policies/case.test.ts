import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { testPolicy } from '../../core/policy/testPolicy.ts'
import { shippedPolicy } from '../../policies/shipped.ts'

const shipped = shippedPolicy()
const tests = shipped.document.tests ?? []
const report = testPolicy(shipped)

describe('the shipped decision tables', () => {
  it('are all shipped, under the names of their files', () => {
    const files = readdirSync(join(import.meta.dirname, '../../policies/case'))
    expect(tests.map(({ name }) => `${name}.json`).toSorted()).toEqual(files.toSorted())
    expect(files.length).toBeGreaterThanOrEqual(22)
  })

  it('leave no rule untried, and look at thousands of combinations', () => {
    const { cells, uncovered, tables } = report
    expect(uncovered).toEqual([])
    expect(tables).toBe(tests.length)
    expect(cells).toBeGreaterThan(4000)
  })

  for (const { name, description } of tests) {
    it(`${name}: ${description}`, () => {
      expect(report.failures.filter(({ table }) => table === name)).toEqual([])
    })
  }
})
