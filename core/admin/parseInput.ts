import type { z } from 'zod'
import { fail } from '../errors.ts'

/** @throws bad_input with the path of the first thing wrong; the value itself is not repeated */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw fail('bad_input', {
    path: ['input', ...(issue?.path ?? [])].map(String).join('.'),
    reason: issue?.message ?? 'it does not have the right shape',
  })
}
