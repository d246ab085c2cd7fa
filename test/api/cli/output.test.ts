import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { endWithReader } from '../../../api/cli/output.ts'

const main = join(import.meta.dirname, '../../../main.ts')

/** A command whose reader is there, or has gone before the first line. */
async function run(reads: boolean) {
  const child = spawn(process.execPath, [main, 'policy', 'schema'], { stdio: 'pipe' })
  const [out, complaints] = [[] as Buffer[], [] as Buffer[]]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
  if (!reads) child.stdout.destroy()
  const [code] = await once(child, 'close')
  return { code, out: String(Buffer.concat(out)), complaints: String(Buffer.concat(complaints)) }
}

test('a command ends quietly when its reader has seen enough', async () => {
  expect(await run(false)).toEqual({ code: 0, out: '', complaints: '' })
})

test('and prints everything to one that stays', async () => {
  const { code, out } = await run(true)
  expect(code).toBe(0)
  expect(JSON.parse(out)).toHaveProperty('$schema')
})

test('throws whatever else befalls the stream', () => {
  const stream = new PassThrough()
  let ends = 0
  endWithReader(stream, () => (ends += 1))
  const failure = (code: string) => Object.assign(new Error(code), { code })
  stream.emit('error', failure('EPIPE'))
  expect(ends).toBe(1)
  expect(() => stream.emit('error', failure('ENOSPC'))).toThrow('ENOSPC')
})
