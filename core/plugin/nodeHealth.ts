import type { HostStats, PluginHost } from '../host/host.ts'
import { pluginOfKey } from '../host/hostKey.ts'
import type { Registry } from '../host/registry.ts'
import type { PluginLine } from '../model/pluginHealth.ts'
import type { PluginPhase } from '../model/pluginLife.ts'
import { demand, type Reader } from '../read/reader.ts'
import type { PluginLines } from './lines.ts'

/** What the node that answers knows of a plugin. */
export interface NodeHealth {
  phase: PluginPhase | null
  /** The part of the memory of the cells that falls to it, 0 to 1: the cells hold those awake in equal parts. */
  memoryShare: number
  /** The last that it wrote, oldest first; masked. */
  lines: PluginLine[]
}

interface Parts {
  host: PluginHost
  registry: Registry
  lines: PluginLines
}

/** @throws forbidden */
export function nodeHealthOf(
  { host, registry, lines }: Parts,
  reader: Reader,
  plugin: string,
): NodeHealth {
  demand(reader, 'read', 'Plugin')
  const { workspaceId } = reader.principal
  const phase = registry.phases(workspaceId).find(({ pluginId }) => pluginId === plugin)?.phase
  return {
    phase: phase ?? null,
    memoryShare: shareOf(host.stats(), workspaceId, plugin),
    lines: lines.of(workspaceId, plugin),
  }
}

function shareOf({ plugins }: HostStats, workspaceId: number, plugin: string): number {
  const awake = plugins.filter(({ isAsleep }) => !isAsleep)
  const own = awake.filter(({ key }) => {
    const of = pluginOfKey(key)
    return of?.workspaceId === workspaceId && of.plugin === plugin
  })
  return awake.length === 0 ? 0 : own.length / awake.length
}
