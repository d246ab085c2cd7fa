import { beatWorker } from '../../../blackboard/query/beatWorker.ts'
import { concludeObjectives } from '../../../core/objective/conclude.ts'
import { createObjective } from '../../../core/objective/createObjective.ts'
import { performTasks, type TaskDeps } from '../../../core/objective/performTasks.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import {
  identify,
  openTestApp,
  testClock,
  type TestApp,
  type TestClock,
} from '../../support/app.ts'
import { installPerformers } from '../../support/performers.ts'
import { readerOf } from '../../support/readerOf.ts'

export interface Workshop extends AsyncDisposable {
  app: TestApp
  clock: TestClock
  deps: TaskDeps
  /** Installs a plugin of performers: id to skill and handler. */
  hire(id: string, performers: Record<string, [skill: string, handler: string]>): Promise<void>
  /** Twelve persons who opened that many of a hundred mails each. */
  opened(count: number): Promise<void>
  create(more?: object): Promise<string>
  /** Until nothing can be done at the moment. */
  work(by?: TaskDeps): Promise<void>
  /** `key state` of the tasks of a round. */
  tasks(round?: number): Promise<string[]>
  objective(): Promise<JsonObject>
}

/** Tasks are done by hand, with time that stands still. */
export async function openWorkshop(): Promise<Workshop> {
  await using stack = new AsyncDisposableStack()
  const clock = testClock()
  const app = stack.use(await openTestApp({ works: false, clock }))
  const owner = clock.id()
  await beatWorker(app.sql, { id: owner, leaseMs: 600_000 })
  const deps: TaskDeps = { ...app, owner }
  const held = stack.move()
  return {
    app,
    clock,
    deps,
    hire: (id, performers) => installPerformers(app, id, performers),
    async opened(count) {
      for (let nth = 0; nth < 12; nth += 1)
        await app.send(identify(`user-${nth}`, { mails: 100, opens: count }))
    },
    async create(more = {}) {
      return createObjective(await readerOf(app, 'operator'), {
        name: 'raise-open-rate',
        purpose: 'marketing',
        metric: { kind: 'ratio', trait: 'opens', over: 'mails' },
        changeBy: 0.2,
        deadline: new Date(clock.now().getTime() + 30 * 86_400_000),
        ...more,
      })
    },
    async work(by = deps) {
      for (;;) {
        const done = await performTasks(by, () => 0.5)
        if (done + (await concludeObjectives(app.board)) === 0) return
      }
    },
    async tasks(round = 1) {
      const rows = await app.sql<{ key: string; state: string }[]>`
        select key, state from task where round = ${round} order by id`
      return rows.map(({ key, state }) => `${key} ${state}`)
    },
    async objective() {
      const [row] = await app.sql<JsonObject[]>`
        select state, round, baseline, measured, target from objective`
      return { ...row }
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}
