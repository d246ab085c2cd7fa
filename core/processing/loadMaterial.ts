import { findPolicyDocument } from '../../blackboard/query/findPolicyDocument.ts'
import { findPolicyForce } from '../../blackboard/query/findPolicyForce.ts'
import { listAccesses } from '../../blackboard/query/listAccesses.ts'
import { listInstalled } from '../../blackboard/query/listInstalled.ts'
import { listPrincipals } from '../../blackboard/query/listPrincipals.ts'
import { listPurposeTexts } from '../../blackboard/query/listPurposeTexts.ts'
import { listSources } from '../../blackboard/query/listSources.ts'
import { listTraitDefinitions } from '../../blackboard/query/listTraitDefinitions.ts'
import { createAbilities } from '../../policies/ability.ts'
import { parsePolicy, type Policy } from '../../policies/document.ts'
import { planProfile } from '../../policies/plan.ts'
import type { Board } from '../board.ts'
import { manifestSchema } from '../model/manifest.ts'
import type { TraitDefinition } from '../model/trait.ts'
import { asDefinition } from '../trait/definition.ts'
import { trouble } from '../trouble.ts'
import type { Material, PrincipalFacts } from './material.ts'

const dayMs = 86_400_000
const traitsMax = 10_000

/** Reads everything anew, from the database alone: every node gives the same answer. */
export async function loadMaterial(
  board: Board,
  workspaceId: number,
  days: number,
): Promise<Material> {
  const { sql } = board.db
  const now = board.clock.now()
  const since = new Date(now.getTime() - days * dayMs)
  const everyTrait = {
    keys: null,
    registered: null,
    dataClass: null,
    after: null,
    limit: traitsMax,
  }
  const [plugins, listed, purposes, principals, sources, accesses, policy] = await Promise.all([
    listInstalled(sql, { workspaceId }),
    listTraitDefinitions(sql, { workspaceId, ...everyTrait }),
    listPurposeTexts(sql, { workspaceId }),
    listPrincipals(sql, { workspaceId }),
    listSources(sql, { workspaceId }),
    listAccesses(sql, { workspaceId, since: since.toISOString().slice(0, 10) }),
    policyInForce(board, workspaceId),
  ])
  const definitions = new Map(listed.map((row) => [row.key, asDefinition(row)]))
  const bySource = Map.groupBy(listed, ({ firstSource }) => firstSource)
  const readable = readableBy(board, policy, definitions)
  return {
    now,
    since,
    definitions,
    purposes,
    accesses,
    plugins: plugins.map((plugin) => ({
      ...plugin,
      manifest: manifestSchema.parse(plugin.manifest),
    })),
    principals: principals.flatMap(({ revokedAt, ...principal }) =>
      revokedAt === null && principal.role !== 'metrics'
        ? { ...principal, readable: readable(principal) }
        : [],
    ),
    sources: sources.map((source) => ({
      ...source,
      traits: (bySource.get(source.id) ?? []).map(({ key }) => key),
    })),
  }
}

/** Without one nobody may read anything, and the records say so. */
async function policyInForce({ db, clock }: Board, workspaceId: number): Promise<Policy | null> {
  const [force] = await findPolicyForce(db.sql, { workspaceId, at: clock.now().toISOString() })
  if (!force) return null
  const [row] = await findPolicyDocument(db.sql, { workspaceId, number: force.number })
  return row ? parsePolicy(row.document) : null
}

/** Many principals share a role and its purposes; each such pair is worked out once. */
function readableBy(
  { clock, log }: Board,
  policy: Policy | null,
  definitions: ReadonlyMap<string, TraitDefinition>,
) {
  const abilities = createAbilities((where, thrown) => {
    log.error({ where, ...trouble(thrown) }, 'a policy rule failed; the answer was a refusal')
  }, clock)
  const known = new Map<string, readonly string[]>()
  return ({
    id,
    name,
    role,
    purposes,
  }: Omit<PrincipalFacts, 'readable'>): ReadonlyMap<string, readonly string[]> => {
    const named = purposes.length === 0 ? [''] : purposes
    return new Map(
      named.map((purpose) => {
        if (policy === null) return [purpose, []]
        const own = purpose === '' ? [] : [purpose]
        const ability = abilities(policy, { kind: 'principal', role, id, name }, own)
        const key = policy.personalRoles.has(role)
          ? `${role} ${purpose} ${id}`
          : `${role} ${purpose}`
        const traits =
          known.get(key) ?? traitsOf(planProfile(ability, own, definitions), definitions)
        known.set(key, traits)
        return [purpose, traits]
      }),
    )
  }
}

const traitsOf = (
  plan: ReturnType<typeof planProfile>,
  definitions: ReadonlyMap<string, TraitDefinition>,
): string[] => [...definitions.keys()].filter((key) => plan.trait(key).plan.kind !== 'never')
