import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { openTestDatabase } from '../../support/database.ts'

const messagesMax = 600
const kills = 4
/** Messages on their way at one time: fewer than a commit takes, so that kills fall between commits. */
const underWayMax = 20

interface Report {
  pending: number
  events: number
  messages: number
  seen: number
  followed: number
  unchained: number
}

interface Line {
  ready?: true
  stored?: string
  report?: Report
}

/** Starts the platform in a process and hands on every line it says. */
function start(env: Record<string, string>, hear: (line: Line) => void) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../support/childApp.ts')], {
    env: { PATH: process.env['PATH'], TZ: 'UTC', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  child.stdin.on('error', () => undefined)
  createInterface({ input: child.stdout }).on('line', (line) => hear(JSON.parse(line)))
  return {
    say: (line: object) => void child.stdin.write(`${JSON.stringify(line)}\n`),
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/**
 * Sends every message until it is acknowledged, killing the process after a random number of
 * acknowledgements, `kills` times; then lets the last one finish and returns what it says.
 */
async function survive(
  env: Record<string, string>,
): Promise<{ stored: Set<string>; report: Report }> {
  const all = Array.from({ length: messagesMax }, (_, n) => [`m${n}`, `user${n % 25}`] as const)
  const stored = new Set<string>()
  for (let life = 0; ; life += 1) {
    const isLast = life === kills
    const more = Math.ceil((Math.random() * messagesMax) / kills)
    const until = isLast ? messagesMax : Math.min(messagesMax, stored.size + more)
    const left = all.filter(([id]) => !stored.has(id)).values()
    const sendNext = (): void => {
      const { value: send } = left.next()
      if (send) child.say({ send })
    }
    const { promise: ready, resolve: isReady } = Promise.withResolvers<void>()
    const { promise: reached, resolve: hasReached } = Promise.withResolvers<void>()
    let answer: ((report: Report) => void) | undefined
    const child = start(env, (line) => {
      if (line.ready) isReady()
      if (line.stored !== undefined) {
        stored.add(line.stored)
        sendNext()
      }
      if (line.report) answer?.(line.report)
      if (stored.size >= until) hasReached()
    })
    await ready
    for (let n = 0; n < underWayMax; n += 1) sendNext()
    if (stored.size >= until) hasReached()
    await reached
    if (!isLast) {
      await child.kill()
      continue
    }
    const ask = (): Promise<Report> => {
      const { promise, resolve } = Promise.withResolvers<Report>()
      answer = resolve
      child.say({ report: true })
      return promise
    }
    let report = await ask()
    while (report.pending > 0 || report.unchained > 0) report = await ask()
    await child.kill()
    return { stored, report }
  }
}

test(
  'a process killed at any moment loses nothing that it acknowledged and doubles nothing',
  { timeout: 120_000 },
  async () => {
    await using stack = new AsyncDisposableStack()
    const database = stack.use(await openTestDatabase())
    const folder = await mkdtemp(join(tmpdir(), 'slate-crash-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const place = database.url ? { DATABASE_URL: database.url } : { DATA_DIR: folder }
    const { stored, report } = await survive({
      ...place,
      MASTER_KEY: randomBytes(32).toString('base64'),
    })
    expect(stored.size).toBe(messagesMax)
    expect(report).toEqual({
      pending: 0,
      unchained: 0,
      events: messagesMax,
      messages: messagesMax,
      seen: messagesMax,
      followed: messagesMax,
    })
  },
)
