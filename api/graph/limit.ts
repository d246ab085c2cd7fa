import { GraphQLError, Kind, NoSchemaIntrospectionCustomRule } from 'graphql'
import type {
  ASTVisitor,
  FieldNode,
  FragmentDefinitionNode,
  SelectionSetNode,
  ValidationContext,
} from 'graphql'
import { fail } from '../../core/errors.ts'
import { pageSizeDefault, pageSizeMax } from '../../core/read/page.ts'

/** What one request may ask for. Tokens are counted by the parser. */
export const limits = { tokens: 1000, depth: 12, aliases: 15, cost: 5000 } as const

interface Measure {
  depth: number
  aliases: number
  /** One for each field, or its weight, times the items of the page it stands in. */
  cost: number
}

/** Fields that are worked out rather than read, by what they take of a processor beside one that is read. */
const weights: ReadonlyMap<string, number> = new Map([
  ['testReport', 50],
  ['diff', 50],
  ['policyReport', 100],
  ['explanation', 50],
  ['replay', 50],
  ['wouldFlip', 200],
  ['rehearsePlugin', 2000],
])

const nothing: Measure = { depth: 0, aliases: 0, cost: 0 }

/**
 * Refuses an operation that asks for too much before anything is read. A fragment is measured once and
 * counted wherever it is spread, so a chain of spreads costs nothing to judge, whatever it multiplies to.
 */
export function limitRule(context: ValidationContext): ASTVisitor {
  const fragments = new Map<string, Measure>()

  function measureSet(set: SelectionSetNode | undefined, items: number): Measure {
    return (set?.selections ?? []).reduce<Measure>((sum, selection) => {
      const one =
        selection.kind === Kind.FIELD
          ? measureField(selection, items)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? measureSet(selection.selectionSet, items)
            : times(measureFragment(context.getFragment(selection.name.value)), items)
      return {
        depth: Math.max(sum.depth, one.depth),
        aliases: sum.aliases + one.aliases,
        cost: sum.cost + one.cost,
      }
    }, nothing)
  }

  function measureField(field: FieldNode, items: number): Measure {
    // Introspection is bounded by a rule of graphql-js, and off in production.
    if (field.name.value.startsWith('__')) return nothing
    const inner = measureSet(field.selectionSet, items * pageOf(field))
    return {
      depth: inner.depth + 1,
      aliases: inner.aliases + (field.alias ? 1 : 0),
      cost: inner.cost + items * (weights.get(field.name.value) ?? 1),
    }
  }

  function measureFragment(fragment: FragmentDefinitionNode | null | undefined): Measure {
    if (!fragment) return nothing
    const known = fragments.get(fragment.name.value)
    if (known) return known
    // A cycle is reported by another rule; standing in for itself, it ends here.
    fragments.set(fragment.name.value, nothing)
    const measured = measureSet(fragment.selectionSet, 1)
    fragments.set(fragment.name.value, measured)
    return measured
  }

  return {
    OperationDefinition(operation) {
      const measured = measureSet(operation.selectionSet, 1)
      for (const measure of ['depth', 'aliases', 'cost'] as const) {
        if (measured[measure] <= limits[measure]) continue
        const values = { measure, value: measured[measure], limit: limits[measure] }
        const error = fail('query_too_large', values)
        context.reportError(new GraphQLError(error.message, { originalError: error }))
      }
      return false
    },
  }
}

const times = (measure: Measure, items: number): Measure => ({
  ...measure,
  cost: measure.cost * items,
})

/** How many items a field may give: what `first` says, the most it can say where a variable says it. */
function pageOf({ arguments: args, selectionSet }: FieldNode): number {
  const first = args?.find((argument) => argument.name.value === 'first')?.value
  if (first?.kind === Kind.INT) return Math.max(1, Number(first.value))
  if (first?.kind === Kind.VARIABLE) return pageSizeMax
  const isPage = selectionSet?.selections.some(
    (each) => each.kind === Kind.FIELD && each.name.value === 'edges',
  )
  return isPage ? pageSizeDefault : 1
}

/** What is checked beside the rules of the specification. */
export const extraRules = (production: boolean) =>
  production ? [limitRule, NoSchemaIntrospectionCustomRule] : [limitRule]
