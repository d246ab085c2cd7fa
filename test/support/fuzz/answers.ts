import { agentManifestSchema } from '../../../core/model/manifest.ts'
import type { SliceRow } from '../../../blackboard/query/loadSlices.ts'
import type { ActivePolicies } from '../../../core/activePolicies.ts'
import type { DefinitionCache } from '../../../core/flow/definitions.ts'
import { createPermissions } from '../../../core/flow/react/permission.ts'
import type { RunnableAgent } from '../../../core/flow/react/reaction.ts'
import { inputOf, keysOf } from '../../../core/flow/react/slice.ts'
import { never, type Plan } from '../../../core/model/condition.ts'
import { planMatcher } from '../../../core/model/match.ts'
import { isVaulted, type TraitDefinition } from '../../../core/model/trait.ts'
import { listIdentifiers } from '../../../core/read/listIdentifiers.ts'
import { createLookup } from '../../../core/read/lookup.ts'
import { behind, factsOf } from '../../../core/read/profile.ts'
import type { Reader } from '../../../core/read/reader.ts'
import { readTraits } from '../../../core/read/readTraits.ts'
import { createAbilities, type Ability } from '../../../policies/ability.ts'
import { parsePolicy, type Policy } from '../../../policies/document.ts'
import { guardRead } from '../../../policies/guard.ts'
import {
  isCompatible,
  planActivation,
  planProfile,
  undefinedTrait,
} from '../../../policies/plan.ts'
import { identifierField, type Field } from '../../../policies/vocabulary.ts'
import { fail } from '../../../core/errors.ts'
import type { RuleSet } from './ruleSet.ts'
import type { World } from './world.ts'

/** One question under a rule set, and what each way of asking answers for each profile of the world. */
export interface Answers {
  question: string
  plan: Plan
  /** Way of asking to a 1 (seen) or 0 per profile; a dash where that way is not asked about it. */
  ways: Record<string, string>
}

const trait = (
  key: string,
  dataClass: TraitDefinition['dataClass'],
  purposes: string[] = [],
): [string, TraitDefinition] => [key, { key, dataClass, purposes, owner: null }]

/** `constructor` is left without one. */
const definitions = new Map([
  trait('a', 'none'),
  trait('b', 'pseudonymous', ['analytics', 'marketing']),
  trait('mail', 'contact'),
  trait('ünï', 'special'),
])

// A rule that fails to evaluate refuses; here it is a failure of the test.
const onError = (where: string, thrown: unknown): never => {
  throw fail('internal', {}, new AggregateError([thrown], where))
}
// A time between the bounds that rules have.
const clock = { now: () => new Date('2026-07-01T00:00:00Z') }
const abilities = createAbilities(onError, clock)

const cache: DefinitionCache = {
  of: async () => definitions,
  learn: async () => {},
  forget() {},
}

/** @throws policy_invalid for rules that no officer could save */
export async function answersOf(world: World, ruleSet: RuleSet): Promise<Answers[]> {
  const { rules, purposes, purpose } = ruleSet
  const input: unknown = JSON.parse(JSON.stringify({ title: 'Fuzz', rules }))
  const policy = parsePolicy(input)
  const app = abilities(policy, { kind: 'principal', role: 'app', id: 'a', name: 'b' }, purposes)
  const agent = abilities(policy, { kind: 'agent', id: 'shop/score' }, [purpose])
  return [
    ...(await ofReader(world, app, purposes, ruleSet.keys)),
    ...(await ofAgent(world, policy, agent, ruleSet)),
    ...purposes.slice(0, 1).map((each) => ofActivation(world, app, each)),
    ofActivation(world, agent, purpose),
  ]
}

async function ofReader(
  world: World,
  ability: Ability,
  purposes: readonly string[],
  keys: readonly string[],
): Promise<Answers[]> {
  const { board, workspaceId, profiles } = world
  const plans = planProfile(ability, purposes, definitions)
  const reader: Reader = {
    board,
    principal: { id: 'app', workspaceId, name: 'app', role: 'app', purposes: [...purposes] },
    ability,
    profiles: plans,
    definitions,
    lookup: createLookup(board),
    learn: async () => {},
  }
  const shown = await readTraits(reader, profiles, keys)
  const identifiers = await listIdentifiers(reader, profiles)
  const asked = purposes.length === 0 ? [null] : purposes
  return [
    { question: 'the row', plan: plans.row.plan, ways: { mask: bits(world, plans.row) } },
    {
      question: 'user_id of a reader',
      plan: plans.identifier('user_id').plan,
      ways: {
        decision: decisions(world, ability, asked, identifierField('user_id')),
        mask: identifiers.map((own) => bit(own.some(({ value }) => value !== null))).join(''),
      },
    },
    ...keys.map((key) => ({
      question: `trait ${key} of a reader`,
      plan: plans.trait(key).plan,
      ways: {
        decision: decisions(world, ability, asked, fieldOf(key)),
        plan: bits(world, plans.trait(key)),
        mask: profiles
          .map((profile, at) =>
            Object.hasOwn(profile[behind].traits, key)
              ? bit(shown[at]?.some((view) => view.key === key))
              : '-',
          )
          .join(''),
      },
    })),
  ]
}

