import { readFileSync } from 'node:fs'
import { fail } from '../../../core/errors.ts'

/** A policy document as somebody edits it. @throws bad_input when it is not a file of JSON */
export function readDocument(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw fail('bad_input', { path: file, reason: 'there is no file of that name to read' }, cause)
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    const where = cause instanceof SyntaxError ? ` (${cause.message})` : ''
    throw fail('bad_input', { path: file, reason: `it is not JSON${where}` }, cause)
  }
}
