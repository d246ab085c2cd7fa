import type { Policy } from '../../policies/document.ts'
import { globMatches } from '../../policies/vocabulary.ts'
import type { Who } from '../../policies/vocabulary.ts'
import type { PolicyTest } from '../model/policyTest.ts'
import { roles, roleSchema } from '../model/principal.ts'

/** Everybody and everything that any rule or table of a document names: what each table is asked about. */
export interface Axes {
  agents: readonly string[]
  purposes: readonly string[]
  channels: readonly string[]
  /** Of values, beside those of each class. */
  fields: readonly string[]
}

/** Somebody who asks, under the name that tables have for them. */
export interface Caller {
  name: string
  who: Who
}

/** Any agent that has no name in the table. */
const otherAgent = 'agent'

export function axesOf({ rules }: Policy, tests: readonly PolicyTest[]): Axes {
  const cells = tests.flatMap(cellsIn)
  const agents = [
    ...rules.flatMap((rule) => rule.agents ?? []),
    ...cells.flatMap(({ who }) => who),
  ].filter((name) => name.includes('/'))
  const channels = [
    ...rules.flatMap((rule) => rule.channels ?? []),
    ...cells.flatMap((cell) => cell.channels ?? []),
  ]
  return {
    agents: distinct(agents),
    purposes: distinct([
      ...rules.flatMap(({ purposes }) => purposes ?? []),
      ...cells.flatMap(({ purposes }) => purposes ?? []),
    ]),
    channels: channels.length === 0 ? ['email'] : distinct(channels),
    fields: distinct([
      ...rules.flatMap(({ fields }) => fields ?? []),
      ...cells.flatMap(({ fields }) => fields ?? []),
    ]).filter((field) => !field.startsWith('class:') && !field.includes('*')),
  }
}

interface Named {
  who: readonly string[]
  purposes?: readonly string[] | undefined
  channels?: readonly string[] | undefined
  fields?: readonly string[] | undefined
}

function cellsIn(test: PolicyTest): readonly Named[] {
  if (test.table === 'activation')
    return [...test.allow, ...(test.hold ?? []), ...(test.refuse ?? [])]
  return test.table === 'rights' ? test.may : test.permits
}

const distinct = (words: readonly string[]): string[] =>
  [...new Set(words)].filter((word) => word !== '*' && word !== '').toSorted()

/** Every role, every agent that is named, and one that is not. */
export function callersOf({ asker = {} }: PolicyTest, axes: Axes): Caller[] {
  const { id, name } = asker
  const known = { ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }) }
  return [
    ...roles.map((role): Caller => ({ name: role, who: { kind: 'principal', role, ...known } })),
    ...[...axes.agents, otherAgent].map((agent): Caller => ({
      name: agent,
      who: { kind: 'agent', id: agent === otherAgent ? 'any/agent' : agent },
    })),
  ]
}

/** Whether a table's `who` means this caller. `agent` is every agent that the table has no own name for. */
export function isMeant(who: readonly string[], { name, who: caller }: Caller, test: PolicyTest) {
  if (caller.kind === 'principal') return who.includes(name)
  if (who.some((word) => !roleSchema.safeParse(word).success && globMatches(word, name)))
    return true
  const isNamed = cellsIn(test).some((cell) => cell.who.includes(name))
  return who.includes(otherAgent) && !isNamed
}
