import fc from 'fast-check'
import type { Json, JsonObject } from '../../../core/model/json.ts'
import { isObject } from '../../../core/model/json.ts'
import {
  comparable,
  jurisdictions,
  memberPath,
  scalar,
  traitPath,
  writtenInstants,
} from './value.ts'

/** A policy document's rules and who asks under it: one principal and one agent. */
export interface RuleSet {
  /** As an officer would send them; `parsePolicy` reads them. */
  rules: JsonObject[]
  /** Of the principal, an app. */
  purposes: string[]
  /** Of the agent `shop/score`. */
  purpose: string
  /** Which fields are asked for, of each. */
  keys: string[]
}

/** Every operator of `when`, so that a test can see that each of them was tried. */
export const operators = [
  '$eq',
  '$ne',
  '$lt',
  '$lte',
  '$gt',
  '$gte',
  '$in',
  '$nin',
  '$all',
  '$size',
  '$elemMatch',
  '$exists',
] as const

const list = (values: fc.Arbitrary<Json>) => fc.array(values, { minLength: 1, maxLength: 3 })
const either = <T extends string>(...names: T[]) => fc.constantFrom(...names)
const spec = (name: fc.Arbitrary<string>, value: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc.tuple(name, value).map(([key, operand]) => ({ [key]: operand }))

const simple = fc.oneof(
  spec(either('$eq', '$ne'), scalar),
  spec(either('$lt', '$lte', '$gt', '$gte'), comparable),
  spec(either('$in', '$nin'), list(scalar)),
  spec(either('$all'), list(scalar)),
  spec(either('$size'), fc.constantFrom(0, 1, 2)),
  spec(either('$exists'), fc.boolean()),
)
const joined = (one: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    { arbitrary: one, weight: 4 },
    { arbitrary: fc.tuple(one, one).map(([left, right]) => ({ ...left, ...right })), weight: 1 },
  )
const inner = joined(simple)
const element: fc.Arbitrary<JsonObject> = fc.oneof(
  inner,
  fc.dictionary(memberPath, fc.oneof(scalar, inner), { minKeys: 1, maxKeys: 2 }),
  spec(either('$elemMatch'), inner),
)
const jsonSpec = fc.oneof(
  { arbitrary: scalar, weight: 2 },
  { arbitrary: joined(simple), weight: 5 },
  { arbitrary: spec(either('$elemMatch'), element), weight: 1 },
)

/** What may be asked of a column: values of its type, null, and whether there is one. */
const ofColumn = (values: fc.Arbitrary<Json>, isOrdered: boolean): fc.Arbitrary<Json> =>
  fc.oneof(
    values,
    fc.constant(null),
    spec(either('$eq', '$ne'), values),
    spec(either('$in', '$nin'), list(fc.oneof(values, fc.constant(null)))),
    spec(either('$exists'), fc.boolean()),
    ...(isOrdered ? [spec(either('$lt', '$lte', '$gt', '$gte'), values)] : []),
  )
const time = ofColumn(fc.constantFrom(...writtenInstants), true)
const attribute: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ restricted: ofColumn(fc.boolean(), false) }),
  fc.record({ jurisdiction: ofColumn(fc.constantFrom(...jurisdictions), true) }),
  fc.record({ createdAt: time }),
  fc.record({ updatedAt: time }),
)
const ofTraits = fc.dictionary(traitPath, jsonSpec, { minKeys: 1, maxKeys: 2 })
const when: fc.Arbitrary<JsonObject> = fc.oneof(
  { arbitrary: ofTraits, weight: 4 },
  { arbitrary: attribute, weight: 1 },
  { arbitrary: fc.tuple(ofTraits, attribute).map(([one, two]) => ({ ...one, ...two })), weight: 1 },
)

