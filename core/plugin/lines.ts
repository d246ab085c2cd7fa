/** The last lines that plugins wrote on this node. */
import type { HostLogEntry } from '../host/host.ts'
import { pluginOfKey } from '../host/hostKey.ts'
import type { PluginLine } from '../model/pluginHealth.ts'

/** Lines kept of each plugin, and plugins that they are kept of; who wrote longest ago is forgotten. */
const linesMax = 50
const pluginsMax = 1000

export class PluginLines {
  readonly #lines = new Map<string, PluginLine[]>()

  /** Of the entries of the host's log, those that a workspace's plugin wrote; the host has masked them. */
  keep({ at, level, agent, message, plugin }: HostLogEntry): void {
    const of = plugin === undefined ? undefined : pluginOfKey(plugin)
    if (!of) return
    const key = keyOf(of.workspaceId, of.plugin)
    const lines = this.#lines.get(key) ?? []
    lines.push({ at: at.toISOString(), level, agent: agent ?? null, message })
    if (lines.length > linesMax) lines.shift()
    this.#lines.delete(key)
    this.#lines.set(key, lines)
    const [oldest] = this.#lines.keys()
    if (this.#lines.size > pluginsMax && oldest !== undefined) this.#lines.delete(oldest)
  }

  of(workspaceId: number, plugin: string): PluginLine[] {
    return [...(this.#lines.get(keyOf(workspaceId, plugin)) ?? [])]
  }
}

const keyOf = (workspaceId: number, plugin: string): string => `${workspaceId} ${plugin}`
