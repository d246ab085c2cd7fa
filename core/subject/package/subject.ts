import { findProfiles, type ProfileRow } from '../../../blackboard/query/findProfiles.ts'
import { listInstalled } from '../../../blackboard/query/listInstalled.ts'
import { listRetentions, type Retention } from '../../../blackboard/query/listRetentions.ts'
import { listPurposes } from '../../../blackboard/query/listPurposes.ts'
import { listSources } from '../../../blackboard/query/listSources.ts'
import { readProfileKeys } from '../../../blackboard/query/readProfileKeys.ts'
import { fail } from '../../errors.ts'
import type { AgentManifest } from '../../model/manifest.ts'
import type { TraitDefinition } from '../../model/trait.ts'
import type { Handler } from '../changeRequest.ts'

type Purpose = Awaited<ReturnType<typeof listPurposes>>[number]

/** The person a package is about, and what words there are for what is known of them. */
export interface Subject {
  by: Handler
  /** Canonical profiles: one, unless several identifiers were named that are not known to be one person's. */
  profiles: readonly ProfileRow[]
  /** Every profile that counts as them. */
  members: readonly string[]
  /** Of somebody who was erased: what a law demanded to be kept. */
  kept: readonly Retention[]
  /** Data keys by profile; none where it was destroyed. */
  keys: ReadonlyMap<string, Buffer>
  definitions: ReadonlyMap<string, TraitDefinition>
  purposes: readonly Purpose[]
  /** By `plugin/agent`. */
  agents: ReadonlyMap<string, { plugin: string; manifest: AgentManifest }>
  sources: ReadonlyMap<string, string>
}

/** @throws subject_erased */
export async function loadSubject(
  by: Handler,
  definitions: ReadonlyMap<string, TraitDefinition>,
  profileIds: readonly string[],
): Promise<Subject> {
  const { board, workspaceId } = by
  const { sql } = board.db
  const wanted = JSON.stringify(profileIds.map((id, nth) => ({ nth, id })))
  const [found, purposes, installed, sources] = await Promise.all([
    findProfiles(sql, { workspaceId, wanted }),
    listPurposes(sql, { workspaceId }),
    listInstalled(sql, { workspaceId }),
    listSources(sql, { workspaceId }),
  ])
  const profiles = [...new Map(found.map((row) => [row.id, row])).values()]
  const members = profiles.flatMap((profile) => profile.members)
  const retentions = await listRetentions(sql, { workspaceId, requestIds: [], profileIds: members })
  const kept = retentions.filter(({ endedAt }) => endedAt === null)
  if (kept.length === 0 && profiles.some(({ legal }) => legal.erased)) throw fail('subject_erased')
  const wrapped = await readProfileKeys(sql, { workspaceId, profileIds: members })
  return {
    by,
    profiles,
    members,
    kept,
    definitions,
    keys: new Map(
      wrapped.map((row) => [
        row.profileId,
        board.vault.unwrap(workspaceId, row.profileId, row.wrapped),
      ]),
    ),
    purposes,
    agents: new Map(
      installed.flatMap(({ id, manifest: { name, agents } }) =>
        agents.map((manifest) => [`${id}/${manifest.id}`, { plugin: name, manifest }]),
      ),
    ),
    sources: new Map(sources.map(({ id, name }) => [id, name])),
  }
}
