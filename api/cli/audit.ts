import { createReadStream, existsSync, readFileSync } from 'node:fs'
import type { KeyObject } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fail } from '../../core/errors.ts'
import { parseLine, readPublicKey } from '../../core/audit/line.ts'
import type { Client } from './client.ts'

/** @throws bad_input when there is no such file */
export function linesOf(file: string): AsyncIterable<string> {
  if (!existsSync(file)) throw fail('bad_input', { path: file, reason: 'there is no such file' })
  return createInterface({ input: createReadStream(file, 'utf8') })
}

/** The key itself in base64, or a file that holds it, as its own text or as the first line of an export. */
export function keyOf(given: string): KeyObject {
  const text = existsSync(given) ? readFileSync(given, 'utf8') : given
  const [first = ''] = text.trim().split('\n')
  if (!first.startsWith('{')) return readPublicKey(first)
  const line = parseLine(first, 1)
  if ('publicKey' in line) return readPublicKey(line.publicKey)
  throw fail('bad_input', { path: given, reason: 'its first line names no key' })
}

/** The server's log as it would be exported, page by page. */
export async function* entriesOf(client: Client): AsyncGenerator<string> {
  yield (await client.read('/audit/key')).trim()
  let after = 0
  for (;;) {
    const text = await client.read(`/audit/entries?after=${after}`)
    const lines = text.split('\n').filter((line) => line !== '')
    yield* lines
    const last = lines.map((line) => parseLine(line, after)).findLast((line) => 'entry' in line)
    if (last === undefined) return
    after = last.entry.seq
  }
}
