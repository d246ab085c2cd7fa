import { digestOf, type PluginPackage } from '../../../core/host/package.ts'
import { manifestSchema, type Tier } from '../../../core/model/manifest.ts'
import type { Slateboard } from '../../../core/open.ts'
import { seeded } from './random.ts'

/** Traits of a profile that events state; every agent adds one of its own. */
export const stated = Array.from({ length: 40 }, (_, n) => `in_${String(n).padStart(2, '0')}`)

/**
 * Every value is `mark * unit + n`: a mark from 0 to 99 by which agents choose, and the number of the change that
 * it goes back to. So each change is told from the others, and a conclusion tells what it was drawn from.
 */
export const unit = 10_000_000
/** An agent reacts while the first trait that it reads is below this: 30 of 100 marks. */
export const threshold = 30 * unit
export const valueOf = (mark: number, n: number): number => mark * unit + n
export const numberIn = (value: number): number => value % unit

/** One agent. */
export interface Member {
  nth: number
  plugin: string
  agent: string
  /** As the change log names it. */
  name: string
  reads: readonly string[]
  /** The trait it writes. */
  trait: string
}

const traitOf = (index: number): string => `out_${String(index).padStart(3, '0')}`

/**
 * The first `count` agents; a larger crew is a smaller one with more in it. Each reads one to three of the stated
 * traits, except for every tenth, which reads the conclusion of one of the first stage, so that about 10 % of
 * writes wake another agent; number 100 reads that of the second stage. Fewer than ten agents have no second stage.
 *
 * @param each agents of one plugin
 */
export function crewOf(count: number, each = 1): Member[] {
  const random = seeded(40)
  return Array.from({ length: count }, (_, nth): Member => {
    const plugin = `bb-${Math.floor(nth / each)}`
    const agent = `agent-${nth}`
    const pool = [...stated]
    const drawn = Array.from({ length: 1 + (nth % 3) }, () => {
      const [trait = ''] = pool.splice(Math.floor(random() * pool.length), 1)
      return trait
    })
    const followed = nth % 10 === 9 ? traitOf(nth === 99 ? 89 : nth - 1) : undefined
    return {
      nth,
      plugin,
      agent,
      name: `${plugin}/${agent}`,
      reads: followed === undefined ? drawn : [followed],
      trait: traitOf(nth),
    }
  })
}

/** What an agent declares. */
const declared = ({ agent, reads, trait }: Member): object => ({
  id: agent,
  triggers: { traits: reads },
  reads: { traits: reads },
  when: { [`traits.${reads[0]}`]: { $lt: threshold } },
  writes: [trait],
  purpose: 'analytics',
})

export interface Kind {
  tier?: Tier
  /** What one item waits, in milliseconds; needs the tier `process`, since there is no waiting in a sandbox. */
  waitMs?: number
}

function packageOf(
  id: string,
  members: readonly Member[],
  { tier = 'sandbox', waitMs = 0 }: Kind,
): PluginPackage {
  const manifest = manifestSchema.parse({
    id,
    version: '1.0.0',
    name: id,
    apiVersion: 1,
    engines: { slateboard: '*' },
    main: 'plugin.ts',
    tier,
    traits: members.map(({ trait: key }) => ({
      key,
      class: 'pseudonymous',
      purposes: ['analytics'],
    })),
    agents: members.map(declared),
  })
  const handlers = members.map(
    ({ agent, nth, reads, trait }) =>
      `'${agent}': agent(${JSON.stringify(reads)}, '${trait}', ${nth})`,
  )
  const wait =
    waitMs > 0 ? `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${waitMs});` : ''
  // The mark of a conclusion is as good as drawn, and follows from what it was drawn from.
  const bundle = `"use strict";
const agent = (reads, trait, nth) => ({ profile: { traits } }) => {
  ${wait}
  const n = Math.max(...reads.map((key) => (traits[key] ? traits[key].value % ${unit} : 0)));
  const value = ((n * 37 + nth * 11) % 100) * ${unit} + n;
  return { kind: 'done', writes: { [trait]: { value } }, activations: [], holds: [], releases: [] };
};
var slateboardPlugin = { default: { agents: { ${handlers.join(', ')} } } };`
  return { manifest, bundle, digest: digestOf(manifest, bundle) }
}

/** Installs the plugins of the crew that are not there yet. */
export async function install(
  { registry, workspaceId }: Slateboard,
  crew: readonly Member[],
  kind: Kind = {},
): Promise<void> {
  const known = new Set(registry.all().map(({ pluginId }) => pluginId))
  for (const [plugin, members] of Map.groupBy(crew, (member) => member.plugin)) {
    if (known.has(plugin)) continue
    await registry.install(workspaceId, packageOf(plugin, members, kind), 'bench')
  }
}
