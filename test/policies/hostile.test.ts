import naughty from 'big-list-of-naughty-strings' with { type: 'json' }
import { describe, expect, it } from 'vitest'
import { SlateboardError } from '../../core/errors.ts'
import type { TraitDefinition } from '../../core/model/trait.ts'
import { compileAbility } from '../../policies/ability.ts'
import { checkPolicy, parsePolicyText } from '../../policies/check.ts'
import { describeRule } from '../../policies/describe.ts'
import { parsePolicy } from '../../policies/document.ts'
import { planProfile } from '../../policies/plan.ts'
import type { Who } from '../../policies/vocabulary.ts'

const rule = {
  id: 'rule',
  sentence: 'Apps see the plan of a customer.',
  effect: 'permit',
  roles: ['app'],
  agents: ['churn-risk/score'],
  action: 'read',
  subject: 'Profile',
  purposes: ['service'],
  fields: ['trait:plan'],
  when: { 'traits.vip': 'yes', 'traits.tags': { $elemMatch: { name: { $in: ['a'] } } } },
  from: '2026-01-01T00:00:00Z',
  until: '2027-01-01T00:00:00Z',
  reason: 'permitted',
}
const leave = {
  id: 'leave',
  sentence: 'Messages of service leave by email.',
  effect: 'permit',
  roles: ['app'],
  action: 'activate',
  subject: 'Activation',
  purposes: ['service'],
  channels: ['email'],
  reason: 'permitted',
}
const whole = { $schema: 'x', title: 'Test', description: 'A test', rules: [rule, leave] }
const documentOf = (part: object) => ({ title: 'Test', rules: [{ ...rule, ...part }] })
const trait = (key: string): TraitDefinition => ({
  key,
  dataClass: 'none',
  purposes: [],
  owner: null,
})
const catalogue = {
  traits: ['plan', 'vip', 'tags'].map((key): TraitDefinition => ({
    key,
    dataClass: 'none',
    purposes: [],
    owner: null,
  })),
  purposes: ['service'],
  channels: ['email'],
  agents: ['churn-risk/score'],
}

/** What is wrong, after making sure that parsing says so in the one way that it has. */
function refusal(input: unknown): SlateboardError | undefined {
  try {
    parsePolicy(input)
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof SlateboardError)) throw thrown
    expect(thrown.code).toBe('policy_invalid')
    expect(thrown.problems.length).toBeGreaterThan(0)
    for (const { path, value, reason, remedy } of thrown.problems) {
      expect(path.length).toBeLessThanOrEqual(80)
      expect(value.length).toBeLessThanOrEqual(80)
      expect(Math.min(path.length, reason.length, remedy.length)).toBeGreaterThan(0)
      expect(path + value).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
    }
    return thrown
  }
}

