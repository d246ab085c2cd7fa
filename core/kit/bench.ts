import type { ReactInput } from '../host/contract.ts'
import type { PluginHost } from '../host/host.ts'
import type { PluginPackage } from '../host/package.ts'
import { manifestSchema } from '../model/manifest.ts'
import { inputOf } from '../host/tryOne.ts'
import type { NamedFixture } from './fixture.ts'

/** How fast one agent answers, beside an agent that does nothing on the same inputs in the same run. */
export interface AgentSpeed {
  agent: string
  itemsPerSecond: number
  /** Of the agent that does nothing. */
  ratio: number
  /** Milliseconds of one call with a batch of 50. */
  p50: number
  p99: number
}

const batch = 50
const idleKey = 'nothing'

const nothing: PluginPackage = {
  manifest: manifestSchema.parse({
    id: idleKey,
    version: '1.0.0',
    name: 'Nothing',
    apiVersion: 1,
    engines: { slateboard: '*' },
    main: 'plugin.js',
    agents: [{ id: 'nothing', triggers: { events: ['*'] }, purpose: 'service' }],
  }),
  bundle: `var slateboardPlugin = { default: { agents: { nothing: () =>
    ({ kind: 'done', writes: {}, activations: [], holds: [], releases: [] }) } } }`,
  digest: '',
}

/**
 * Calls each agent that has fixtures with batches of them, in turn with the agent that does nothing.
 *
 * @param key what the host has the plugin loaded under
 * @param seconds for each agent
 */
export async function benchAgents(
  host: PluginHost,
  key: string,
  fixtures: readonly NamedFixture[],
  seconds: number,
): Promise<AgentSpeed[]> {
  await host.load(idleKey, nothing)
  const speeds: AgentSpeed[] = []
  for (const agent of new Set(fixtures.map(({ fixture }) => fixture.agent))) {
    const own = fixtures.filter(({ fixture }) => fixture.agent === agent)
    const inputs = Array.from({ length: batch }, (_, n): ReactInput => {
      const { fixture } = own[n % own.length] ?? { fixture: undefined }
      return inputOf(fixture ?? {})
    })
    speeds.push(await speedOf(host, { key, agent, inputs, seconds }))
  }
  return speeds
}

interface Run {
  key: string
  agent: string
  inputs: ReactInput[]
  seconds: number
}

async function speedOf(
  host: PluginHost,
  { key, agent, inputs, seconds }: Run,
): Promise<AgentSpeed> {
  const times: number[] = []
  let idleMs = 0
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    const started = performance.now()
    await host.react(key, agent, inputs)
    const between = performance.now()
    await host.react(idleKey, 'nothing', inputs)
    times.push(between - started)
    idleMs += performance.now() - between
  }
  const busyMs = times.reduce((sum, ms) => sum + ms, 0)
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return {
    agent,
    itemsPerSecond: (times.length * batch * 1000) / busyMs,
    ratio: idleMs / busyMs,
    p50: at(0.5),
    p99: at(0.99),
  }
}
