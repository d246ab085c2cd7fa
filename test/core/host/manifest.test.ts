import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checkManifest, manifestJsonSchema, readManifest } from '../../../core/host/manifest.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { pluginManifest, probeAgent } from '../../support/pluginFolder.ts'

const read = (overrides: JsonObject = {}) => readManifest(JSON.stringify(pluginManifest(overrides)))

test('reads a manifest and fills in the defaults', () => {
  const { agents, network } = read()
  expect(agents[0]).toMatchObject({
    priority: 50,
    onFailure: 'retry',
    timeoutMs: 100,
    reads: { traits: ['mode'], pii: [], events: {} },
    proposes: [],
    holds: [],
  })
  expect(network).toEqual([])
})

test('keeps plugin.schema.json current with the zod schema', async () => {
  const published = await readFile(
    new URL('../../../core/host/plugin.schema.json', import.meta.url),
    'utf8',
  )
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(manifestJsonSchema())))
})

const refused: [what: string, manifest: JsonObject, message: RegExp][] = [
  ['a misspelt key', { nam: 'x' }, /nam is not a key of the manifest: did you mean "name"\?/],
  [
    'a misspelt key deep inside',
    { agents: [probeAgent({ triggers: { event: ['*'] } })] },
    /agents\[0\]\.triggers\.event is not a key of the manifest: did you mean "events"\?/,
  ],
  [
    'a key that resembles none',
    { agents: [probeAgent({ sql: 'select 1' })] },
    /agents\[0\]\.sql is not a key of the manifest: known keys are id, description, triggers/,
  ],
  ['an id that is not kebab-case', { id: 'Churn_Risk' }, /id is "Churn_Risk": use kebab-case/],
  [
    'a version that is not semantic',
    { version: '1.x' },
    /version is "1\.x": use a semantic version/,
  ],
  [
    'a version range that is none',
    { engines: { slateboard: 'newest' } },
    /engines\.slateboard is "newest": use a version range such as \^0\.1\.0/,
  ],
  ['another contract version', { apiVersion: 2 }, /apiVersion is 2: /],
  ['a main file outside', { main: '../evil.ts' }, /main is "\.\.\/evil\.ts": name a \.ts/],
  ['an absolute main file', { main: '/etc/passwd.ts' }, /main is "\/etc\/passwd\.ts": name a/],
  [
    'a precondition on a trait that the agent does not read',
    { agents: [probeAgent({ when: { 'traits.plan': 'pro' } })] },
    /agents\[0\]\.when asks for "plan", which the agent does not read: add it to reads\.traits/,
  ],
  [
    'a precondition on something else than traits',
    { agents: [probeAgent({ when: { jurisdiction: 'DE' } })] },
    /agents\[0\]\.when\.jurisdiction is .*: no such attribute\. Use traits\.<key> or intervals\.<key>/,
  ],
  [
    'a precondition on what no interval has',
    { agents: [probeAgent({ when: { 'intervals.mode.mid': 1 } })] },
    /agents\[0\]\.when names "intervals\.mode\.mid": of an interval there are low, high and level/,
  ],
  [
    'a precondition with an operator that there is not',
    { agents: [probeAgent({ when: { 'traits.mode': { $gt: 1, $regex: 'x' } } })] },
    /agents\[0\]\.when\.traits\.mode\.\$regex is "\$regex": no such operator\. Regular expressions/,
  ],
  [
    'a precondition on who asks',
    { agents: [probeAgent({ when: { 'traits.mode': { $principal: 'id' } } })] },
    /agents\[0\]\.when asks who asks: nobody does/,
  ],
  [
    'a need that the agent does not read',
    { agents: [probeAgent({ needs: [{ trait: 'spend' }] })] },
    /agents\[0\] goes by "spend", which it does not read/,
  ],
  [
    'a need twice',
    { agents: [probeAgent({ needs: [{ trait: 'mode' }, { trait: 'mode', maxAgeMs: 500 }] })] },
    /agents\[0\]\.needs has "mode" twice: keep the shorter maxAgeMs/,
  ],
  [
    'what wakes an agent and obviates it as well',
    { agents: [probeAgent({ triggers: { events: ['A'] }, obviations: { events: ['A'] } })] },
    /agents\[0\]\.obviations\.events has "A", which wakes it: keep it in one/,
  ],
  [
    'a join of one trigger',
    { agents: [probeAgent({ join: { withinMs: 1000 } })] },
    /agents\[0\]\.join waits for several triggers, and there is one: leave it out/,
  ],
  [
    'a join of more triggers than there are',
    {
      agents: [probeAgent({ triggers: { events: ['A', 'B'] }, join: { need: 3, withinMs: 1000 } })],
    },
    /agents\[0\]\.join\.need is 3, of 2 triggers: give at most 2, or "all"/,
  ],
  [
    'a schedule that is none',
    { agents: [probeAgent({ triggers: { schedules: [{ cron: 'at six' }] } })] },
    /agents\[0\]\.triggers\.schedules\[0\] is "at six": use minute, hour/,
  ],
  [
    'a crossing without a threshold',
    { agents: [probeAgent({ triggers: { crossings: [{ trait: 'mode' }] } })] },
    /agents\[0\]\.triggers\.crossings\[0\] is \{"trait":"mode"\}: give above, below or both/,
  ],
  [
    'a crossing of a trait that the agent does not read',
    { agents: [probeAgent({ triggers: { crossings: [{ trait: 'spend', above: 1 }] } })] },
    /agents\[0\] goes by "spend", which it does not read/,
  ],
  [
    'a rating by a trait that the agent does not read',
    { agents: [probeAgent({ rating: { trait: 'risk' } })] },
    /agents\[0\] goes by "risk", which it does not read/,
  ],
  [
    'a performer with the id of an agent',
    { performers: [{ id: 'probe', skill: 'work' }] },
    /agents has the id "probe" twice: give each agent and performer its own id/,
  ],
  [
    'a join of an agent that waits for objectives',
    {
      agents: [
        probeAgent({
          triggers: { events: ['a', 'b'], objectives: ['x'] },
          join: { withinMs: 1000 },
        }),
      ],
    },
    /join does not wait for objectives: give these to an agent of their own/,
  ],
  ['no agents', { agents: [] }, /agents is \[\]: declare at least one agent, or a performer/],
  [
    'a trait without a purpose',
    { traits: [{ key: 'probe', class: 'none', purposes: [] }] },
    /traits\[0\]\.purposes is \[\]: name at least one purpose/,
  ],
  [
    'an unknown data class',
    { traits: [{ key: 'probe', class: 'secret', purposes: ['analytics'] }] },
    /traits\[0\]\.class is "secret": /,
  ],
  [
    'a written trait that it does not own',
    { agents: [probeAgent({ writes: ['email'] })] },
    /agents\[0\]\.writes names "email", which the plugin does not own: declare it in traits/,
  ],
  [
    'the same agent twice',
    { agents: [probeAgent(), probeAgent({ writes: [] })] },
    /agents has the id "probe" twice/,
  ],
  [
    'two writers of one trait',
    { agents: [probeAgent(), probeAgent({ id: 'other' })] },
    /"probe" is written by two agents/,
  ],
  [
    'a shared trait that is its own, or that nobody writes',
    { sharedTraits: ['probe', 'tier'] },
    /names "probe", which is the plugin's own: say shares in traits.*"tier", which no agent writes/,
  ],
  [
    'a quorum where nobody votes',
    { traits: [{ key: 'probe', class: 'none', purposes: ['analytics'], shares: { quorum: 2 } }] },
    /traits\[0\]\.shares\.quorum is of a vote, and the rule of "probe" is escalate/,
  ],
  [
    'an agent that nothing wakes',
    { agents: [probeAgent({ triggers: {} })] },
    /agents\[0\]\.triggers is empty: name events, traits, crossings, schedules, objectives or consents/,
  ],
  [
    'personal data among plain reads',
    {
      traits: [{ key: 'probe', class: 'contact', purposes: ['analytics'] }],
      agents: [probeAgent({ reads: { traits: ['probe'] } })],
    },
    /agents\[0\]\.reads\.traits names "probe", which is personal data: move it to reads\.pii/,
  ],
  [
    'a trait read as plain and as personal data',
    { agents: [probeAgent({ reads: { traits: ['email'], pii: ['email'] } })] },
    /agents\[0\]\.reads names "email" in traits and in pii/,
  ],
  [
    'a value schema with a pattern that the host would have to run',
    {
      traits: [
        { key: 'probe', class: 'none', purposes: ['analytics'], schema: { pattern: '(a+)+$' } },
      ],
    },
    /traits\[0\]\.schema uses pattern: leave it out/,
  ],
  [
    'a timeout above a second',
    { agents: [probeAgent({ timeoutMs: 5000 })] },
    /agents\[0\]\.timeoutMs is 5000: /,
  ],
  ['a missing name', { name: null }, /name is null: /],
]

