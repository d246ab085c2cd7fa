import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, inject, test } from 'vitest'
import { runDemo } from '../../../api/demo/demo.ts'
import { openReceiver } from '../../../api/demo/receiver.ts'
import { storyCycle } from '../../../api/demo/story.ts'
import { listen } from '../../../api/server.ts'
import { openAll } from '../../../api/start.ts'
import { readConfig } from '../../../core/config.ts'
import { readPackage } from '../../../core/host/package.ts'
import { openTestDatabase } from '../../support/database.ts'
import { root } from '../../support/source.ts'

const adminKey = 'sb_demo_admin_key'

/** A server with the shipped plugins, listening; webhooks reach the demo's receiver and nothing else. */
async function open() {
  await using stack = new AsyncDisposableStack()
  const db = inject('serverUrl') === '' ? undefined : stack.use(await openTestDatabase())
  const masterKey = randomBytes(32)
  const config = readConfig({
    ...(db?.url ? { DATABASE_URL: db.url } : {}),
    SLATEBOARD_MASTER_KEY: masterKey.toString('base64'),
    SLATEBOARD_DATA_DIR: 'memory',
  })
  const keys = { adminKey, masterKey, adminKeyFile: undefined }
  const receiver = stack.use(await openReceiver())
  const opened = stack.use(
    await openAll(config, keys, pino({ level: 'silent' }), { works: true, receiver }),
  )
  const { registry, workspaceId } = opened.slateboard
  for (const name of ['churn-risk', 'next-best-action', 'support-shield']) {
    await registry.install(workspaceId, await readPackage(join(root, 'plugins', name)), 'system')
  }
  const listening = stack.use(await listen(opened, { host: '127.0.0.1', port: 0 }))
  const held = stack.move()
  return {
    url: listening.url,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

test('shows every kind of outcome, and why, on a real server', { timeout: 90_000 }, async () => {
  await using server = await open()
  const lines: string[] = []
  const { sent, after, pending } = await runDemo({
    url: server.url,
    adminKey,
    customers: storyCycle,
    passersBy: 5,
    write: (line) => lines.push(line),
  })
  expect(pending).toBe(0)
  expect(sent.accepted).toBe(after.events)
  expect(sent.duplicates).toBeGreaterThan(0)
  expect(new Set(sent.rejected.keys())).toEqual(
    new Set(['no_user_anon_id', 'item_invalid', 'no_usable_identifier']),
  )
  expect(after.profiles).toBe(storyCycle + 5)
  expect(after.merged).toBeGreaterThan(5)
  expect(after.reactions.map(({ agent }) => agent)).toEqual([
    'churn-risk/score',
    'next-best-action/choose',
    'support-shield/watch',
  ])
  const outcomes = after.activations.map(({ state, reason }) => `${state} ${reason ?? ''}`.trim())
  expect(new Set(outcomes)).toEqual(
    new Set([
      'SENT',
      'HELD a complaint is open',
      'REFUSED no_consent',
      'REFUSED consent_denied',
      'REFUSED consent_withdrawn',
      'REFUSED do_not_contact',
      'RECALLED consent_withdrawn',
      'FAILED channel_not_configured',
    ]),
  )
  expect(lines.join('\n')).toMatch(/refused +no_consent/)
  expect(lines.join('\n')).not.toContain('@example.com')
})
