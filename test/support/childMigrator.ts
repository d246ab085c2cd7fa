/**
 * A process that installs version 2 of a plugin and migrates its state batch by batch until it is killed.
 * Environment: DATABASE_URL and MASTER_KEY (base64).
 */
import { pino } from 'pino'
import { openSlateboard } from '../../core/open.ts'
import { keeper } from './keeper.ts'

const { DATABASE_URL: databaseUrl, MASTER_KEY = '' } = process.env

const app = await openSlateboard({
  databaseUrl,
  cells: 1,
  masterKey: Buffer.from(MASTER_KEY, 'base64'),
  log: pino({ level: 'silent' }),
  channels: {
    webhook: { allowPrivate: true },
    email: { smtpUrl: null, from: 'a@slateboard.test' },
  },
})
const plugin = await keeper({
  handler: '() => done()',
  version: '2.0.0',
  state: { version: 2, profile: ['n'] },
  migrate: '({ n }) => ({ n: n + 1 })',
})
// Once: installed again, it would begin anew.
if (!app.registry.find(app.workspaceId, 'keeper/probe')) {
  await app.registry.install(app.workspaceId, plugin, 'test')
}
