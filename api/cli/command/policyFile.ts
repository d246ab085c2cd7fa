import { readFileSync } from 'node:fs'
import { fail } from '../../../core/errors.ts'
import { readPolicyDocument } from '../../../core/read/lintPolicy.ts'

/** A file of JSON as somebody edits it. @throws bad_input when it is not one */
export function readDocument(file: string): unknown {
  const text = readText(file)
  try {
    return JSON.parse(text)
  } catch (cause) {
    const where = cause instanceof SyntaxError ? ` (${cause.message})` : ''
    throw fail('bad_input', { path: file, reason: `it is not JSON${where}` }, cause)
  }
}

/** A policy document likewise; strictly, since a key that stands twice would lose one of its values. */
export const readPolicyFile = (file: string): unknown => readPolicyDocument(readText(file))

/** @throws bad_input */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw fail('bad_input', { path: file, reason: 'there is no file of that name to read' }, cause)
  }
}
