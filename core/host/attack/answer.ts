import { z } from 'zod'

const answerSchema = z.object({ open: z.boolean(), says: z.string() })

/** Whether a line got through, and what it saw or met. */
export type Answer = z.infer<typeof answerSchema>

/** The answers among the lines of a text; what else stands there is no answer. */
export function answersOf(text: string): Answer[] {
  return text.split('\n').flatMap((line) => {
    const answer = answerSchema.safeParse(parsed(line))
    return answer.success ? [answer.data] : []
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Source of `get(name)`: a built-in module by whichever way leads to one. */
export const reach = `
const get = async (name) => {
  let refusal
  for (const way of [
    () => require('node:' + name),
    () => process.getBuiltinModule('node:' + name),
    () => import('node:' + name),
  ]) {
    try {
      const found = await way()
      if (found) return found
    } catch (thrown) { refusal = thrown }
  }
  throw refusal ?? new TypeError('there is no ' + name)
}`