async function ofAgent(
  world: World,
  policy: Policy,
  ability: Ability,
  { purpose, keys }: RuleSet,
): Promise<Answers[]> {
  const agent = agentOf(world, purpose, keys)
  const active = { number: 1, policy }
  const policies: ActivePolicies = {
    of: async () => active,
    ability: () => ability,
    failed: onError,
  }
  const { asked, allows: visible, ...more } = await createPermissions(policies, cache).of(agent)
  const loaded = new Set([...keysOf(agent.manifest), ...asked])
  const plans = planProfile(ability, [purpose], definitions)
  const views = world.slices.map((row) => {
    const claimed = {
      profileId: row.profileId,
      epoch: 1,
      causes: [],
      hop: 0,
      trail: '',
      isWhole: true,
      attempts: 0,
    }
    const view = { ...more, visible, events: new Map(), handleOf, now: world.board.clock.now() }
    return inputOf(agent.manifest, only(row, loaded), claimed, view).profile.traits
  })
  const viewOf = (key: string): string =>
    views
      .map((traits, at) =>
        Object.hasOwn(world.slices[at]?.slice ?? {}, key) ? bit(Object.hasOwn(traits, key)) : '-',
      )
      .join('')
  return keys.map((key) => {
    const field = fieldOf(key)
    // What is sealed never reaches an agent, whatever a policy says.
    return isVaulted(field.dataClass)
      ? {
          question: `sealed trait ${key} of an agent`,
          plan: never,
          ways: { law: '0'.repeat(views.length), view: viewOf(key) },
        }
      : {
          question: `trait ${key} of an agent`,
          plan: plans.trait(key).plan,
          ways: {
            decision: decisions(world, ability, [purpose], field),
            view: viewOf(key),
          },
        }
  })
}

/** May an email leave? As the gate asks for one profile, and as a simulation asks for all. */
function ofActivation({ profiles }: World, ability: Ability, purpose: string): Answers {
  const plan = planActivation(ability, purpose, 'email')
  const matches = planMatcher(plan)
  const facts = profiles.map((profile) => factsOf(profile[behind]))
  return {
    question: `activation of ${ability.who.kind}`,
    plan,
    ways: {
      decision: facts.map((row) => bit(ability.activate(purpose, 'email', row).allowed)).join(''),
      plan: facts.map((row) => bit(matches(row))).join(''),
    },
  }
}

/** As `loadSlices` gives it when asked for these traits only. */
const only = (row: SliceRow, keys: ReadonlySet<string>): SliceRow => ({
  ...row,
  slice:
    row.slice && Object.fromEntries(Object.entries(row.slice).filter(([key]) => keys.has(key))),
})

const agentOf = (
  { workspaceId }: World,
  purpose: string,
  keys: readonly string[],
): RunnableAgent => ({
  workspaceId,
  name: 'shop/score',
  pluginId: 'shop',
  digest: 'd',
  hostKey: 'h',
  network: [],
  manifest: agentManifestSchema.parse({
    id: 'score',
    triggers: {},
    reads: { traits: [...keys] },
    purpose,
  }),
})

function fieldOf(key: string): Field {
  const { dataClass } = definitions.get(key) ?? undefinedTrait
  return { kind: 'trait', key, dataClass }
}

/** None of these agents declares personal data. */
const handleOf = (): string => {
  throw new TypeError('a handle was asked for')
}

const bit = (isSeen: boolean | undefined): string => (isSeen ? '1' : '0')

const bits = (world: World, field: ReturnType<ReturnType<typeof planProfile>['trait']>): string =>
  world.profiles.map((profile) => bit(field.visible(factsOf(profile[behind])).allowed)).join('')

/** CASL's own answer for each row, with what the law and the trait's definition add to it. */
function decisions(
  world: World,
  ability: Ability,
  purposes: readonly (string | null)[],
  field: Field,
): string {
  const collected = field.kind === 'trait' ? (definitions.get(field.key)?.purposes ?? []) : []
  const routes = purposes
    .filter((purpose) => isCompatible(collected, purpose))
    .map((purpose) => ({ purpose, guard: planMatcher(guardRead(purpose)) }))
  return world.profiles
    .map((profile) => {
      const facts = factsOf(profile[behind])
      return bit(
        routes.some(
          ({ purpose, guard }) =>
            guard(facts) && ability.field('read', purpose, field, facts).allowed,
        ),
      )
    })
    .join('')
}
