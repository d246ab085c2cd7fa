import { fail } from '../core/errors.ts'
import { connect, type ConnectOptions, type Database } from './connect.ts'
import { migrate } from './migrate.ts'
import { inspectWall } from './query/inspectWall.ts'
import { appRole } from './within.ts'

/**
 * Opens the database for the platform: brought up to date as who owns it, then used as the role that owns
 * nothing. What is sent without naming a workspace sees no rows.
 */
export async function openWalled(options: ConnectOptions): Promise<Database> {
  if (options.databaseUrl !== undefined) {
    await migrateAsOwner(options)
    return connect({ ...options, role: appRole })
  }
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await connect(options))
  await migrate(database)
  // The embedded engine has one session, and it keeps what is set.
  await database.sql.unsafe(`set role ${appRole}`)
  stack.move()
  return database
}

async function migrateAsOwner(options: ConnectOptions): Promise<void> {
  await using owner = await connect({ ...options, maxConnections: 1 })
  await migrate(owner)
}

/**
 * Asks the database whether row-level security holds for the role that the platform acts as.
 * @throws row_security_void with what is wrong, so that nothing starts that only seems to be walled
 */
export async function testWall({ sql }: Pick<Database, 'sql'>): Promise<void> {
  const [wall] = await inspectWall(sql, {})
  const reason = wall === undefined ? 'the role of the platform is missing' : flawOf(wall)
  if (reason !== undefined) throw fail('row_security_void', { reason })
}

type Wall = Awaited<ReturnType<typeof inspectWall>>[number]

function flawOf({ role, isSuperuser, bypasses, owned, open, seen }: Wall): string | undefined {
  if (isSuperuser) return `the role ${role} is a superuser`
  if (bypasses) return `the role ${role} may bypass row-level security`
  if (owned.length > 0) return `the role ${role} owns ${owned.join(', ')}`
  if (open.length > 0) return `no wall, or another rule as well, on ${open.join(', ')}`
  if (seen > 0) return 'rows are seen where no workspace is named'
  return undefined
}
