import { checkManifest } from '../host/manifest.ts'
import type { PluginPackage } from '../host/package.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { assess, type Assessment } from './assess.ts'
import { readOrigin, unsignedAs, type Origin } from './origin.ts'

export interface Inspection extends Assessment {
  pkg: PluginPackage
}

/**
 * What installing a package would mean, storing nothing and running nothing of it.
 *
 * @throws forbidden, and what makes a package unusable
 */
export async function inspectPlugin(reader: Reader, origin: Origin): Promise<Inspection> {
  demand(reader, 'administer', 'Plugin')
  const { board, principal } = reader
  const pkg = await readOrigin(origin)
  checkManifest(pkg.manifest, board.engine)
  const { db } = board
  return { pkg, ...(await assess(db.sql, principal.workspaceId, pkg, unsignedAs(origin))) }
}
