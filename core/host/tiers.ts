import { fail } from '../errors.ts'
import { tiers, type Tier } from '../model/manifest.ts'
import type { Engine } from './engine.ts'
import { createProcesses, type ProcessOptions } from './process.ts'
import { createSandbox, type SandboxOptions } from './sandbox/sandbox.ts'
import { createTrusted } from './trusted.ts'

export type TierOptions = SandboxOptions & ProcessOptions

/** One engine made of the tiers' own: each program runs in the one that its manifest names. */
export function createTiers(options: TierOptions): Engine {
  const engines: Readonly<Record<Tier, Engine>> = {
    sandbox: createSandbox(options),
    process: createProcesses(options),
    trusted: createTrusted(),
  }
  const homes = new Map<string, Engine>()
  const homeOf = (key: string): Engine => {
    const engine = homes.get(key)
    if (engine === undefined) throw fail('plugin_not_loaded', { plugin: key })
    return engine
  }
  return {
    async load(key, program) {
      const engine = engines[program.tier]
      await engine.load(key, program)
      homes.set(key, engine)
    },
    run: async (key, batch) => homeOf(key).run(key, batch),
    async unload(key) {
      const engine = homeOf(key)
      homes.delete(key)
      await engine.unload(key)
    },
    stats: () => tiers.flatMap((tier) => engines[tier].stats()),
    async [Symbol.asyncDispose]() {
      await Promise.all(tiers.map((tier) => engines[tier][Symbol.asyncDispose]()))
    },
  }
}
