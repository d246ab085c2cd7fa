import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { readConfig } from '../../core/config.ts'
import { loadKeys } from '../../core/keys.ts'
import { openReceiver } from '../demo/receiver.ts'
import { openAll, type Opened } from '../start.ts'

/**
 * The whole platform on an embedded database in a folder of its own, which goes with it. Webhooks reach a receiver on this
 * machine and nothing else; what the environment says about another installation is not looked at.
 */
export async function openStage(): Promise<Opened> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'slateboard-example-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const config = readConfig({ SLATEBOARD_DATA_DIR: folder })
  const receiver = stack.use(await openReceiver())
  const log = pino({ level: 'error' })
  const opened = stack.use(await openAll(config, loadKeys(config), log, { works: true, receiver }))
  const held = stack.move()
  return { ...opened, [Symbol.asyncDispose]: () => held.disposeAsync() }
}
