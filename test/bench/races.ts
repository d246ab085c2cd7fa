import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { connect } from '../../blackboard/connect.ts'
import { insertPrincipal } from '../../blackboard/query/insertPrincipal.ts'
import type { DispatchDeps } from '../../core/flow/dispatch/dispatch.ts'
import { openSlateboard } from '../../core/open.ts'
import { openBench } from './bench.ts'
import { readArguments, type Report } from './figure.ts'
import { openSink } from './openSink.ts'
import { raceKinds } from './races/acts.ts'
import type { Arena } from './races/arena.ts'
import { runRaces } from './races/race.ts'
import { unguarded } from './races/unguarded.ts'
import { watchBegins } from './races/watch.ts'

/** A dispatcher's hold on what it began; nobody sweeps here. */
const leaseMs = 600_000
const nodes = 3

/**
 * 10,000 races each of withdrawal, complaint, policy edit and restriction against propose → gate → dispatch, with
 * several nodes and a real receiver. `--races` says how many; `--unguarded` takes the locks away, to see that
 * leaks would be found.
 */
export async function benchRaces(report: Report): Promise<void> {
  const { values } = readArguments()
  const count = Number(values.races ?? 10_000)
  const options = { works: false, masterKey: randomBytes(32) }
  await using bench = await openBench(options)
  await using stack = new AsyncDisposableStack()
  const { app, url, engine } = bench
  const log = pino({ level: 'error' })
  const own = stack.use(await connect({ databaseUrl: url, dataDir: '', log }))
  const sink = stack.use(await openSink())
  const depsOf = (node: typeof app): DispatchDeps => {
    const deps = { ...node, crew: node.registry, owner: node.board.clock.id(), leaseMs }
    return values.unguarded ? unguarded(deps) : deps
  }
  const dispatchers = [depsOf(app)]
  while (dispatchers.length < nodes) {
    const db = stack.use(await connect({ databaseUrl: url, dataDir: '', log }))
    const channels = {
      webhook: { allowPrivate: true },
      email: { smtpUrl: null, from: 'bench@example.org' },
    }
    dispatchers.push(depsOf(stack.use(await openSlateboard({ db, log, channels, ...options }))))
  }
  const principalId = app.board.clock.id()
  await insertPrincipal(app.board.db.sql, {
    workspaceId: app.workspaceId,
    id: principalId,
    name: 'bench',
    role: 'admin',
    purposes: [],
    keyHash: principalId,
    at: app.board.clock.now().toISOString(),
  })
  await watchBegins(own.sql)
  const arena: Arena = {
    app,
    sql: own.sql,
    dispatchers,
    principalId,
    url: sink.url,
    arrived: async () =>
      (await sink.take()).flatMap(({ key, type }) => (type === 'activation' ? [key] : [])),
    versions: { last: 1 },
  }
  for (const kind of raceKinds) {
    const { leaks, ...result } = await runRaces(arena, kind, count)
    report({
      bench: 'races',
      figure: `${kind}.leaks`,
      value: leaks,
      unit: '',
      engine,
      nodes,
      ...(values.unguarded ? { guard: 'taken away' } : {}),
      ...result,
    })
  }
}