describe('a hostile document', () => {
  it.each<[string, unknown, string]>([
    [
      'a prototype for a rule',
      JSON.parse('{"title":"T","rules":[{"__proto__":{"effect":"permit"}}]}'),
      'rules.0.__proto__',
    ],
    [
      'a prototype for a condition',
      JSON.parse(
        `{"title":"T","rules":[${JSON.stringify(rule).replace('"traits.vip"', '"__proto__"')}]}`,
      ),
      'rules.0.when.__proto__',
    ],
    [
      'a prototype deep in a condition',
      documentOf({ when: JSON.parse('{"traits.a":{"$elemMatch":{"__proto__":1}}}') }),
      'rules.0.when.traits.a.$elemMatch.__proto__',
    ],
    [
      'a constructor for a key',
      documentOf({ constructor: { prototype: {} } }),
      'rules.0.constructor',
    ],
    [
      'a constructor for an attribute',
      documentOf({ when: { constructor: 1 } }),
      'rules.0.when.constructor',
    ],
    [
      'an inherited method for an operator',
      documentOf({ when: { 'traits.a': { toString: 1 } } }),
      'rules.0.when.traits.a.toString',
    ],
    [
      'an operator for an attribute',
      documentOf({ when: { $where: 'sleep(1000)' } }),
      'rules.0.when.$where',
    ],
    [
      'a regular expression',
      documentOf({ when: { 'traits.a': { $regex: '^(a+)+$' } } }),
      'rules.0.when.traits.a.$regex',
    ],
    [
      'a regular expression by other words',
      documentOf({ when: { 'traits.a': { $not: { $options: 'i' } } } }),
      'rules.0.when.traits.a.$not',
    ],
    ['a subject with a Cyrillic letter', documentOf({ subject: 'Рrofile' }), 'rules.0.subject'],
    ['a role in full width', documentOf({ roles: ['ａｐｐ'] }), 'rules.0.roles.0'],
    ['an id with a Greek letter', documentOf({ id: 'rulε-ο' }), 'rules.0.id'],
    ['an id with a Cyrillic letter', documentOf({ id: 'rulе' }), 'rules.0.id'],
    ['a key with a Cyrillic letter', documentOf({ еffect: 'permit' }), 'rules.0.еffect'],
    [
      'a hidden change of direction',
      documentOf({ sentence: 'Apps may \u202ella daer.' }),
      'rules.0.sentence',
    ],
    ['a letter without width', documentOf({ fields: ['trait:pl\u200ban'] }), 'rules.0.fields.0'],
    ['NUL in a trait', documentOf({ fields: ['trait:a\u0000'] }), 'rules.0.fields.0'],
    [
      'NUL in a key',
      documentOf({ when: { 'traits.a\u0000': 1 } }),
      'rules.0.when.traits.a\\u{0000}',
    ],
    ['half of a letter', documentOf({ when: { 'traits.a': '\ud800' } }), 'rules.0.when.traits.a'],
    ['the attribute of no one', documentOf({ when: { 'traits..a': 1 } }), 'rules.0.when.traits..a'],
    [
      'a number without end',
      documentOf({ when: { 'traits.a': Infinity } }),
      'rules.0.when.traits.a',
    ],
    ['a date', documentOf({ when: { 'traits.a': new Date(0) } }), 'rules.0.when.traits.a'],
    ['a function', documentOf({ when: { 'traits.a': () => true } }), 'rules.0.when.traits.a'],
    ['rules that are no list', { title: 'T', rules: { length: 1, 0: rule } }, 'rules'],
  ])('is refused for %s', (_, input, path) => {
    const thrown = refusal(input)
    expect(thrown?.problems.map((each) => each.path)).toContain(path)
  })

  it('says which letter only looks like one, and what to type', () => {
    const [problem] = checkPolicy(documentOf({ subject: 'Рrofile' }))
    expect(problem?.remedy).toMatch(/look-alike letters .*U\+0420.*`Profile`/)
    const [key] = checkPolicy(documentOf({ when: undefined, purposeѕ: ['service'] }))
    expect(key?.remedy).toContain('`purposes`')
  })

  it('is refused at once when it is ten megabytes, a hundred thousand levels deep, or endless', () => {
    const started = performance.now()
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level++) deep = level % 2 ? { a: deep } : [deep]
    const endless: { when?: unknown } = {}
    endless.when = endless
    const large = 'x'.repeat(10_000_000)
    const many = Array.from({ length: 1_000_000 }, () => rule)
    for (const [input, words] of [
      [documentOf({ when: deep }), /deeper/],
      [deep, /deeper/],
      [documentOf(endless), /deeper/],
      [documentOf({ sentence: large }), /larger/],
      [documentOf({ [large]: 1 }), /larger/],
      [{ title: 'T', rules: many }, /larger/],
      [documentOf({ fields: Array.from({ length: 100_000 }, () => 'class:none-or-so') }), /larger/],
      [large, /larger/],
    ] as const) {
      expect(refusal(input)?.message).toMatch(words)
    }
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it('tells of no more than a hundred out of a thousand bad keys', () => {
    const bad = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`${at}\u0000`, 1]))
    expect(checkPolicy(documentOf({ when: bad })).length).toBeLessThanOrEqual(100)
  })

  it.each([
    [
      'patterns',
      { fields: Array.from({ length: 30 }, (_, at) => `trait:${'a*'.repeat(20)}${at}`) },
    ],
    [
      'unknown names',
      { fields: Array.from({ length: 50 }, (_, at) => `trait:${at}${'x'.repeat(20)}`) },
    ],
    [
      'conditions',
      { when: Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`traits.q${at}`, 1])) },
    ],
  ])('costs little to check when it is as large as it may be, and full of %s', (_, part) => {
    const rules = Array.from({ length: 500 }, (_, at) => ({ ...rule, ...part, id: `r${at}` }))
    const many = Array.from({ length: 5000 }, (_, at) => trait(`some_trait_${at}`))
    const started = performance.now()
    checkPolicy({ title: 'T', rules }, { ...catalogue, traits: many })
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

type Path = readonly string[]

/** Every place of a document where a text stands, and every key, as paths. */
function placesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...path, key]))
}

function withText(value: unknown, [key, ...rest]: Path, text: string): unknown {
  if (key === undefined) return text
  if (Array.isArray(value)) {
    return value.map((each: unknown, at) =>
      String(at) === key ? withText(each, rest, text) : each,
    )
  }
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, inner]) => [
      name,
      name === key ? withText(inner, rest, text) : inner,
    ]),
  )
}

