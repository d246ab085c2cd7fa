import type { JsonObject } from '../../core/model/json.ts'
import type { Tier } from '../../core/model/manifest.ts'
import type { PluginPackage } from '../../core/host/package.ts'
import { probeHost, probePackage, type ProbeHost, type ProbeOptions } from './probeHost.ts'

/** Where plugin code can run; what holds for plugins is tested on each. */
export interface Ground {
  name: 'isolate' | 'quickjs' | 'process' | 'trusted'
  tier: Tier
  probeHost(options?: ProbeOptions): ProbeHost
  probePackage(handler: string, agent?: JsonObject, id?: string): Promise<PluginPackage>
}

const ground = (name: Ground['name'], tier: Tier, given: ProbeOptions): Ground => ({
  name,
  tier,
  probeHost: (options) => probeHost({ ...options, ...given }),
  probePackage: (handler, agent = {}, id = 'probe') =>
    probePackage(handler, agent, id, undefined, tier),
})

export const grounds: readonly Ground[] = [
  ground('isolate', 'sandbox', { backend: 'isolate' }),
  ground('quickjs', 'sandbox', { backend: 'quickjs', wallSlackMs: 2000 }),
  ground('process', 'process', { cells: 1 }),
  ground('trusted', 'trusted', { cells: 1, isFirstParty: () => true }),
]
