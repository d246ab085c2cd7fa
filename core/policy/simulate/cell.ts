import { setImmediate } from 'node:timers/promises'
import type { Holding } from '../../../blackboard/query/simulateProfiles.ts'
import type { Ability } from '../../../policies/ability.ts'
import { planActivation, planProfile } from '../../../policies/plan.ts'
import type { Policy } from '../../../policies/document.ts'
import { globMatches, type Who } from '../../../policies/vocabulary.ts'
import { never, type Condition, type Plan } from '../../model/condition.ts'
import type { AgentManifest } from '../../model/manifest.ts'
import { roles } from '../../model/principal.ts'
import type { SimulatedAction, SimulatedCaller, SimulatedTarget } from '../../model/simulation.ts'
import { isVaulted, ruleClass, type TraitDefinition } from '../../model/trait.ts'

/** Something that somebody may do with some profiles, under the policy in force and under the candidate. */
export interface Cell {
  caller: SimulatedCaller
  action: SimulatedAction
  purpose: string | null
  target: SimulatedTarget
  /** Which profiles it is about: those that have such a value. */
  holding: Holding
  before: Plan
  after: Plan
}

/** What cells are made from: everybody who may ask, and everything that may be asked for. */
export interface Scope {
  /** Null where no policy is in force: then nothing is permitted. */
  before: Policy | null
  after: Policy
  abilityOf(policy: Policy, who: Who, purposes: readonly string[]): Ability
  definitions: ReadonlyMap<string, TraitDefinition>
  agents: readonly { name: string; manifest: AgentManifest }[]
  /** Those that the workspace defines. */
  purposes: readonly string[]
  /** Those that are installed. */
  channels: readonly string[]
}

/**
 * The cells whose two plans differ, and how many were compared. Most plans are the same and need no look at
 * profiles. Others get their turn in between: with hundreds of rules and traits this takes a second or two.
 */
export async function listCells(scope: Scope): Promise<{ cells: Cell[]; compared: number }> {
  const all = [...(await ofRoles(scope)), ...ofAgents(scope)]
  const cells = all.filter(({ before, after }) => sortedText(before) !== sortedText(after))
  return { cells: united(cells), compared: all.length }
}

type Asker = (
  purpose: string | null,
  ask: (ability: Ability, purpose: string | null) => Plan,
) => Pick<Cell, 'before' | 'after'>

function askerOf({ before, after, abilityOf }: Scope, who: Who): Asker {
  return (purpose, ask) => {
    const purposes = purpose === null ? [] : [purpose]
    return {
      before: before === null ? never : ask(abilityOf(before, who, purposes), purpose),
      after: ask(abilityOf(after, who, purposes), purpose),
    }
  }
}

async function ofRoles(scope: Scope): Promise<Cell[]> {
  const groups = groupTraits(scope, [...scope.definitions.keys()])
  const purposes = [null, ...purposesOf(scope)]
  const cells: Cell[] = []
  for (const role of roles) {
    const ask = askerOf(scope, { kind: 'principal', role })
    const caller: SimulatedCaller = { kind: 'role', name: role }
    for (const purpose of purposes) {
      const own = [
        ...readCells(scope, ask, purpose, groups),
        ...(purpose === null ? [] : leavingCells(scope, ask, purpose, groups)),
      ]
      cells.push(...own.map((cell) => ({ caller, ...cell })))
      await setImmediate()
    }
  }
  return cells
}

const leavingCells = (
  scope: Scope,
  ask: Asker,
  purpose: string,
  groups: readonly TraitGroup[],
): Part[] => [
  ...traitCells(scope, ask, { action: 'send', purpose }, groups),
  ...channelCells(ask, purpose, channelsOf(scope)),
]

/** An agent has only what its manifest declares. */
function ofAgents(scope: Scope): Cell[] {
  return scope.agents.flatMap(({ name, manifest }) => {
    const ask = askerOf(scope, { kind: 'agent', id: name })
    const caller: SimulatedCaller = { kind: 'agent', name }
    // Sealed values never reach an agent, whatever a policy says.
    const read = groupTraits(scope, manifest.reads.traits).filter(({ isSealed }) => !isSealed)
    return [
      ...traitCells(scope, ask, { action: 'read', purpose: manifest.purpose }, read),
      ...manifest.proposes.flatMap(({ purpose, channels, fields }) => [
        ...traitCells(scope, ask, { action: 'send', purpose }, groupTraits(scope, fields)),
        ...channelCells(ask, purpose, channels.includes('*') ? channelsOf(scope) : channels),
      ]),
    ].map((cell) => ({ caller, ...cell }))
  })
}

type Part = Omit<Cell, 'caller'>

function readCells(
  scope: Scope,
  ask: Asker,
  purpose: string | null,
  groups: readonly TraitGroup[],
): Part[] {
  const row = ask(purpose, (ability) => planOf(scope, ability, purpose, 'read').row.plan)
  return [
    {
      action: 'read',
      purpose,
      target: { kind: 'profile', name: '' },
      holding: { kind: 'any' },
      ...row,
    },
    ...traitCells(scope, ask, { action: 'read', purpose }, groups),
    ...namespacesOf(scope).map((name): Part => ({
      action: 'read',
      purpose,
      target: { kind: 'identifier', name },
      holding: { kind: 'identifier', namespaces: [name] },
      ...ask(purpose, (ability) => planOf(scope, ability, purpose, 'read').identifier(name).plan),
    })),
  ]
}

