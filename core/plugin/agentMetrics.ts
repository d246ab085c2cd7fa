import { Counter, Gauge, type Registry } from 'prom-client'
import { isFarBeyond, learnUsual, type Usual } from '../model/usual.ts'
import type { Signals } from '../signal.ts'

/** Values of the label `agent`; what comes later is counted together. */
const agentsMax = 500

/** Counts what the agents of this process did, as it happens. */
export function watchAgents(registry: Registry, signals: Signals): void {
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['agent'], registers: [registry] })
  const calls = counter('slateboard_agent_calls_total', 'Calls of agents by this process.')
  const items = counter('slateboard_agent_items_total', 'Reactions that agents were handed.')
  const failures = counter('slateboard_agent_failures_total', 'Reactions that agents failed.')
  const denials = counter(
    'slateboard_agent_denials_total',
    'Reactions and requests of agents that policies refused.',
  )
  const bytes = counter('slateboard_agent_bytes_total', 'Bytes that agents sent.')
  const writes = counter(
    'slateboard_agent_writes_total',
    'Traits that agents wrote or would have written.',
  )
  const conflicts = counter(
    'slateboard_agent_conflicts_total',
    "Of these, those that met another agent's word or a commitment.",
  )
  const busy = counter('slateboard_agent_busy_seconds_total', 'Time that calls of agents took.')
  const cpu = counter(
    'slateboard_agent_cpu_seconds_total',
    'Processor time that calls of agents took.',
  )
  const slow = counter(
    'slateboard_agent_slow_calls_total',
    'Calls that took over three times what is usual for their agent.',
  )
  const usual = new Map<string, Usual>()
  registry.registerMetric(usualGauge(usual))
  const labelOf = bounded()
  signals.onRan((run) => {
    const agent = labelOf(`${run.plugin}/${run.agent}`)
    calls.inc({ agent })
    items.inc({ agent }, run.items)
    failures.inc({ agent }, run.failures.length)
    denials.inc({ agent }, run.denials)
    bytes.inc({ agent }, run.bytesOut)
    writes.inc({ agent }, run.writes)
    conflicts.inc({ agent }, run.conflicts)
    busy.inc({ agent }, run.ms / 1000)
    slow.inc({ agent }, isFarBeyond(usual.get(agent), run.ms) ? 1 : 0)
    usual.set(agent, learnUsual(usual.get(agent), run.ms))
  })
  signals.onCount((counted) => {
    if (counted.what === 'cpu') cpu.inc({ agent: labelOf(counted.agent) }, counted.ms / 1000)
  })
}

const usualGauge = (usual: ReadonlyMap<string, Usual>): Gauge =>
  new Gauge({
    name: 'slateboard_agent_usual_call_seconds',
    help: 'What a call of the agent usually takes: about the median.',
    labelNames: ['agent'],
    registers: [],
    collect() {
      for (const [agent, { ms }] of usual) this.set({ agent }, ms / 1000)
    },
  })

function bounded(): (agent: string) => string {
  const known = new Set<string>()
  return (agent) => {
    if (known.size < agentsMax) known.add(agent)
    return known.has(agent) ? agent : 'other'
  }
}
