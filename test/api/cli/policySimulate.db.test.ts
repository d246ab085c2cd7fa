import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { openClient } from '../../../api/cli/client.ts'
import { simulate } from '../../../api/cli/command/policySimulate.ts'
import type { CommandTable } from '../../../api/cli/context.ts'
import { createApp } from '../../../api/server.ts'
import { insertSimulation } from '../../../blackboard/query/insertSimulation.ts'
import { createActions, type Actions } from '../../../core/actions.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { identify, openTestApp } from '../../support/app.ts'

/** The whole surface over a running workspace with three customers, and the command's way to it. */
async function open(changes: (actions: Actions) => Partial<Actions> = () => ({})) {
  const app = await openTestApp({ works: false })
  await app.send(
    ...[1, 2, 3].map((n) =>
      identify(`user-${n}`, { email: `${n}@example.org`, country: n < 3 ? 'DE' : 'FR' }),
    ),
  )
  const actions = createActions(app)
  const door = createDoorkeeper(app.board, app.policies)
  const api = createApp({
    board: app.board,
    door,
    metrics: new Registry(),
    actions: { ...actions, ...changes(actions) },
    unready: () => [],
    routes: [],
    production: true,
  })
  const { key } = await app.principal('admin')
  const dataDir = mkdtempSync(join(tmpdir(), 'slate-cli-'))
  const out: string[] = []
  const nothing = () => Promise.reject(new TypeError('not in this test'))
  const table: CommandTable = {
    start: nothing,
    demo: nothing,
    migrate: nothing,
    openClient: () =>
      openClient({
        dataDir,
        adminKey: key,
        openLocal: () =>
          Promise.resolve({
            fetch: (request) => api.fetch(request),
            adminKey: key,
            [Symbol.asyncDispose]: () => Promise.resolve(),
          }),
      }),
    write: (line) => out.push(line),
  }
  const file = join(dataDir, 'candidate.json')
  const { document } = shippedPolicy()
  const rules = document.rules.map((rule) =>
    rule.id === 'app-reads-contact-for-service' ? { ...rule, purposes: ['analytics'] } : rule,
  )
  writeFileSync(file, JSON.stringify({ title: 'Candidate', rules }))
  return { app, table, out, file }
}

test('prints in words whom a candidate touches, with examples, and for programs as JSON', async () => {
  const { app, table, out, file } = await open()
  await using _ = app
  const told: { done: number; total: number }[] = []
  const watched = {
    stop: new AbortController().signal,
    tell: (progress: { done: number; total: number }) => told.push(progress),
  }
  await simulate(table, file, { days: '7' }, watched)
  const text = out.join('\n')
  expect(text).toMatch(/^Compared with version 1, which is in force: \d+ rights, 3 profiles\.$/m)
  expect(text).toMatch(/^Apps gain contact data of 3 profiles for analytics\.\n {2}such as \S+, /m)
  expect(text).toContain('Apps lose contact data of 3 profiles for service.')
  expect(text).toContain('decided in the last 7 days, with the profiles as they are now: 0.')
  expect(told.at(-1)).toEqual({ done: 3, total: 3 })

  out.length = 0
  await simulate(table, '1', { json: true }, watched)
  expect(JSON.parse(out.join('\n'))).toMatchObject({ state: 'DONE', impacts: [], profiles: 0 })
  const unknown = simulate(table, '99', {}, watched)
  await expect(unknown).rejects.toMatchObject({ message: expect.stringContaining('99') })
})

test('cancels the simulation when whoever waits interrupts the command', async () => {
  const { app, table, out, file } = await open(() => ({
    // One that another node works on: it runs until it is cancelled.
    async simulatePolicy({ board, principal: { workspaceId } }) {
      const id = board.clock.id()
      const row = { workspaceId, id, candidate: 1, hash: 'h', base: 1, days: 0, requestedBy: 'x' }
      await insertSimulation(board.db.sql, { ...row, at: new Date().toISOString() })
      return id
    },
  }))
  await using _ = app
  const stop = new AbortController()
  const watched = { stop: stop.signal, tell: () => stop.abort() }
  await expect(simulate(table, file, {}, watched)).rejects.toMatchObject({
    message: 'The simulation was cancelled.',
  })
  expect(out).toEqual([])
  expect(await app.sql`select state from policy_simulation`).toMatchObject([{ state: 'cancelled' }])
})
