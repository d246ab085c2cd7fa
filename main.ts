#!/usr/bin/env node
/** Composition root and `slateboard` command. */
import pino from 'pino'
import { connect } from './blackboard/connect.ts'
import { migrate } from './blackboard/migrate.ts'
import { openClient } from './api/cli/client.ts'
import { endWithReader } from './api/cli/output.ts'
import { runCommand } from './api/cli/program.ts'
import { runDemoBeside } from './api/demo/beside.ts'
import { greet } from './api/greet.ts'
import { openAll, startServer } from './api/start.ts'
import { readConfig, type Config } from './core/config.ts'
import { loadKeys } from './core/keys.ts'

const write = (line: string): void => void process.stdout.write(`${line}\n`)
const complain = (line: string): void => void process.stderr.write(`${line}\n`)
// What is committed is kept, so a command may end anywhere; a server goes on when nobody reads what it prints.
let serves = false
const end = (): void => {
  if (!serves) process.exit()
}
for (const stream of [process.stdout, process.stderr]) endWithReader(stream, end)
const createLog = ({ logLevel }: Config) => pino({ level: logLevel })

/** A stop ends within ten seconds, whatever hangs. */
const drainMsMax = 9500

/** Resolves at the first SIGTERM or SIGINT. */
const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })

async function start({ demo }: { demo: boolean }): Promise<void> {
  serves = true
  const stopped = stopSignal()
  const config = readConfig()
  const keys = loadKeys(config)
  await using server = await startServer(config, keys, createLog(config), demo)
  // Stopping does not wait for the demo.
  await Promise.race([stopped, greet(server, keys, { demo: demo && server.isNew, write })])
  await stopped
  // What is still under way then is leased, and found again by whoever runs next.
  setTimeout(() => process.exit(0), drainMsMax).unref()
}

async function client() {
  const config = readConfig()
  const openLocal = () =>
    openAll(config, loadKeys(config), pino({ level: 'error' }), { works: false })
  return openClient({ ...config, openLocal })
}

process.exitCode = await runCommand(
  process.argv.slice(2),
  {
    start,
    demo: () => runDemoBeside(readConfig(), write),
    async migrate() {
      const config = readConfig()
      await using db = await connect({ ...config, log: pino({ level: 'error' }) })
      return migrate(db)
    },
    openClient: client,
    write,
  },
  complain,
)