function withKey(value: unknown, [key, ...rest]: Path, text: string): unknown {
  if (Array.isArray(value)) {
    return value.map((each: unknown, at) => (String(at) === key ? withKey(each, rest, text) : each))
  }
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, inner]) => {
      if (name !== key) return [name, inner]
      return rest.length === 0 ? [text, inner] : [name, withKey(inner, rest, text)]
    }),
  )
}

const callers: Who[] = [
  ...(['app', 'admin', 'officer'] as const).map((role) => ({ kind: 'principal', role }) as const),
  { kind: 'agent', id: 'churn-risk/score' },
  { kind: 'agent', id: 'other/agent' },
]
const rows = [
  { traits: {}, restricted: false },
  { traits: { vip: 'yes' }, restricted: false },
  { traits: { vip: 'yes', tags: [{ name: 'a' }] }, restricted: false },
]
const purposes = ['service', 'marketing']

/** All that is permitted, as lines. */
function allowed(input: unknown): Set<string> {
  const policy = parsePolicy(input)
  const at = new Date('2026-06-01')
  const answers = callers.flatMap((who) => {
    const ability = compileAbility(policy, who, purposes, (where) => expect.unreachable(where), at)
    return purposes.flatMap((purpose) => {
      const plan = planProfile(ability, [purpose], new Map())
      return rows.flatMap((row, position) => {
        const seen = ['plan', 'vip', 'email'].filter((key) => plan.trait(key).visible(row).allowed)
        const sent = ['email', 'sms'].filter((way) => ability.activate(purpose, way, row).allowed)
        const address = plan.identifier('email').visible(row).allowed ? ['address'] : []
        const all = [
          ...seen.map((key) => `sees ${key}`),
          ...sent.map((way) => `by ${way}`),
          ...address,
        ]
        return all.map((each) => `${JSON.stringify(who)} ${purpose} ${position} ${each}`)
      })
    })
  })
  return new Set(answers)
}

describe('every naughty string', () => {
  const before = allowed(whole)
  const places = placesOf(whole)
  // Also behind the prefix that lets a text be a field.
  const textsFor = (path: Path): string[] => {
    const prefix = path.includes('fields') ? 'trait:' : path.includes('when') ? 'traits.' : ''
    return prefix === '' ? naughty : [...naughty, ...naughty.map((text) => prefix + text)]
  }

  it('is many, and there are many places for it', () => {
    expect(naughty.length).toBeGreaterThan(400)
    expect(places.length).toBeGreaterThan(25)
    expect(before.size).toBeGreaterThan(2)
  })

  it.each(places.map((path) => [path.join('.'), path] as const))(
    'is refused or harmless at %s, and gives nobody anything',
    (_, path) => {
      let taken = 0
      for (const text of textsFor(path)) {
        const input = withText(whole, path, text)
        const isRefused = refusal(input) !== undefined
        expect(checkPolicy(input, catalogue)).toSatisfy(
          (problems: unknown[]) => !isRefused || problems.length > 0,
        )
        if (isRefused) continue
        taken += 1
        for (const each of parsePolicy(input).rules) expect(describeRule(each)).toMatch(/\.$/)
        expect(
          [...allowed(input)].filter((each) => !before.has(each)),
          JSON.stringify(text),
        ).toEqual([])
      }
      expect(taken).toBeLessThan(textsFor(path).length)
    },
    60_000,
  )

  const keys = [...Object.keys(whole), ...Object.keys(rule).map((key) => `rules.0.${key}`)]
    .map((key) => key.split('.'))
    .concat([
      ['rules', '0', 'when', 'traits.vip'],
      ['rules', '0', 'when', 'traits.tags', '$elemMatch'],
      ['rules', '0', 'when', 'traits.tags', '$elemMatch', 'name'],
      ['rules', '0', 'when', 'traits.tags', '$elemMatch', 'name', '$in'],
    ])
  it.each(keys.map((path) => [path.join('.'), path] as const))(
    'is refused or harmless as a key for %s',
    (_, path) => {
      for (const text of textsFor(path)) {
        const input = withKey(whole, path, text)
        const optional = path.length === 1 || path.at(-1) === 'roles' || path.at(-1) === 'agents'
        if (refusal(input) !== undefined) continue
        expect(optional || path.includes('when'), `${path.join('.')} ${text}`).toBe(true)
        expect(
          [...allowed(input)].filter((each) => !before.has(each)),
          text,
        ).toEqual([])
      }
    },
    60_000,
  )

  it('is refused as the text of a document, or says nothing', () => {
    for (const text of naughty) {
      try {
        expect(refusal(parsePolicyText(text)), text).toBeDefined()
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'policy_invalid' })
      }
    }
  })
})