const planOf = (
  { definitions }: Scope,
  ability: Ability,
  purpose: string | null,
  action: 'read' | 'send',
) => planProfile(ability, purpose === null ? [] : [purpose], definitions, action)

const traitCells = (
  scope: Scope,
  ask: Asker,
  { action, purpose }: { action: 'read' | 'send'; purpose: string | null },
  groups: readonly TraitGroup[],
): Part[] =>
  groups.map(({ target, keys, isSealed, sample }) => ({
    action,
    purpose,
    target,
    holding: { kind: isSealed ? 'sealed' : 'open', keys },
    ...ask(purpose, (ability) => planOf(scope, ability, purpose, action).trait(sample).plan),
  }))

const channelCells = (ask: Asker, purpose: string, channels: readonly string[]): Part[] =>
  channels.map((name) => ({
    action: 'activate',
    purpose,
    target: { kind: 'channel', name },
    holding: { kind: 'any' },
    ...ask(purpose, (ability) => planActivation(ability, purpose, name)),
  }))

interface TraitGroup {
  target: SimulatedTarget
  keys: string[]
  isSealed: boolean
  /** Stands for all of them. */
  sample: string
}

/** Traits that no rule of either policy tells apart; one that a rule names stands alone. */
function groupTraits(scope: Scope, keys: readonly string[]): TraitGroup[] {
  const patterns = patternsOf(scope, 'trait:')
  const grouped = Map.groupBy(keys, (key) => {
    const definition = scope.definitions.get(key)
    const dataClass = definition ? ruleClass(definition) : 'pseudonymous'
    const purposes = definition?.purposes ?? []
    const isSealed = isVaulted(definition?.dataClass ?? 'pseudonymous')
    const isNamed = patterns.some((pattern) => globMatches(pattern, key))
    return JSON.stringify([dataClass, purposes, isSealed, isNamed ? key : null])
  })
  return [...grouped.values()].flatMap((members): TraitGroup[] => {
    const [sample] = members
    if (sample === undefined) return []
    const definition = scope.definitions.get(sample)
    const dataClass = definition?.dataClass ?? 'pseudonymous'
    const isNamed = patterns.some((pattern) => globMatches(pattern, sample))
    const target: SimulatedTarget = isNamed
      ? { kind: 'trait', name: sample }
      : { kind: 'class', name: definition ? ruleClass(definition) : dataClass }
    return [{ target, keys: members, isSealed: isVaulted(dataClass), sample }]
  })
}

const rulesOf = ({ before, after }: Scope) => [...(before?.rules ?? []), ...after.rules]

const patternsOf = (scope: Scope, prefix: 'trait:' | 'identifier:'): string[] =>
  distinct(
    rulesOf(scope).flatMap(({ fields = [] }) =>
      fields.flatMap((field) => (field.startsWith(prefix) ? [field.slice(prefix.length)] : [])),
    ),
  )

const plain = (names: readonly string[]): string[] => names.filter((name) => !name.includes('*'))
const distinct = (names: readonly string[]): string[] => [...new Set(names)].toSorted()

const purposesOf = (scope: Scope): string[] =>
  distinct([
    ...scope.purposes,
    ...plain(rulesOf(scope).flatMap(({ purposes = [] }) => purposes)),
    ...scope.agents.map(({ manifest }) => manifest.purpose),
  ])

const channelsOf = (scope: Scope): string[] =>
  distinct([...scope.channels, ...plain(rulesOf(scope).flatMap(({ channels = [] }) => channels))])

const namespacesOf = (scope: Scope): string[] =>
  distinct([
    'user_id',
    'email',
    'phone',
    'anonymous_id',
    ...plain(patternsOf(scope, 'identifier:')),
  ])

/** Cells that a reader of the result could not tell apart, with the same plans: their traits as one. */
function united(cells: readonly Cell[]): Cell[] {
  const grouped = Map.groupBy(cells, ({ holding, before, after, ...named }) =>
    JSON.stringify([named, holding.kind, before, after]),
  )
  return [...grouped.values()].flatMap((same) => {
    const [first] = same
    if (first === undefined) return []
    const keys = same.flatMap(({ holding }) => ('keys' in holding ? holding.keys : []))
    return 'keys' in first.holding ? { ...first, holding: { ...first.holding, keys } } : first
  })
}

/** Rules in another order, and so conditions, mean the same. */
const sortedText = (plan: Plan): string =>
  plan.kind === 'conditional' ? sorted(plan.condition) : plan.kind

function sorted(condition: Condition): string {
  if (condition.op === 'not') return `not(${sorted(condition.condition)})`
  if (condition.op !== 'and' && condition.op !== 'or') return JSON.stringify(condition)
  return `${condition.op}(${condition.conditions.map(sorted).toSorted().join()})`
}
