import { apiVersion } from '../model/manifest.ts'

export interface ScaffoldOptions {
  /** The plugin's id in kebab-case, such as `first-order`. */
  id: string
  /** The product's own version: what `engines` accepts. */
  productVersion: string
}

/**
 * The files of a new plugin, by name: one agent that counts orders and greets a good customer, its test, two
 * fixtures and a page about it. They pass `plugin lint`, `plugin try` and their own test as they are.
 */
export function scaffold({ id, productVersion }: ScaffoldOptions): Record<string, string> {
  const trait = `${id.replaceAll('-', '_')}_orders`
  const title = titleOf(id)
  return {
    'plugin.json': jsonOf(manifestOf({ id, title, trait, productVersion })),
    'plugin.ts': codeOf(trait),
    'plugin.test.ts': testOf(trait),
    'fixtures/first-order.json': jsonOf(fixtureOf(trait, 0)),
    'fixtures/third-order.json': jsonOf(fixtureOf(trait, 2)),
    'README.md': readmeOf({ id, title, trait }),
  }
}

const titleOf = (id: string): string =>
  id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ')
const jsonOf = (value: object): string => `${JSON.stringify(value, null, 2)}\n`

interface Names {
  id: string
  title: string
  trait: string
}

const manifestOf = ({ id, title, trait, productVersion }: Names & ScaffoldOptions): object => ({
  id,
  version: '0.1.0',
  name: title,
  description: 'Counts orders and thanks the customer for the third.',
  apiVersion,
  engines: { slateboard: `^${productVersion}` },
  main: 'plugin.ts',
  traits: [
    {
      key: trait,
      class: 'pseudonymous',
      purposes: ['marketing'],
      schema: { type: 'integer', minimum: 0 },
    },
  ],
  agents: [
    {
      id: 'count',
      description: 'Counts completed orders and proposes a thank-you with the third.',
      triggers: { events: ['Order Completed'] },
      reads: { traits: [trait] },
      writes: [trait],
      purpose: 'marketing.promotion',
      proposes: [{ purpose: 'marketing.promotion', channels: ['email'] }],
    },
  ],
})

const codeOf = (trait: string): string => `import { definePlugin, done } from 'slateboard/plugin'

/** The order after which the customer is thanked. */
const thanksAfter = 3

export default definePlugin({
  agents: {
    count: ({ profile, causes }) => {
      const before = Number(profile.traits['${trait}']?.value ?? 0)
      const orders = before + causes.filter(({ kind }) => kind === 'event').length
      const isDue = before < thanksAfter && orders >= thanksAfter
      return done({
        writes: { ${trait}: { value: orders } },
        activations: isDue
          ? [{ purpose: 'marketing.promotion', channel: 'email', content: { template: 'thank-you' } }]
          : [],
      })
    },
  },
})
`

const testOf = (
  trait: string,
): string => `import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cause } from 'slateboard/plugin'
import { openTrial, type Trial } from 'slateboard/trial'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial(import.meta.dirname)
})
afterAll(() => trial[Symbol.asyncDispose]())

const order: Cause = {
  kind: 'event',
  id: 'event-1',
  type: 'track',
  name: 'Order Completed',
  timestamp: '2026-01-01T10:00:00.000Z',
  properties: {},
}

test('counts an order', async () => {
  expect(await trial.react('count', { causes: [order] })).toMatchObject({
    writes: { ${trait}: { value: 1 } },
    activations: [],
  })
})

test('thanks for the third order, and not for the fourth', async () => {
  const third = await trial.react('count', { traits: { ${trait}: 2 }, causes: [order] })
  expect(third).toMatchObject({ activations: [{ channel: 'email' }] })
  const fourth = await trial.react('count', { traits: { ${trait}: 3 }, causes: [order] })
  expect(fourth).toMatchObject({ activations: [] })
})
`

const fixtureOf = (trait: string, orders: number): object => ({
  agent: 'count',
  traits: orders === 0 ? {} : { [trait]: orders },
  causes: [
    {
      kind: 'event',
      id: 'event-1',
      type: 'track',
      name: 'Order Completed',
      timestamp: '2026-01-01T10:00:00.000Z',
      properties: {},
    },
  ],
  person: {
    consents: [{ purpose: 'marketing.promotion', channel: 'email', decision: 'granted' }],
    jurisdiction: 'DE',
  },
})

const readmeOf = ({ id, title, trait }: Names): string => `# ${title}

Counts completed orders in \`${trait}\` and proposes a thank-you by email with the third. The gate decides whether
it leaves: without a grant for \`marketing.promotion\` by email nothing is sent.

| file | what it is |
| --- | --- |
| \`plugin.json\` | who it is, what its agents wake on, read, write and may propose |
| \`plugin.ts\` | what the agents do: functions of their input |
| \`plugin.test.ts\` | promises, kept in the real sandbox |
| \`fixtures/\` | inputs for \`slateboard plugin try\`, with the answers that were recorded |

\`\`\`sh
npx slateboard plugin try plugins/${id}            # runs the fixtures again at every change
npx slateboard plugin try plugins/${id} --record   # takes the answers of now as the right ones
npx slateboard plugin lint plugins/${id}
npx slateboard plugin bench plugins/${id}
npx slateboard plugin install plugins/${id}
\`\`\`
`
