import type { TransactionSql } from 'postgres'
import { listDefinitions } from '../../blackboard/query/listDefinitions.ts'
import { listDerivers } from '../../blackboard/query/listDerivers.ts'
import { writeDerived } from '../../blackboard/query/writeDerived.ts'
import { deriveTraits, purposesOf, samePurposes, type Derived } from '../model/derive.ts'
import type { AgentManifest } from '../model/manifest.ts'

/**
 * Works out what derived traits inherit, from the definitions and manifests as the transaction sees them, and
 * writes what changed. The caller holds `lockDerivations`.
 */
export async function deriveAll(
  tx: TransactionSql,
  workspaceId: number,
): Promise<ReadonlyMap<string, Derived>> {
  const [rows, plugins] = await Promise.all([
    listDefinitions(tx, { workspaceId }),
    listDerivers(tx, { workspaceId }),
  ])
  const derivers = plugins.flatMap(({ agents }) =>
    agents.map((agent) => ({ sources: sourcesOf(agent), writes: agent.writes })),
  )
  const derived = deriveTraits(new Map(rows.map((row) => [row.key, row])), derivers)
  const changed = rows.flatMap(({ key, purposes: said, effectivePurposes, specialBy: before }) => {
    const { purposes, specialBy } = derived.get(key) ?? { purposes: null, specialBy: [] }
    const limit = samePurposes(purposes, purposesOf(said)) ? null : purposes
    const isSame = samePurposes(limit, effectivePurposes) && String(specialBy) === String(before)
    return isSame ? [] : [{ key, purposes: limit, specialBy }]
  })
  if (changed.length > 0) await writeDerived(tx, { workspaceId, derived: JSON.stringify(changed) })
  return derived
}

/** What an agent is handed: traits, and properties of events, which bear the name of the trait they become. */
export const sourcesOf = ({ reads }: Pick<AgentManifest, 'reads'>): string[] => [
  ...new Set([...reads.traits, ...reads.pii, ...Object.values(reads.events).flat()]),
]
