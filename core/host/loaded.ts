/** A plugin that the host has loaded, and how it fares. */
import type { AgentManifest, Tier } from '../model/manifest.ts'
import { migrateAgent, performerAgent, type Program } from './engine.ts'
import { LogBudget } from './logBudget.ts'
import { outcomeCheck, type OutcomeCheck } from './outcome.ts'
import type { PluginPackage } from './package.ts'

export interface PluginStats {
  key: string
  digest: string
  tier: Tier
  /** Processor time of its calls. */
  cpuMs: number
  /** It used more than its share of the processor; its batches yield to others until that is made up for. */
  degraded: boolean
  calls: number
  items: number
  failures: number
  /** Time in which at least the plugin's own calls were under way, summed over calls. */
  busyMs: number
  /** Not loaded until its next call. */
  isAsleep: boolean
}

export interface Loaded {
  pkg: PluginPackage
  agents: Map<string, { manifest: AgentManifest; check: OutcomeCheck }>
  stats: Omit<PluginStats, 'isAsleep' | 'degraded'>
  budget: LogBudget
  underWay: Set<Promise<unknown>>
  /** Rejects when the plugin is gone before what is under way came to its end. */
  gone: PromiseWithResolvers<never>
}

export const programOf = ({ manifest, bundle }: PluginPackage): Program => ({
  id: manifest.id,
  bundle,
  tier: manifest.tier,
  agents: [
    ...manifest.agents.map((agent) => agent.id),
    ...manifest.performers.map(({ id }) => performerAgent(id)),
    ...((manifest.state?.version ?? 1) > 1 ? [migrateAgent] : []),
  ],
})

export const asLoaded = (key: string, pkg: PluginPackage): Loaded => ({
  pkg,
  agents: new Map(
    pkg.manifest.agents.map((agent) => [
      agent.id,
      { manifest: agent, check: outcomeCheck(pkg.manifest, agent) },
    ]),
  ),
  stats: {
    key,
    digest: pkg.digest,
    tier: pkg.manifest.tier,
    cpuMs: 0,
    calls: 0,
    items: 0,
    failures: 0,
    busyMs: 0,
  },
  budget: new LogBudget(performance.now()),
  underWay: new Set(),
  gone: createGone(),
})

function createGone(): PromiseWithResolvers<never> {
  const gone = Promise.withResolvers<never>()
  // Nobody has to wait for it: most plugins go when nothing is under way.
  gone.promise.catch(() => undefined)
  return gone
}
