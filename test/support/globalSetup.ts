import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { connect, type Database } from '../../blackboard/connect.ts'
import { migrate } from '../../blackboard/migrate.ts'
import { startPostgres } from './postgres.ts'
import { quiet } from './quiet.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of a server database in which others may be created; empty on the embedded engine. */
    serverUrl: string
    /** Name of the migrated template on the server; empty on the embedded engine. */
    template: string
    /** A migrated data folder of the embedded engine; empty on the server. */
    folder: string
  }
}

/** Runs once per engine: prepares what each test file's own database is copied from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using stack = new AsyncDisposableStack()
  const engine = project.config.env['SLATEBOARD_TEST_ENGINE']
  const isServer = engine === 'server'
  const server = isServer ? await prepareServer(stack) : { serverUrl: '', template: '' }
  project.provide('serverUrl', server.serverUrl)
  project.provide('template', server.template)
  project.provide('folder', isServer ? '' : await prepareFolder(stack))
  const held = stack.move()
  return () => held.disposeAsync()
}

async function prepareServer(
  stack: AsyncDisposableStack,
): Promise<{ serverUrl: string; template: string }> {
  const given = process.env['TEST_DATABASE_URL']
  const serverUrl = given ?? stack.use(await startPostgres()).url('postgres')
  const template = `slateboard_template_${process.pid}`
  const admin = await open(serverUrl)
  await admin.sql.unsafe(`create database ${template}`)
  await admin[Symbol.asyncDispose]()
  stack.defer(async () => {
    await using again = await open(serverUrl)
    await again.sql.unsafe(`drop database ${template} with (force)`)
  })
  await using database = await open(databaseUrl(serverUrl, template))
  await migrate(database)
  return { serverUrl, template }
}

async function prepareFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slate-folder-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  await using database = await connect({ dataDir: folder, isDurable: false, log: quiet })
  await migrate(database)
  return folder
}

export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

const open = (url: string): Promise<Database> =>
  connect({ databaseUrl: url, dataDir: '', maxConnections: 2, log: quiet })
