import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CommandTable } from '../../../api/cli/context.ts'
import { runCommand } from '../../../api/cli/program.ts'
import { fail } from '../../../core/errors.ts'

let parent = ''
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'slateboard-kit-'))
})
afterAll(() => rm(parent, { recursive: true, force: true }))

/** The kit works where no server is: whoever asks for one fails. */
const noServer = (write: (line: string) => void): CommandTable => ({
  start: () => Promise.reject(fail('internal')),
  demo: () => Promise.reject(fail('internal')),
  migrate: () => Promise.reject(fail('internal')),
  openClient: () => Promise.reject(fail('internal')),
  write,
})

async function run(...args: string[]) {
  const out: string[] = []
  const complaints: string[] = []
  const code = await runCommand(
    args,
    noServer((line) => out.push(line)),
    (line) => complaints.push(line),
  )
  return { code, out: out.join('\n'), complaints: complaints.join('\n') }
}

const folder = (): string => join(parent, 'good-customer')

test('a plugin comes to life, is tried, recorded and measured without a server', async () => {
  const made = await run('plugin', 'new', 'good-customer', '--folder', parent)
  expect(made).toMatchObject({ code: 0, out: expect.stringContaining('plugin try') })
  const first = await run('plugin', 'try', folder(), '--once')
  expect(first.out).toMatch(/good-customer 0\.1\.0 loaded in \d+ ms, 2 fixtures/)
  expect(first.out).toContain('marketing.promotion by email: ALLOW.')
  expect(await run('plugin', 'try', folder(), '--record')).toMatchObject({
    code: 0,
    out: '2 answers recorded.',
  })
  expect((await run('plugin', 'try', folder(), '--once')).out).toContain('first-order (count')
  const bench = await run('plugin', 'bench', folder(), '--seconds', '0.2', '--json')
  expect(JSON.parse(bench.out)).toMatchObject([{ agent: 'count' }])
  expect(await run('plugin', 'lint', folder())).toMatchObject({ code: 0, out: 'Nothing to mend.' })
})

test('fails with the differences when an answer is not the recorded one', async () => {
  const file = join(folder(), 'fixtures', 'first-order.json')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('"value": 1', '"value": 7'))
  const { code, out, complaints } = await run('plugin', 'try', folder(), '--once')
  expect(code).toBe(1)
  expect(out).toContain('writes.good_customer_orders.value was 7, is 1')
  expect(complaints).toContain('The answers to first-order are not the recorded ones.')
  await writeFile(file, text)
})

test('gives programs everything as JSON', async () => {
  const { out } = await run('plugin', 'try', folder(), '--json')
  expect(JSON.parse(out)).toMatchObject({
    plugin: 'good-customer',
    fixtures: [{ name: 'first-order', verdict: 'same' }, { decisions: [{ outcome: 'allow' }] }],
  })
})

test.each([
  [['plugin', 'new', 'Bad Name'], 'Use kebab-case'],
  [['plugin', 'try', '/nowhere', '--once'], 'the folder does not exist'],
  [['plugin', 'try', '/nowhere', '--now', 'noon'], '"noon" is not a time'],
  [['plugin', 'bench', '/nowhere', '--seconds', '-1'], '"-1" is not from 0 to 600'],
  [['plugin', 'lint', '/nowhere'], 'the folder does not exist'],
])('%j is refused with what to do about it', async (args, reason) => {
  const { code, complaints } = await run(...args)
  expect(code).toBe(1)
  expect(complaints).toContain(reason)
})
