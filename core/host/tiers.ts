import { fail } from '../errors.ts'
import { tiers, type Tier } from '../model/manifest.ts'
import type { Engine } from './engine.ts'
import { createProcesses, type ProcessOptions } from './process.ts'
import { createSandbox, type SandboxOptions } from './sandbox/sandbox.ts'
import { Shares, type ShareLimits } from './share.ts'
import { createTrusted } from './trusted.ts'

export type TierOptions = SandboxOptions & ProcessOptions & ShareLimits

export interface Tiers extends Engine {
  /** Whether it used more than its share of the processor and yields to others. */
  isDegraded(key: string): boolean
}

/** One engine made of the tiers' own: each program runs in the one that its manifest names. */
export function createTiers(options: TierOptions): Tiers {
  const engines: Readonly<Record<Tier, Engine>> = {
    sandbox: createSandbox(options),
    process: createProcesses(options),
    trusted: createTrusted(),
  }
  const homes = new Map<string, Engine>()
  /** Their cell has a low priority already; nobody waits for them, and they wait for nobody. */
  const apart = new Set<string>()
  const shares = new Shares(options, () => performance.now())
  const homeOf = (key: string): Engine => {
    const engine = homes.get(key)
    if (engine === undefined) throw fail('plugin_not_loaded', { plugin: key })
    return engine
  }
  return {
    prepare: (program) => engines[program.tier].prepare(program),
    async load(key, program) {
      const engine = engines[program.tier]
      await engine.load(key, program)
      homes.set(key, engine)
      if (program.isApart) apart.add(key)
    },
    run: async (key, batch, calls) => {
      const engine = homeOf(key)
      if (apart.has(key)) return await engine.run(key, batch, calls)
      return await shares.run(key, () => engine.run(key, batch, calls))
    },
    isDegraded: (key) => shares.isDegraded(key),
    async unload(key) {
      const engine = homeOf(key)
      homes.delete(key)
      apart.delete(key)
      shares.forget(key)
      await engine.unload(key)
    },
    stats: () => tiers.flatMap((tier) => engines[tier].stats()),
    async [Symbol.asyncDispose]() {
      await Promise.all(tiers.map((tier) => engines[tier][Symbol.asyncDispose]()))
    },
  }
}
