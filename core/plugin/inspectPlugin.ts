import { checkManifest } from '../host/manifest.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { listManifests } from '../../blackboard/query/listManifests.ts'
import { manifestSchema, type Manifest } from '../model/manifest.ts'
import { ringsAmong } from '../model/ring.ts'
import { assess, type Assessed } from './assess.ts'
import { readOrigin, unsignedAs, type Origin } from './origin.ts'

export interface Inspection extends Assessed {
  /** Agents, its own among them, of which each wakes the next and the last the first. */
  rings: string[][]
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
  const { sql } = board.db
  const { workspaceId } = principal
  const { manifest } = pkg
  const [assessment, others] = await Promise.all([
    assess(sql, workspaceId, pkg, unsignedAs(origin)),
    listManifests(sql, { workspaceId, except: manifest.id }),
  ])
  const rings = ringsThrough(
    manifest,
    others.map((other) => manifestSchema.parse(other.manifest)),
  )
  return { pkg, ...assessment, rings }
}

function ringsThrough(manifest: Manifest, others: readonly Manifest[]): string[][] {
  const isOwn = (agent: string): boolean => agent.startsWith(`${manifest.id}/`)
  return ringsAmong([manifest, ...others]).filter((ring) => ring.some(isOwn))
}
