import { expect, test } from 'vitest'
import { cancel, done, snooze, type Effects } from '../../../core/host/contract.ts'
import { readManifest } from '../../../core/host/manifest.ts'
import { outcomeCheck } from '../../../core/host/outcome.ts'
import { pluginManifest, probeAgent } from '../../support/pluginFolder.ts'

const manifest = readManifest(
  JSON.stringify(
    pluginManifest({
      traits: [
        {
          key: 'probe',
          class: 'none',
          purposes: ['analytics'],
          schema: { type: 'number', maximum: 1 },
        },
        { key: 'other', class: 'none', purposes: ['analytics'] },
      ],
      agents: [
        probeAgent({
          holds: ['marketing'],
          proposes: [
            { purpose: 'marketing.promotion', channels: ['email'], fields: ['first_name'] },
            { purpose: 'service', channels: ['webhook'], budgets: ['help'] },
          ],
        }),
      ],
      network: [
        { host: '*.example.com', methods: ['POST'], purpose: 'service', reason: 'tickets' },
      ],
    }),
  ),
)
const [agent] = manifest.agents
const check = agent && outcomeCheck(manifest, agent)
const verdict = (raw: unknown) => check?.(JSON.parse(JSON.stringify(raw)))
const act = (effects: Effects) => verdict(done(effects))
const email = { purpose: 'marketing.promotion', channel: 'email' }
const webhook = { purpose: 'service', channel: 'webhook' }

test('lets declared effects pass and fills in the defaults', () => {
  expect(
    act({
      writes: { probe: { value: 0.5 } },
      activations: [{ ...email, fields: ['first_name'] }],
      holds: [{ purpose: 'marketing.ads', reason: 'open complaint' }],
      releases: ['marketing'],
    }),
  ).toMatchObject({
    outcome: {
      writes: { probe: { value: 0.5, confidence: 1 } },
      activations: [{ ...email, fields: ['first_name'], content: {} }],
    },
  })
  expect(act({ writes: { probe: null } })).toMatchObject({ outcome: { writes: { probe: null } } })
  expect(verdict(snooze(60_000))).toEqual({ outcome: { kind: 'snooze', ms: 60_000 } })
  expect(verdict(cancel('no data'))).toEqual({ outcome: { kind: 'cancel', reason: 'no data' } })
})

test.each<[effect: string, effects: Effects]>([
  ['write the trait other', { writes: { other: { value: 1 } } }],
  ['write the trait other', { writes: { other: null } }],
  ['write the trait constructor', { writes: { constructor: { value: 1 } } }],
  ['hold or release service', { holds: [{ purpose: 'service', reason: 'x' }] }],
  ['hold or release marketingplus', { releases: ['marketingplus'] }],
  ['propose marketing on email', { activations: [{ ...email, purpose: 'marketing' }] }],
  ['propose marketing.promotion on webhook', { activations: [{ ...email, channel: 'webhook' }] }],
  ['propose service on email', { activations: [{ ...email, purpose: 'service' }] }],
  [
    'put last_name into a message for marketing.promotion on email',
    { activations: [{ ...email, fields: ['last_name'] }] },
  ],
  ['reach evil.test', { activations: [{ ...webhook, destination: 'https://evil.test/x' }] }],
  [
    'reach notexample.com',
    { activations: [{ ...webhook, destination: 'https://notexample.com/x' }] },
  ],
  [
    'spend of the budget fun on service by webhook',
    { activations: [{ ...webhook, cost: { budget: 'fun', amount: 1 } }] },
  ],
  [
    'spend of the budget help on marketing.promotion by email',
    { activations: [{ ...email, cost: { budget: 'help', amount: 1 } }] },
  ],
])('refuses to %s, which is not declared', (effect, effects) => {
  expect(act(effects)).toEqual({
    refusal: { code: 'effect_not_declared', values: { plugin: 'probe', agent: 'probe', effect } },
  })
})

