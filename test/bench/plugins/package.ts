import { digestOf, type PluginPackage } from '../../../core/host/package.ts'
import { manifestSchema } from '../../../core/model/manifest.ts'

/** Stands in a plugin's code where its handler goes; `$0` is the trait that the plugin owns. */
export const handlers = {
  /** Counts its causes: what is lost or doubled shows in the sum. */
  count: `({ profile, causes }) => done({
    $0: { value: (profile.traits.$0 ? profile.traits.$0.value : 0) + causes.length } })`,
  hang: `() => { for (;;); }`,
  eat: `() => { const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length)) }`,
} as const

export interface Make {
  id: string
  version?: string
  handler?: keyof typeof handlers
  event?: string
  /** Characters of code that only take room. */
  ballast?: number
}

/** A plugin of one agent `run`, made as text: 118 of them are 118 programs and no copies of one. */
export function makePackage(make: Make): PluginPackage {
  const { id, version = '1.0.0', handler = 'count', event = 'Step', ballast = 0 } = make
  const trait = id.replaceAll('-', '_')
  const manifest = manifestSchema.parse({
    id,
    version,
    name: id,
    apiVersion: 1,
    engines: { slateboard: '*' },
    main: 'plugin.ts',
    traits: [{ key: trait, class: 'pseudonymous', purposes: ['analytics'] }],
    agents: [
      {
        id: 'run',
        triggers: { events: [event] },
        reads: { traits: [trait, 'plan'] },
        writes: [trait],
        purpose: 'analytics',
      },
    ],
  })
  const bundle = `"use strict";
// ${id} ${version} ${'x'.repeat(ballast)}
const done = (writes) => ({ kind: 'done', writes, activations: [], holds: [], releases: [] });
var slateboardPlugin = { default: { agents: { run: ${handlers[handler].replaceAll('$0', trait)} } } };`
  return { manifest, bundle, digest: digestOf(manifest, bundle) }
}
