import { startFlow } from '../../../core/flow/flow.ts'
import type { Slateboard } from '../../../core/open.ts'
import { openBench } from '../bench.ts'
import type { Report } from '../figure.ts'
import { crewOf, install } from './crew.ts'
import { openPeople } from './people.ts'

/** What one item of an agent takes. */
const waitMs = 10
const profiles = 1000
/** A plugin may have 50 agents. */
const agentsEach = 40
/** Items for each plugin, about. */
const itemsEach = 300

/**
 * What the platform adds to agents that take 10 ms an item. A plugin runs one item at a time, so until its last
 * batch is back, each moment in which no item of it waits is the platform's: claiming, loading, handing over,
 * committing, and standing in line for all that. The plugins run in processes of their own, since an agent can
 * only wait there without using the processor that the platform needs; 12 agents are one plugin, 118 are three.
 */
export async function benchOverhead(report: Report): Promise<void> {
  for (const agents of [12, 118]) {
    await using bench = await openBench({ works: false })
    const { app, engine } = bench
    const changes = await openPeople(app, profiles)
    const crew = crewOf(agents, agentsEach)
    await install(app, crew, { tier: 'process', waitMs })
    const plugins = Math.ceil(agents / agentsEach)
    await changes.submit(200)
    await lanesOf(app)
    await changes.submit(Math.round((plugins * itemsEach * 20) / agents))
    const lanes = await lanesOf(app)
    const wall = lanes.reduce((sum, { ms }) => sum + ms, 0)
    const items = lanes.reduce((sum, lane) => sum + lane.items, 0)
    const batches = lanes.reduce((sum, lane) => sum + lane.batches, 0)
    report({
      bench: 'agents',
      figure: 'overhead',
      value: 1 - (items * waitMs) / wall,
      unit: '',
      engine,
      agents,
      plugins,
      waitMs,
      items,
      batches,
    })
  }
}

interface Lane {
  items: number
  batches: number
  /** From the start until the plugin's last batch was back. */
  ms: number
}

/** Works off what waits, and tells it apart by plugins. */
async function lanesOf(app: Slateboard): Promise<Lane[]> {
  const lanes = new Map<string, Lane>()
  const started = performance.now()
  const deafen = app.board.signals.onRan(({ plugin, items }) => {
    const lane = lanes.get(plugin) ?? { items: 0, batches: 0, ms: 0 }
    lanes.set(plugin, {
      items: lane.items + items,
      batches: lane.batches + 1,
      ms: performance.now() - started,
    })
  })
  await using flow = startFlow(app)
  await flow.worker.idle()
  deafen()
  return [...lanes.values()]
}
