import { expect, test } from 'vitest'
import { besideProblem } from '../../../core/model/beside.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { manifestSchema } from '../../../core/model/manifest.ts'
import { pluginManifest, probeAgent } from '../../support/pluginFolder.ts'

const manifest = (overrides: JsonObject = {}) => manifestSchema.parse(pluginManifest(overrides))
const withAgent = (agent: JsonObject) => manifest({ agents: [probeAgent(agent)] })
const state = (version: number) => manifest({ state: { version, profile: ['seen'] } })
const config = (key: string) =>
  manifest({ config: { schema: { type: 'object', properties: { [key]: { type: 'string' } } } } })
const trait = (overrides: JsonObject) => [
  { key: 'probe', class: 'none', purposes: ['analytics'], ...overrides },
]

test('a version runs beside one that is woken by the same and writes the same, whatever else it does', () => {
  const next = manifest({
    version: '2.0.0',
    description: 'better',
    tier: 'process',
    network: [{ host: 'a.example', methods: ['GET'], purpose: 'service', reason: 'rates' }],
    agents: [probeAgent({ reads: { traits: ['mode', 'plan'] }, timeoutMs: 50, onFailure: 'skip' })],
  })
  expect(besideProblem(manifest(), next)).toBeUndefined()
  expect(besideProblem(state(2), state(2))).toBeUndefined()
  expect(besideProblem(config('label'), config('label'))).toBeUndefined()
})

test('the order in which a manifest names things makes no difference', () => {
  const first = probeAgent({ triggers: { events: ['A', 'B'] } })
  const second = probeAgent({ id: 'other', writes: [] })
  const base = manifest({ agents: [first, second] })
  const next = manifest({ agents: [second, probeAgent({ triggers: { events: ['B', 'A'] } })] })
  expect(besideProblem(base, next)).toBeUndefined()
})

test.each([
  [
    'other agents',
    manifest(),
    manifest({ agents: [probeAgent(), probeAgent({ id: 'b', writes: [] })] }),
  ],
  ['other agents', manifest(), withAgent({ id: 'other' })],
  ['something else wakes', manifest(), withAgent({ triggers: { events: ['Order'] } })],
  ['something else wakes', manifest(), withAgent({ triggers: { events: ['*'], consents: true } })],
  ['writes other traits', manifest(), withAgent({ writes: [] })],
  ['defines its traits', manifest(), manifest({ traits: trait({ class: 'contact' }) })],
  ['defines its traits', manifest(), manifest({ traits: trait({ purposes: ['service'] }) })],
  ['defines its traits', manifest(), manifest({ traits: trait({ schema: { type: 'number' } }) })],
  ['another config', config('label'), config('title')],
  ['another config', manifest(), config('label')],
  ['state of version 2 instead of 1', state(1), state(2)],
  ['state of version 0 instead of 1', state(1), manifest()],
])('two versions do not run beside each other: %s (refused)', (reason, base, next) => {
  expect(besideProblem(base, next)).toContain(reason)
})
