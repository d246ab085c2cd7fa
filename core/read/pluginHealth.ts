import { listPluginHealth } from '../../blackboard/query/listPluginHealth.ts'
import {
  latencyAt,
  type PluginCounts,
  type PluginError,
  type Quarantine,
  type Strike,
} from '../model/pluginHealth.ts'
import { demand, type Reader } from './reader.ts'

/** How a plugin fares, summed over all nodes. */
export interface PluginHealthView extends PluginCounts {
  plugin: string
  /** Of calls, which are batches; null before the first. */
  latencyP50Ms: number | null
  latencyP99Ms: number | null
  lastError: PluginError | null
  strikes: Strike[]
  quarantine: Quarantine | null
  okAt: Date | null
  activeAt: Date
}

/** Those of the plugins named that were ever called. @throws forbidden */
export async function listHealth(
  reader: Reader,
  ids: readonly string[],
): Promise<PluginHealthView[]> {
  demand(reader, 'read', 'Plugin')
  const { board, principal } = reader
  const rows = await listPluginHealth(board.db.sql, { workspaceId: principal.workspaceId, ids })
  return rows.map(({ latency, ...row }) => ({
    ...row,
    latencyP50Ms: latencyAt(latency, 0.5),
    latencyP99Ms: latencyAt(latency, 0.99),
  }))
}
