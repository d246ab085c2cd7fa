import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { digestOf } from '../../../core/host/package.ts'
import { inChunks, openBench, source, trackOf, type Bench } from '../bench.ts'
import { quantile, type Report } from '../figure.ts'
import { makePackage } from '../plugins/package.ts'

const rounds = 10
/** Two nodes take half each; an agent begins with one batch of 50 on each. */
const people = Array.from({ length: 200 }, (_, n) => `person-${n}`)
const inFlight = 50
/** Long enough that a kill falls into it. */
const busyMs = 4
const agent = 'recover/run'

/**
 * Two nodes in processes of their own have a batch of 50 reactions each under way, and one of them is killed. How long until
 * the last of its reactions is committed by the other, by the database's clock; and whether every event was counted
 * once and only once.
 */
export async function benchRecovery(report: Report): Promise<void> {
  await using bench = await openBench({ works: false }, { track_commit_timestamp: 'on' })
  const { app, engine } = bench
  await app.registry.install(app.workspaceId, slowCounter(), 'bench')
  await using stack = new AsyncDisposableStack()
  stack.use(await startNode(bench))
  const times: number[] = []
  const orphans: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const victim = stack.use(await startNode(bench))
    await wake(bench, round)
    await holding(bench, victim.owner)
    const killedAt = Date.now()
    await victim.kill()
    const left = await heldBy(bench, victim.owner)
    await emptied(bench)
    times.push((await lastCommit(bench, left)) - killedAt)
    orphans.push(left.length)
  }
  const { lost, doubled } = await counted(bench)
  const base = { bench: 'agents', engine, rounds, orphans: Math.min(...orphans) }
  for (const [name, value] of [
    ['p50', quantile(times, 0.5)],
    ['max', Math.max(...times)],
  ] as const) {
    report({ ...base, figure: `recovery.${name}`, value: value / 1000, unit: 's' })
  }
  report({ ...base, figure: 'recovery.lost', value: lost, unit: 'reactions' })
  report({ ...base, figure: 'recovery.doubled', value: doubled, unit: 'reactions' })
}

/** Counts its causes, and takes its time. */
function slowCounter() {
  const { manifest, bundle } = makePackage({ id: 'recover' })
  const slow = `${bundle}
const quick = slateboardPlugin.default.agents.run;
const clock = () => Temporal.Now.instant().epochNanoseconds;
slateboardPlugin.default.agents.run = (input) => {
  for (const end = clock() + ${busyMs * 1_000_000}n; clock() < end;);
  return quick(input);
};`
  return { manifest, bundle: slow, digest: digestOf(manifest, slow) }
}

interface Node extends AsyncDisposable {
  /** What its leases name. */
  owner: string
  kill(): Promise<void>
}

async function startNode(bench: Bench): Promise<Node> {
  const before = new Set(await workers(bench))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'node.ts')], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: bench.url,
      MASTER_KEY: bench.masterKey.toString('base64'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  await once(createInterface({ input: child.stdout }), 'line')
  let owner: string | undefined
  while (owner === undefined) {
    owner = (await workers(bench)).find((id) => !before.has(id))
    await pause(10)
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  return { owner, kill, [Symbol.asyncDispose]: kill }
}

async function workers({ app }: Bench): Promise<string[]> {
  const rows = await app.board.db.sql<{ id: string }[]>`select id from worker`
  return rows.map(({ id }) => id)
}

const wake = ({ app }: Bench, round: number): Promise<void> =>
  inChunks(people, people.length, (users) =>
    app.intake.submit(
      source,
      users.map((user) => trackOf(app, user, 'Step', round)),
    ),
  )

/** Resolves when the node has a batch under way. */
async function holding(bench: Bench, owner: string): Promise<void> {
  while ((await heldBy(bench, owner)).length < inFlight) await pause(2)
}

async function heldBy({ app }: Bench, owner: string): Promise<string[]> {
  const rows = await app.board.db.sql<{ id: string }[]>`
    select profile_id as id from agenda where lease_owner = ${owner}`
  return rows.map(({ id }) => id)
}

async function emptied({ app }: Bench): Promise<void> {
  while ((await app.board.db.sql`select 1 from agenda limit 1`).length > 0) await pause(5)
}

/** When the last of these profiles was written by the agent, in milliseconds since 1970. */
async function lastCommit({ app }: Bench, profiles: readonly string[]): Promise<number> {
  const [row] = await app.board.db.sql<{ at: number }[]>`
    select (extract(epoch from max(pg_xact_commit_timestamp(xmin))) * 1000)::float8 as at
    from change where author_id = ${agent} and profile_id = any(${[...profiles]})`
  return row?.at ?? Number.NaN
}

/** Held against what was sent: one event a round and person. */
async function counted({ app }: Bench): Promise<{ lost: number; doubled: number }> {
  const rows = await app.board.db.sql<{ n: number }[]>`
    select coalesce((traits ->> 'recover')::int, 0) as n from profile where canonical_id = id`
  const missing = people.length - rows.length
  return {
    lost: rows.reduce((sum, { n }) => sum + Math.max(0, rounds - n), missing * rounds),
    doubled: rows.reduce((sum, { n }) => sum + Math.max(0, n - rounds), 0),
  }
}
