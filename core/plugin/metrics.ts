import { Counter, Gauge, type Registry } from 'prom-client'
import type { PluginHost } from '../host/host.ts'
import type { PluginMeter, PluginTotals } from './meter.ts'

/** Values of the label `plugin`; what comes later is counted together. */
const pluginsMax = 200

const counters = {
  slateboard_plugin_calls_total: ['calls', 'Calls of plugins by this process.'],
  slateboard_plugin_items_total: ['items', 'Items that plugins were handed.'],
  slateboard_plugin_failures_total: ['failures', 'Items that plugins failed.'],
  slateboard_plugin_denials_total: ['denials', 'Items and requests of them that policies refused.'],
  slateboard_plugin_bytes_total: ['bytesOut', 'Bytes that plugins sent.'],
  slateboard_plugin_writes_total: [
    'writes',
    'Traits that agents of plugins wrote or would have written.',
  ],
  slateboard_plugin_conflicts_total: [
    'conflicts',
    "Writes of agents that met another agent's word or a commitment.",
  ],
  slateboard_plugin_busy_seconds_total: ['busyMs', 'Time that calls of plugins took.'],
  slateboard_plugin_cpu_seconds_total: ['cpuMs', 'Processor time that calls of plugins took.'],
  slateboard_plugin_strikes_total: ['strikes', 'Failures that count towards quarantine.'],
} as const satisfies Record<string, readonly [keyof PluginTotals, string]>

/** Shows what the plugins of this process did, and how many of them sleep. */
export function watchPlugins(
  registry: Registry,
  meter: Pick<PluginMeter, 'totals'>,
  host: Pick<PluginHost, 'stats'>,
): void {
  for (const [name, [what, help]] of Object.entries(counters)) {
    const unit = what === 'busyMs' || what === 'cpuMs' ? 1000 : 1
    const counter = new Counter({
      name,
      help,
      labelNames: ['plugin'],
      registers: [],
      collect() {
        this.reset()
        for (const [at, [plugin, totals]] of [...meter.totals()].entries()) {
          this.inc({ plugin: at < pluginsMax ? plugin : 'other' }, totals[what] / unit)
        }
      },
    })
    registry.registerMetric(counter)
  }
  const loaded = new Gauge({
    name: 'slateboard_plugins',
    help: 'Plugins that this process runs, and of these the sleeping.',
    labelNames: ['state'],
    registers: [],
    collect() {
      const { plugins, sleeping } = host.stats()
      this.set({ state: 'awake' }, plugins.length - sleeping)
      this.set({ state: 'sleeping' }, sleeping)
    },
  })
  registry.registerMetric(loaded)
}
