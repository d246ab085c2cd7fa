import { expect, test } from 'vitest'
import { agentGraphOf } from '../../../core/model/agentGraph.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import { agentManifestSchema } from '../../../core/model/manifest.ts'

const agent = (id: string, parts: JsonObject) =>
  agentManifestSchema.parse({ id, purpose: 'service', triggers: {}, ...parts })

test('shows who wakes whom, who only reads, and the rings', () => {
  const graph = agentGraphOf([
    {
      id: 'a',
      agents: [
        agent('one', {
          triggers: { events: ['Order'], traits: ['answer'] },
          reads: { traits: ['answer', 'score', 'region'] },
          writes: ['score'],
        }),
        agent('alone', { triggers: { traits: ['mine'] }, writes: ['mine'] }),
      ],
    },
    {
      id: 'b',
      agents: [
        agent('two', {
          triggers: { crossings: [{ trait: 'score', above: 1 }], consents: true },
          reads: { traits: ['score'] },
          writes: ['answer'],
        }),
        agent('three', {
          triggers: { traits: ['stated'] },
          reads: { traits: ['score', 'answer'] },
          needs: [{ trait: 'score' }],
        }),
      ],
    },
  ])
  expect(graph).toMatchInlineSnapshot(`
    {
      "edges": [
        {
          "from": null,
          "key": "Order",
          "kind": "event",
          "to": "a/one",
        },
        {
          "from": null,
          "key": "stated",
          "kind": "trait",
          "to": "b/three",
        },
        {
          "from": null,
          "key": "*",
          "kind": "consent",
          "to": "b/two",
        },
        {
          "from": "a/one",
          "key": "score",
          "kind": "need",
          "to": "b/three",
        },
        {
          "from": "a/one",
          "key": "score",
          "kind": "crossing",
          "to": "b/two",
        },
        {
          "from": "b/two",
          "key": "answer",
          "kind": "trait",
          "to": "a/one",
        },
        {
          "from": "b/two",
          "key": "answer",
          "kind": "read",
          "to": "b/three",
        },
      ],
      "nodes": [
        {
          "agent": "a/alone",
          "plugin": "a",
          "purpose": "service",
        },
        {
          "agent": "a/one",
          "plugin": "a",
          "purpose": "service",
        },
        {
          "agent": "b/three",
          "plugin": "b",
          "purpose": "service",
        },
        {
          "agent": "b/two",
          "plugin": "b",
          "purpose": "service",
        },
      ],
      "rings": [
        [
          "a/one",
          "b/two",
        ],
      ],
    }
  `)
})

test('shows who is woken by what others announce, and rings of it', () => {
  const graph = agentGraphOf([
    {
      id: 'a',
      agents: [
        agent('spend', { triggers: { intents: ['save'] }, announces: [{ kind: 'spend' }] }),
        agent('save', { triggers: { intents: ['*'] }, announces: [{ kind: 'save' }] }),
      ],
    },
  ])
  expect(graph.edges).toEqual([
    { from: 'a/save', to: 'a/spend', kind: 'intent', key: 'save' },
    { from: 'a/spend', to: 'a/save', kind: 'intent', key: '*' },
  ])
  expect(graph.rings).toEqual([['a/spend', 'a/save']])
})