const [past, future] = ['2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z']
/** When a rule counts; the answers are given between both times. */
const window: fc.Arbitrary<JsonObject> = fc.oneof(
  { arbitrary: fc.constant({}), weight: 6 },
  { arbitrary: fc.record({ from: fc.constantFrom(past, future) }), weight: 1 },
  { arbitrary: fc.record({ until: fc.constantFrom(past, future) }), weight: 1 },
  { arbitrary: fc.constant({ from: past, until: future }), weight: 1 },
)
const some = (...names: string[]) => fc.subarray(names, { minLength: 1 })
const fields = some(
  'class:none',
  'class:pseudonymous',
  'class:contact',
  'class:special',
  'trait:a',
  'trait:*a*',
  'trait:ün*',
  'trait:*',
  'identifier:user_id',
  'identifier:*',
)
const who = fc.oneof(
  { arbitrary: fc.record({ roles: some('app'), agents: some('*') }), weight: 6 },
  { arbitrary: fc.record({ roles: some('app', 'admin', 'officer') }), weight: 1 },
  { arbitrary: fc.record({ agents: some('shop/*', 'shop/score', 'shop/other') }), weight: 1 },
)
const rule = fc
  .record({
    who,
    effect: fc.constantFrom('permit', 'permit', 'forbid'),
    action: fc.constantFrom('read', 'read', 'read', 'read', 'activate', 'write'),
    purposes: some('*', 'service', 'marketing', 'marketing.ads', 'analytics'),
    fields,
    channels: some('*', 'email', 'webhook'),
    isWhole: fc.constantFrom(true, false, false),
    window,
    asksWho: fc.constantFrom(true, false, false, false),
    when: fc.option(when, { nil: undefined, freq: 5 }),
  })
  .map(({ who, isWhole, asksWho, when: asked, effect, ...part }): JsonObject => ({
    ...who,
    action: part.action,
    purposes: part.purposes,
    effect,
    subject: part.action === 'activate' ? 'Activation' : 'Profile',
    sentence: 'A sentence that nobody reads.',
    reason: 'fuzz',
    ...(effect === 'forbid' && isWhole ? {} : scopeOf(part)),
    ...part.window,
    ...(asked === undefined
      ? {}
      : { when: whenOf(asked, effect, asksWho && !Object.hasOwn(who, 'agents')) }),
  }))

const scopeOf = ({
  action,
  channels,
  fields,
}: {
  action: string
  channels: string[]
  fields: string[]
}) => (action === 'activate' ? { channels } : { fields })

/** As an officer may write it; `asksWho` puts the asking principal's id in the place of the text a. */
function whenOf(asked: JsonObject, effect: string, asksWho: boolean): JsonObject {
  const written = effect === 'permit' ? presentIn(asked) : asked
  return asksWho ? Object.fromEntries(Object.entries(written).map(withAsker)) : written
}

const withAsker = ([key, value]: [string, Json]): [string, Json] =>
  key.startsWith('traits.') && (value === 'a' || value === 'b')
    ? [key, { $eq: { $principal: value === 'a' ? 'id' : 'name' } }]
    : [key, value]

/** In a permit, what is not equal must also be there, or the rule is refused when it is saved. */
function presentIn(asked: JsonObject): JsonObject {
  const present = Object.entries(asked).map(([key, value]): [string, Json] => [
    key,
    isObject(value) ? presentIn(value) : value,
  ])
  const isNegative = present.some(([key]) => key === '$ne' || key === '$nin')
  return Object.fromEntries(isNegative ? [...present, ['$exists', true]] : present)
}

export const ruleSet: fc.Arbitrary<RuleSet> = fc.record({
  rules: fc
    .array(rule, { minLength: 1, maxLength: 5 })
    .map((rules) => rules.map((each, at) => ({ ...each, id: `rule-${at}` }))),
  purposes: fc.constantFrom<string[]>(
    [],
    ['service'],
    ['marketing.ads'],
    ['service', 'marketing.ads'],
    ['analytics', 'marketing'],
  ),
  purpose: fc.constantFrom('service', 'marketing.ads', 'analytics'),
  keys: fc.subarray(['a', 'b', 'mail', 'ünï', 'constructor'], { minLength: 1, maxLength: 2 }),
})
