import type { SliceRow } from '../../../blackboard/query/loadSlices.ts'
import { planProfile, type ProfilePlan } from '../../../policies/plan.ts'
import type { ProfileRow } from '../../../policies/vocabulary.ts'
import type { ActivePolicies } from '../../activePolicies.ts'
import { fieldsOf, type Plan } from '../../model/condition.ts'
import type { JsonObject } from '../../model/json.ts'
import { isVaulted, type TraitDefinition } from '../../model/trait.ts'
import { lineage } from '../../model/purpose.ts'
import type { DefinitionCache } from '../definitions.ts'
import type { Definitions } from '../classify.ts'
import type { RunnableAgent } from './reaction.ts'
import type { Visible } from './slice.ts'

/** What the active policy lets one agent see. */
export interface Permission {
  /** The version it follows; a commit under another one is not valid. */
  policyNumber: number
  allows: Visible
  /** Whether it is shown what events of this profile say. */
  allowsEvents(row: SliceRow): boolean
  /** Whether it is handed what the plugin remembers of this profile, and may write it. */
  allowsState(row: SliceRow): boolean
  /** Whether it is shown an event's property of that name: as the trait of that name, where there is one. */
  allowsProperty: Visible
  /** Whether it gets handles for what it may not see of this profile; that one may be sent is asked when it is. */
  handles(row: SliceRow): boolean
  /** Whether a trait may be written on this profile. Personal data never: agents write in the open. */
  writes: Visible
  /** As the traits are defined now: the plugin's own manifest may say less. */
  definition(trait: string): TraitDefinition | undefined
  /** Traits that the policy's conditions ask for; loaded for them and never handed to the agent. */
  asked: readonly string[]
}

export interface Permissions {
  of(agent: RunnableAgent): Promise<Permission>
}

interface Compiled {
  plan: ProfilePlan
  permission: Permission
}

/** Permissions of agents, compiled once per policy version and set of definitions. */
export function createPermissions(
  policies: ActivePolicies,
  definitions: Pick<DefinitionCache, 'of'>,
): Permissions {
  const compiled = new Map<string, Compiled>()
  return {
    async of(agent) {
      const { workspaceId, name, manifest, digest } = agent
      const { purpose } = manifest
      const [active, known] = await Promise.all([
        policies.of(workspaceId),
        definitions.of(workspaceId),
      ])
      const ability = policies.ability(active.policy, { kind: 'agent', id: name }, [purpose])
      const plan = planProfile(ability, [purpose], known)
      const written = planProfile(ability, [purpose], known, 'write')
      const key = `${workspaceId} ${name} ${digest}`
      const before = compiled.get(key)
      if (before?.plan === plan && before.permission.policyNumber === active.number) {
        return before.permission
      }
      const properties = Object.values(manifest.reads.events)
        .flat()
        .filter((key) => known.has(key))
      const readsEvents = ability.may('read', 'Event').allowed
      // Sealed or about to be: what was reclassified stands in the open for a moment yet.
      const allows: Visible = (trait, row) =>
        !isVaulted(known.get(trait)?.dataClass ?? 'none') &&
        !isRefusedBy(row.consents, purpose) &&
        plan.trait(trait).visible(rowOf(row)).allowed
      const mayLookAt = (row: SliceRow): boolean =>
        !isRefusedBy(row.consents, purpose) && plan.row.visible(rowOf(row)).allowed
      const permission: Permission = {
        policyNumber: active.number,
        asked: askedTraits([
          plan.row.plan,
          ...[...manifest.reads.traits, ...properties].map((trait) => plan.trait(trait).plan),
          ...manifest.writes.map((trait) => written.trait(trait).plan),
        ]),
        allows,
        allowsEvents: (row) => readsEvents && mayLookAt(row),
        allowsState: mayLookAt,
        handles: mayLookAt,
        allowsProperty: (key, row) => !known.has(key) || allows(key, row),
        writes: (trait, row) =>
          !isVaulted(known.get(trait)?.dataClass ?? 'none') &&
          mayWrite(agent, trait, known) &&
          written.trait(trait).visible(rowOf(row)).allowed,
        definition: (trait) => known.get(trait),
      }
      compiled.set(key, { plan, permission })
      return permission
    },
  }
}

/** A trait of another plugin only while that one shares it. */
const mayWrite = ({ sharedTraits }: RunnableAgent, trait: string, known: Definitions): boolean =>
  !sharedTraits?.includes(trait) || known.get(trait)?.shares !== undefined

/** The traits that conditions look at: without them a `forbid` on one of them would not match. */
const askedTraits = (plans: readonly Plan[]): string[] => [
  ...new Set(
    plans.flatMap((plan) =>
      plan.kind === 'conditional'
        ? fieldsOf(plan.condition).flatMap((field) =>
            field.startsWith('traits.') ? [field.split('.')[1] ?? ''] : [],
          )
        : [],
    ),
  ),
]

/** A customer who denied or withdrew a purpose, or one above it, on every channel: nothing is shown for it. */
function isRefusedBy(consents: JsonObject | null, purpose: string): boolean {
  for (const key of lineage(purpose)) {
    const decision = consents && Object.hasOwn(consents, key) ? consents[key] : undefined
    if (decision !== undefined) return decision !== 'granted'
  }
  return false
}

function rowOf({ slice, ...row }: SliceRow): ProfileRow {
  // Without a prototype: a trait whose key is __proto__ is one like any other.
  const traits: JsonObject = Object.create(null)
  for (const key in slice) {
    const value = slice[key]?.[0]
    if (value !== undefined && value !== null) traits[key] = value
  }
  const { createdAt, updatedAt, restricted, jurisdiction } = row
  return { traits, createdAt, updatedAt, restricted, jurisdiction }
}
