import { writeFileSync } from 'node:fs'
import { createSchema, printed } from '../graph/schema.ts'

export const schemaFile = new URL('../schema.graphql', import.meta.url)

/** Rewrites the committed schema from the code; a test refuses a difference. */
export function writeSchema(): void {
  writeFileSync(schemaFile, printed(createSchema()))
}