test.each(refused)('refuses %s, with path, value and remedy', (_what, manifest, message) => {
  expect(() => read(manifest)).toThrow(expect.objectContaining({ code: 'manifest_invalid' }))
  expect(() => read(manifest)).toThrow(message)
})

test('names a key that is missing', () => {
  const { id: _, ...rest } = pluginManifest()
  expect(() => readManifest(JSON.stringify(rest))).toThrow(/id is missing: add it/)
})

test('lists all problems at once', () => {
  expect(() => read({ id: 'A', version: 'x' })).toThrow(/id is "A".*; version is "x"/)
})

test('refuses __proto__ keys wherever they stand', () => {
  const text = JSON.stringify(pluginManifest()).replace(
    '"triggers":{',
    '"triggers":{"__proto__":{"a":1},',
  )
  expect(() => readManifest(text)).toThrow(/agents\[0\]\.triggers\.__proto__ is refused/)
})

test('refuses text that is not JSON', () => {
  expect(() => readManifest('{ id: churn }')).toThrow(/the file is not JSON/)
})

test('accepts the product versions of its range and refuses the others', () => {
  const manifest = read()
  expect(() => checkManifest(manifest, '0.1.9')).not.toThrow()
  expect(() => checkManifest(manifest, '0.2.0')).toThrow(
    expect.objectContaining({
      code: 'plugin_incompatible',
      message: 'Plugin probe 1.0.0 accepts Slateboard ^0.1.0; this is 0.2.0.',
    }),
  )
})

test('several agents write a trait that its plugin shares, and those of others that they name', () => {
  const { traits, sharedTraits } = read({
    traits: [{ key: 'probe', class: 'none', purposes: ['analytics'], shares: {} }],
    sharedTraits: ['tier'],
    agents: [probeAgent(), probeAgent({ id: 'other', writes: ['probe', 'tier'] })],
  })
  expect(traits[0]?.shares).toEqual({ rule: 'escalate' })
  expect(sharedTraits).toEqual(['tier'])
})
