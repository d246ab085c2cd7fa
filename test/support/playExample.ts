import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { inject } from 'vitest'
import { openReceiver } from '../../api/demo/receiver.ts'
import { runScenario } from '../../api/example/run.ts'
import type { Scenario } from '../../api/example/scenario.ts'
import { openAll } from '../../api/start.ts'
import { readConfig } from '../../core/config.ts'
import { openTestDatabase } from './database.ts'

/** The transcript of a scenario, on a database that was migrated before. */
export async function playExample(scenario: Scenario): Promise<string[]> {
  await using stack = new AsyncDisposableStack()
  const masterKey = randomBytes(32)
  const config = readConfig({
    ...(await placeOf(stack)),
    SLATEBOARD_MASTER_KEY: masterKey.toString('base64'),
  })
  const receiver = stack.use(await openReceiver())
  const keys = { adminKey: 'sb_example_admin_key', masterKey, adminKeyFile: undefined }
  const log = pino({ level: 'silent' })
  const lines: string[] = []
  await runScenario(scenario, await openAll(config, keys, log, { works: true, receiver }), (line) =>
    lines.push(line),
  )
  return lines
}

async function placeOf(stack: AsyncDisposableStack): Promise<Record<string, string>> {
  if (inject('serverUrl') !== '') {
    const { url } = stack.use(await openTestDatabase())
    return { DATABASE_URL: url ?? '' }
  }
  const folder = await mkdtemp(join(tmpdir(), 'slate-example-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  await cp(inject('folder'), folder, { recursive: true })
  return { SLATEBOARD_DATA_DIR: folder }
}