test('lets an act take of a budget that is declared for it, in whole ones', () => {
  const cost = { budget: 'help', amount: 3 }
  expect(act({ activations: [{ ...webhook, cost }] })).toMatchObject({
    outcome: { activations: [{ cost }] },
  })
  expect(act({ activations: [{ ...webhook, cost: { ...cost, amount: 0.5 } }] })).toMatchObject({
    refusal: { code: 'plugin_result_invalid' },
  })
})

test('lets a destination pass whose host is declared', () => {
  const destination = 'https://api.example.com/tickets'
  expect(act({ activations: [{ ...webhook, destination }] })).toHaveProperty('outcome')
})

test('refuses a value that its schema refuses, without repeating the value', () => {
  expect(act({ writes: { probe: { value: 'bob@example.com' } } })).toMatchObject({
    refusal: {
      code: 'trait_value_invalid',
      values: { key: 'probe', reason: expect.not.stringContaining('bob') },
    },
  })
})

const deep = JSON.parse('['.repeat(100) + ']'.repeat(100))

test.each<[what: string, raw: unknown]>([
  ['null', null],
  ['a number', 7],
  ['an empty object', {}],
  ['an unknown kind', { kind: 'explode' }],
  ['an unknown effect', { ...done(), sql: 'drop table' }],
  ['a confidence above 1', done({ writes: { probe: { value: 1, confidence: 2 } } })],
  ['a snooze of a year', snooze(365 * 86_400_000)],
  ['a snooze of no time', snooze(0)],
  ['a write without a value', { ...done(), writes: { probe: {} } }],
  ['a value nested too deeply', done({ writes: { probe: { value: deep } } })],
  ['21 activations', done({ activations: Array.from({ length: 21 }, () => email) })],
])('refuses %s', (_what, raw) => {
  expect(verdict(raw)).toMatchObject({ refusal: { code: 'plugin_result_invalid' } })
})

test('drops __proto__ keys before anything is built from them', () => {
  const raw: unknown = JSON.parse('{"kind":"cancel","reason":"x","__proto__":{"polluted":true}}')
  expect(check?.(raw)).toEqual({ outcome: { kind: 'cancel', reason: 'x' } })
  expect(Object.getOwnPropertyNames(raw)).not.toContain('__proto__')
})

const remembering = readManifest(
  JSON.stringify(
    pluginManifest({
      state: { version: 1, profile: ['seen', 'other'], plugin: ['total'] },
      agents: [probeAgent({ state: { profile: ['seen'], plugin: ['total'] } })],
    }),
  ),
)
const [keeper] = remembering.agents
const kept = (state: string) =>
  keeper &&
  outcomeCheck(
    remembering,
    keeper,
  )(JSON.parse(JSON.stringify(done()).replace(/}$/, `,"state":${state}}`)))

test('lets state of declared keys pass, null among it', () => {
  expect(kept('{"profile":{"seen":{"a":[1]}},"plugin":{"total":null}}')).toMatchObject({
    outcome: { state: { profile: { seen: { a: [1] } }, plugin: { total: null } } },
  })
})

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

test.each([
  ['a key that the plugin does not keep', '{"profile":{"age":1}}', 'effect_not_declared'],
  ['a key that the agent is not handed', '{"profile":{"other":1}}', 'effect_not_declared'],
  ['a profile key for the plugin', '{"plugin":{"seen":1}}', 'effect_not_declared'],
  ['__proto__ as a key', '{"profile":{"__proto__":{"x":1}}}', 'plugin_state_unfit'],
  ['__proto__ deep inside', '{"plugin":{"total":[{"__proto__":1}]}}', 'plugin_state_unfit'],
  ['17 levels', `{"profile":{"seen":${nested(17)}}}`, 'plugin_state_unfit'],
  ['a kind of state that there is not', '{"session":{}}', 'plugin_result_invalid'],
  ['state that is no object', '"seen"', 'plugin_result_invalid'],
])('refuses state with %s', (_what, state, code) => {
  expect(kept(state)).toMatchObject({ refusal: { code } })
})

test('takes 16 levels of state', () => {
  expect(kept(`{"profile":{"seen":${nested(16)}}}`)).toMatchObject({ outcome: { kind: 'done' } })
})
