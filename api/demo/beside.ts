import type { Config } from '../../core/config.ts'
import { fail } from '../../core/errors.ts'
import { adminKeyOf, runningServer } from '../cli/client.ts'
import { runDemo } from './demo.ts'

const seeds = 100_000

/** Runs the demo against the server that runs on the data folder. @throws command_failed when none does */
export async function runDemoBeside(
  { dataDir, adminKey }: Config,
  write: (line: string) => void,
): Promise<void> {
  const url = runningServer(dataDir)
  if (url === undefined) {
    throw fail('command_failed', {
      reason: `No server runs on the data folder ${dataDir}.`,
      remedy: 'Start one with npm start, then run this again beside it.',
    })
  }
  // Another shop each time: the same one again would be nothing but duplicates.
  const seed = Math.floor(Date.now() / 1000) % seeds
  await runDemo({ url, adminKey: adminKeyOf({ dataDir, adminKey }), seed, write })
}
