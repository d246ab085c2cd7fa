/**
 * A node that works on an agenda, in a process of its own, to be killed. Says `{ ready: true }` as a line of JSON.
 *
 * Environment: DATABASE_URL, MASTER_KEY (base64).
 */
import { pino } from 'pino'
import { openSlateboard } from '../../../core/open.ts'

const { DATABASE_URL: databaseUrl, MASTER_KEY = '' } = process.env

await openSlateboard({
  databaseUrl,
  cells: 1,
  masterKey: Buffer.from(MASTER_KEY, 'base64'),
  log: pino({ level: 'silent' }),
  channels: {
    webhook: { allowPrivate: true },
    email: { smtpUrl: null, from: 'bench@example.org' },
  },
  // It holds 100 reactions at the most.
  worker: { batchItemsMax: 50, batchesMax: 2 },
})
process.stdout.write(`${JSON.stringify({ ready: true })}\n`)
