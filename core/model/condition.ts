/**
 * What policies and the blackboard have in common: a condition over one row, as plain data. It is read
 * by two interpreters, `matcher` (JavaScript) and `blackboard/condition.ts` (SQL), which give the same
 * answer for every row; a fuzz test holds them to it.
 *
 * Meaning, in both: a missing value is null; `eq` and `in` are null-safe; `ne` and `nin` are their exact
 * negations, so a missing value is not equal to 'x'; order compares only values of the same type, text by
 * code point, and null never orders; nothing looks inside an array but `all`, `size` and `elemMatch`.
 */
export type Scalar = string | number | boolean | null

export type ValueType = 'string' | 'number' | 'boolean' | 'timestamp' | 'array' | 'object'

/** `field` is a dotted path from the row; within `elemMatch` from the element, '' being the element itself. */
export type Condition =
  | { readonly op: 'and'; readonly conditions: readonly Condition[] }
  | { readonly op: 'or'; readonly conditions: readonly Condition[] }
  | { readonly op: 'not'; readonly condition: Condition }
  | { readonly op: 'eq' | 'ne'; readonly field: string; readonly value: Scalar }
  | {
      readonly op: 'lt' | 'lte' | 'gt' | 'gte'
      readonly field: string
      readonly value: string | number
    }
  | { readonly op: 'in' | 'nin'; readonly field: string; readonly values: readonly Scalar[] }
  | { readonly op: 'all'; readonly field: string; readonly values: readonly Scalar[] }
  | { readonly op: 'exists'; readonly field: string; readonly value: boolean }
  | { readonly op: 'size'; readonly field: string; readonly value: number }
  | { readonly op: 'type'; readonly field: string; readonly types: readonly ValueType[] }
  | { readonly op: 'elemMatch'; readonly field: string; readonly condition: Condition }

/** What a policy says of a set of rows. `never` needs no query at all. */
export type Plan =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | { readonly kind: 'conditional'; readonly condition: Condition }

export const always: Plan = { kind: 'always' }
export const never: Plan = { kind: 'never' }

export const when = (condition: Condition): Plan => ({ kind: 'conditional', condition })

/** Every plan must hold; of no plans: always. */
export function andPlans(plans: readonly Plan[]): Plan {
  if (plans.some((plan) => plan.kind === 'never')) return never
  return joined('and', plans) ?? always
}

/** One plan must hold; of no plans: never. */
export function orPlans(plans: readonly Plan[]): Plan {
  if (plans.some((plan) => plan.kind === 'always')) return always
  return joined('or', plans) ?? never
}

export function notPlan(plan: Plan): Plan {
  if (plan.kind === 'always') return never
  if (plan.kind === 'never') return always
  return plan.condition.op === 'not'
    ? when(plan.condition.condition)
    : when({ op: 'not', condition: plan.condition })
}

function joined(op: 'and' | 'or', plans: readonly Plan[]): Plan | undefined {
  const conditions = plans.flatMap((plan) => (plan.kind === 'conditional' ? [plan.condition] : []))
  const distinct = [...new Map(conditions.map((each) => [JSON.stringify(each), each])).values()]
  const [first] = distinct
  if (first === undefined) return undefined
  return distinct.length === 1 ? when(first) : when({ op, conditions: distinct })
}

/** The fields of the row that a condition looks at; what is inside an element of an array does not count. */
export function fieldsOf(condition: Condition): string[] {
  if (condition.op === 'and' || condition.op === 'or') {
    return condition.conditions.flatMap(fieldsOf)
  }
  return condition.op === 'not' ? fieldsOf(condition.condition) : [condition.field]
}
