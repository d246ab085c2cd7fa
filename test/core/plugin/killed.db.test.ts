import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTestDatabase } from '../../support/database.ts'

const profiles = 4000
const kills = 2

// The embedded engine cannot be looked at while another process has it; its crashes are tested in crash.db.test.ts.
test.skipIf(process.env['SLATEBOARD_TEST_ENGINE'] !== 'server')(
  'a migration of state goes on where it was when its process is killed, and migrates nothing twice',
  { timeout: 240_000 },
  async () => {
    await using database = await openTestDatabase()
    const { sql, url = '' } = database
    const env = { DATABASE_URL: url, MASTER_KEY: randomBytes(32).toString('base64') }
    await sql`
      insert into profile_state
        (workspace_id, profile_id, plugin_id, version, revision, state, bytes, updated_at)
      select 1, 'P' || lpad(n::text, 6, '0'), 'keeper', 1, nextval('state_revision'), '{"n": 1}', 7, now()
      from generate_series(1, ${profiles}) as n`
    for (let life = 0; life <= kills; life += 1) {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, '../../support/childMigrator.ts')],
        { env: { PATH: process.env['PATH'], TZ: 'UTC', ...env }, stdio: 'inherit' },
      )
      const ended = once(child, 'exit')
      const least = life === kills ? profiles : ((life + 1) * profiles) / 10
      let migrated = 0
      while (migrated < least && child.exitCode === null) {
        const [row] = await sql<{ n: number }[]>`select migrated::int as n from state_migration`
        migrated = row?.n ?? 0
      }
      child.kill('SIGKILL')
      await ended
      expect(migrated).toBeGreaterThanOrEqual(least)
      if (life < kills) expect(migrated).toBeLessThan(profiles)
    }
    const [migration] = await sql`select migrated::int, failed::int from state_migration`
    expect(migration).toEqual({ migrated: profiles, failed: 0 })
    const states = await sql`
      select version, state, count(*)::int from profile_state group by 1, 2`
    expect(states).toEqual([{ version: 2, state: { n: 2 }, count: profiles }])
  },
)
