import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { mend } from '../../blackboard/driver.ts'

test('the installed driver still has the three lines that are mended, or the mending can go', () => {
  const entry = fileURLToPath(import.meta.resolve('postgres'))
  const source = readFileSync(join(dirname(entry), 'connection.js'), 'utf8')
  const mended = mend(source)
  expect(mended.match(/socket === null/g)).toHaveLength(
    (source.match(/socket === null/g)?.length ?? 0) + 1,
  )
  expect(mended).toContain('clearImmediate(pending)')
  expect(source).toContain('!hadError && (query')
  expect(mended).not.toContain('!hadError && (query')
})
