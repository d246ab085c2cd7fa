import type { CedarValueJson, EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs'
import type { Json, JsonObject } from '../../core/model/json.ts'
import { isObject } from '../../core/model/json.ts'
import { lineage } from '../../core/model/purpose.ts'
import type { Policy } from '../../policies/document.ts'
import { fieldName, type Field, type ProfileRow, type Who } from '../../policies/vocabulary.ts'
import type { PolicyRule } from '../../core/model/policy.ts'

/**
 * Policies about profiles in Cedar's words, for as far as its language goes: equality, lists, order of whole
 * numbers, presence, and/or/forbid. The meaning is taken from what a rule is documented to say, not from our
 * compiled conditions, so that Cedar can be asked whether we mean it.
 *
 * Cedar refuses to compare a missing value (it skips the rule), so each test asks first whether it is there.
 */
export const toCedar = ({ document }: Policy): Record<string, string> =>
  Object.fromEntries(document.rules.map((rule) => [rule.id, ruleToCedar(rule)]))

function ruleToCedar(rule: PolicyRule): string {
  const tests = [
    whoTest(rule),
    purposeTest(rule.purposes ?? []),
    ...(rule.fields ? [any(rule.fields.map(fieldTest))] : []),
    ...Object.entries(rule.when ?? {}).map(([path, spec]) => pathTest(path, spec, rule.effect)),
  ]
  return `${rule.effect} (principal, action == Action::${quote(rule.action)}, resource is Profile)
    when { ${tests.map((test) => `(${test})`).join(' && ')} };`
}

const quote = (text: string): string => JSON.stringify(text)
const any = (tests: readonly string[]): string => tests.join(' || ') || 'false'

const whoTest = ({ roles = [], agents = [] }: PolicyRule): string =>
  any([...roles.map((role) => `principal == Role::${quote(role)}`), ...agents.map(agentTest)])

function agentTest(pattern: string): string {
  if (pattern === '*') return 'principal is Agent'
  return pattern.endsWith('/*')
    ? `principal in Plugin::${quote(pattern.slice(0, -2))}`
    : `principal == Agent::${quote(pattern)}`
}

const purposeTest = (purposes: readonly string[]): string =>
  purposes.includes('*')
    ? 'true'
    : any(
        purposes.map((each) => `context has purpose && context.purpose in Purpose::${quote(each)}`),
      )

const fieldTest = (pattern: string): string =>
  pattern.startsWith('class:')
    ? `context.dataClass == ${quote(pattern.slice('class:'.length))}`
    : `context.field like ${quote(pattern)}`

function pathTest(path: string, spec: Json, effect: string): string {
  const tests = isObject(spec) ? Object.entries(spec) : [['$eq', spec] as const]
  const steps = path.split('.')
  const has = steps
    .map((step, at) => `${['resource', ...steps.slice(0, at)].join('.')} has ${step}`)
    .join(' && ')
  // In a forbid, what the platform does not know of a person counts against the request.
  const unknown = effect === 'forbid' && steps[0] !== 'traits' ? `!(${has}) || ` : ''
  return tests
    .map(([operator, value]) => {
      if (operator === '$exists') return value === true ? `(${has})` : `!(${has})`
      if (value === null) return `!(${has})`
      return `(${unknown}(${has} && ${compare(`resource.${path}`, operator, value)}))`
    })
    .join(' && ')
}

function compare(left: string, operator: string, value: Json): string {
  const right = JSON.stringify(value)
  const signs: Readonly<Record<string, string>> = {
    $eq: '==',
    $ne: '!=',
    $lt: '<',
    $lte: '<=',
    $gt: '>',
    $gte: '>=',
  }
  if (operator === '$in') return `${right}.contains(${left})`
  if (operator === '$nin') return `!(${right}.contains(${left}))`
  return `${left} ${signs[operator] ?? operator} ${right}`
}

/**
 * A question in Cedar's words; the entities say which agent belongs to which plugin, which purpose to which.
 * `attributes` are the profile's, see `cedarAttributes`.
 */
export function askCedar(question: {
  who: Who
  action: string
  purpose: string | null
  field: Field
  attributes: Record<string, CedarValueJson>
}) {
  const { who, action, purpose, field, attributes } = question
  const principal: TypeAndId =
    who.kind === 'principal' ? { type: 'Role', id: who.role } : { type: 'Agent', id: who.id }
  const resource = { type: 'Profile', id: 'p' }
  return {
    principal,
    action: { type: 'Action', id: action },
    resource,
    context: {
      field: `${field.kind}:${field.key}`,
      dataClass: fieldName(field).split('/')[0] ?? '',
      ...(purpose === null ? {} : { purpose: { __entity: { type: 'Purpose', id: purpose } } }),
    },
    entities: [
      { uid: resource, attrs: attributes, parents: [] },
      ...(who.kind === 'agent'
        ? [entity(principal, { type: 'Plugin', id: who.id.split('/')[0] ?? '' })]
        : []),
      ...purposeEntities(purpose),
    ],
  }
}

const entity = (uid: TypeAndId, ...parents: TypeAndId[]): EntityJson => ({
  uid,
  attrs: {},
  parents,
})

function purposeEntities(purpose: string | null): EntityJson[] {
  const ids = purpose === null ? [] : lineage(purpose).map((id) => ({ type: 'Purpose', id }))
  return ids.map((id, at) => entity(id, ...ids.slice(at + 1, at + 2)))
}

/** Cedar knows no null: what is null is left out. */
export const cedarAttributes = ({ traits, restricted, jurisdiction }: ProfileRow) =>
  present(JSON.parse(JSON.stringify({ traits, restricted, jurisdiction })))

const present = (value: JsonObject): Record<string, CedarValueJson> =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null)
      .map(([key, each]) => [key, isObject(each) ? present(each) : each]),
  )
