import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemaFile } from '../../../api/cli/schema.ts'
import { createSchema, printed } from '../../../api/graph/schema.ts'

test('the committed schema is what the code serves; `npm run schema` rewrites it', () => {
  expect(readFileSync(schemaFile, 'utf8')).toBe(printed(createSchema()))
})
