import { listInService } from '../host/inService.ts'
import type { PerformerManifest } from '../model/manifest.ts'
import type { StateInService } from '../model/pluginLife.ts'
import { demand, type Reader } from './reader.ts'

export interface PerformerView extends Pick<PerformerManifest, 'skill'> {
  /** `plugin/performer`. */
  id: string
  description: string | null
  plugin: string
  version: string
  state: StateInService
}

/** The performers of all installed plugins. @throws forbidden */
export async function listPerformers(reader: Reader): Promise<PerformerView[]> {
  demand(reader, 'read', 'Plugin')
  const { workspaceId } = reader.principal
  const plugins = await listInService(reader.board.db.sql, workspaceId)
  return plugins.flatMap(({ id: plugin, version, state, manifest }) =>
    manifest.performers.map(({ id, skill, description = null }) => ({
      id: `${plugin}/${id}`,
      skill,
      description,
      plugin,
      version,
      state,
    })),
  )
}
