import { systemClock } from '../../core/clock.ts'
import type { ReactInput } from '../../core/host/contract.ts'
import {
  createHost,
  type HostLogEntry,
  type HostOptions,
  type PluginHost,
} from '../../core/host/host.ts'
import { readPackage, type PluginPackage } from '../../core/host/package.ts'
import type { Json, JsonObject } from '../../core/model/json.ts'
import type { Tier } from '../../core/model/manifest.ts'
import { pluginFolder, pluginManifest, probeAgent, probeCode } from './pluginFolder.ts'

export interface ProbeHost extends AsyncDisposable {
  host: PluginHost
  logs: HostLogEntry[]
}

export type ProbeOptions = Partial<Omit<HostOptions, 'log'>>

/** A host whose log is kept. */
export function probeHost(options: ProbeOptions = {}): ProbeHost {
  const logs: HostLogEntry[] = []
  const host = createHost({ clock: systemClock(), log: (entry) => logs.push(entry), ...options })
  return { host, logs, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() }
}

/** A package with one agent `probe` whose handler is the given source. */
export async function probePackage(
  handler: string,
  agent: JsonObject = {},
  id = 'probe',
  traits?: JsonObject[],
  tier: Tier = 'sandbox',
): Promise<PluginPackage> {
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({
      id,
      tier,
      agents: [probeAgent(agent)],
      ...(traits ? { traits } : {}),
    }),
    'plugin.ts': probeCode(handler),
  })
  return await readPackage(folder.path)
}

/** An input whose trait `mode` has the value. */
export function probeInput(mode: Json): ReactInput {
  const author = { kind: 'source', id: 'source-1' } as const
  const writtenAt = '2026-01-01T00:00:00.000Z'
  return {
    profile: {
      id: 'profile-1',
      traits: { mode: { value: mode, confidence: 1, author, revision: 1, writtenAt } },
    },
    causes: [{ kind: 'manual' }],
    now: '2026-01-01T00:00:00.000Z',
  }
}
