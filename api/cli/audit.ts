import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { fail } from '../../core/errors.ts'
import { genesis, verifyEntries } from '../../core/flow/record.ts'
import type { Client } from './client.ts'

const entrySchema = z.object({
  seq: z.int(),
  id: z.string(),
  at: z.iso.datetime().transform((text) => new Date(text)),
  actor: z.string(),
  action: z.string(),
  object: z.string(),
  payload: z.string(),
  payloadHash: z.string(),
  previousHash: z.string(),
  hash: z.string(),
})

export interface AuditResult {
  valid: boolean
  entries: number
  head: string | null
  problem: string | null
}

/** Checks the chain line by line: of an exported file, which needs nothing else, or of the server's own. */
export async function verifyChain(lines: AsyncIterable<string>): Promise<AuditResult> {
  let state = { seq: 0, hash: genesis }
  for await (const line of lines) {
    if (line.trim() === '') continue
    const result = verifyEntries([readEntry(line, state.seq + 1)], state)
    if (!result.ok) {
      const problem = `entry ${result.seq}: ${result.problem}`
      return { valid: false, entries: state.seq, head: null, problem }
    }
    state = { seq: result.entries, hash: result.head }
  }
  return { valid: true, entries: state.seq, head: state.hash, problem: null }
}

function readEntry(line: string, expected: number): z.output<typeof entrySchema> {
  try {
    return entrySchema.parse(JSON.parse(line))
  } catch (cause) {
    throw fail(
      'bad_input',
      { path: `entry ${expected}`, reason: 'it is not an audit entry' },
      cause,
    )
  }
}

export const linesOf = (file: string): AsyncIterable<string> =>
  createInterface({ input: createReadStream(file, 'utf8') })

/** The server's chain, page by page. */
export async function* entriesOf(client: Client): AsyncGenerator<string> {
  let after = 0
  for (;;) {
    const text = await client.read(`/audit/entries?after=${after}`)
    const lines = text.split('\n').filter((line) => line !== '')
    yield* lines
    const last = lines.at(-1)
    if (last === undefined) return
    after = readEntry(last, after + lines.length).seq
  }
}
