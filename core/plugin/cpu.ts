import type { HostStats } from '../host/host.ts'
import { pluginOfKey } from '../host/hostKey.ts'

export interface CpuUsed {
  workspaceId: number
  plugin: string
  digest: string
  cpuMs: number
}

/** What plugins used of the processor since it was last asked for; the host only counts up. */
export class CpuReadings {
  #seen: ReadonlyMap<string, number> = new Map()

  take({ plugins }: HostStats): CpuUsed[] {
    const seen = this.#seen
    this.#seen = new Map(plugins.map(({ key, cpuMs }) => [key, cpuMs]))
    return plugins.flatMap(({ key, digest, cpuMs }): CpuUsed[] => {
      const of = pluginOfKey(key)
      const used = cpuMs - (seen.get(key) ?? 0)
      return of && used > 0 ? [{ ...of, digest, cpuMs: used }] : []
    })
  }
}
