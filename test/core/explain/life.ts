import { readPackage } from '../../../core/host/package.ts'
import type { JsonObject } from '../../../core/model/json.ts'
import type { PolicyDocument, PolicyRule } from '../../../core/model/policy.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { activatePolicy } from '../../support/activatePolicy.ts'
import { alias, identify } from '../../support/app.ts'
import type { Outward } from '../../support/outward.ts'
import { pluginFolder, pluginManifest, probeAgent, probeCode } from '../../support/pluginFolder.ts'

const { tests: _, ...shipped } = shippedPolicy().document

/** The shipped rules with others beside them, bound in time, on traits and on places, and with limits. */
export const policyOf = (extra: readonly PolicyRule[], limits: PolicyDocument['limits'] = []) =>
  ({
    ...shipped,
    rules: [...shipped.rules, ...extra],
    ...(limits.length === 0 ? {} : { limits }),
  }) satisfies PolicyDocument

const forbid = (id: string, part: Partial<PolicyRule>): PolicyRule => ({
  id,
  sentence: 'Some of them get no marketing at all.',
  effect: 'forbid',
  roles: ['admin', 'app'],
  agents: ['*'],
  action: 'activate',
  subject: 'Activation',
  purposes: ['marketing'],
  reason: 'not_them',
  ...part,
})

export const capped: PolicyDocument['limits'] = [
  {
    id: 'few',
    sentence: 'Nobody gets more than two offers a day.',
    purposes: ['marketing'],
    channels: ['*'],
    cap: { max: 2, hours: 24 },
  },
  {
    id: 'careful',
    sentence: 'What is risky waits for a person, and old values stay here.',
    purposes: ['*'],
    channels: ['*'],
    riskAbove: 0.6,
    maxAgeDays: 3,
    hash: ['trait:email'],
  },
]

const policiesAt = (now: Date): PolicyDocument[] => [
  policyOf([forbid('not-free', { when: { 'traits.plan': 'free' } })]),
  policyOf(
    [forbid('not-now', { from: new Date(now.getTime() + 3_600_000).toISOString() })],
    capped,
  ),
  policyOf([
    forbid('not-in-germany', { when: { jurisdiction: 'DE', 'traits.score': { $gt: 5 } } }),
  ]),
]

/** Random numbers that come again with their seed. */
export function randomOf(seed: number) {
  let state = seed
  const next = (max: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * max)
  }
  const pick = <T>(items: readonly [T, ...T[]]): T => items[next(items.length)] ?? items[0]
  return { next, pick }
}

const users = ['ada', 'bob', 'eve', 'joe', 'kim', 'lou'] as const
const standings = [
  'restricted = not restricted',
  "objections = '{marketing.newsletter}'",
  "objections = '{}'",
  'legal_hold = not legal_hold',
  'gpc = not gpc',
  "jurisdiction = 'DE'",
  "jurisdiction = 'US-CA'",
  "minor_band = 'adult'",
  `holds = '[{"agent":"probe/probe","purpose":"marketing","reason":"complaint_open"}]'`,
  "holds = '[]'",
] as const

/** A plugin whose agent declares what it proposes; each version declares something else. */
export async function installProber(
  { app }: Outward,
  version: string,
  effect: string,
): Promise<void> {
  await using folder = await pluginFolder({
    'plugin.json': pluginManifest({
      version,
      agents: [
        probeAgent({
          proposes: [
            {
              purpose: 'marketing',
              channels: ['webhook'],
              fields: version === '1.0.0' ? ['plan'] : [],
              decisionEffect: effect,
              risk: 0.3,
            },
          ],
        }),
      ],
    }),
    'plugin.ts': probeCode(`() => cancel('nothing')`),
    'README.md': 'Probe',
  })
  await app.registry.install(app.workspaceId, await readPackage(folder.path), 'system')
}

async function proposeAsAgent(out: Outward, user: string, fields: string[]): Promise<void> {
  const { app, clock, receiver } = out
  const profile = await app.profileOf(user)
  await app.sql`
    insert into activation (workspace_id, profile_id, id, proposer_kind, proposer_id, purpose, channel,
      destination, content, fields, cause, state, due_at, created_at, updated_at)
    values (${app.workspaceId}, ${profile}, ${clock.id()}, 'agent', 'probe/probe',
      'marketing.promotion', 'webhook', ${receiver.url}, '{"text":"hello"}', ${fields}, 'test',
      'proposed', ${clock.now()}, ${clock.now()}, ${clock.now()})`
  await out.decide()
}

async function setStanding({ app }: Outward, user: string, change: string): Promise<void> {
  const id = await app.profileOf(user)
  await app.sql.unsafe(`update legal_state set ${change} where profile_id = '${id}'`)
}

/** Everything that may happen to six people, in an order that the seed decides. */
export async function live(out: Outward, seed: number, steps: number): Promise<void> {
  const { pick, next } = randomOf(seed)
  const { app, clock } = out
  let number = 1
  await installProber(out, '1.0.0', 'none')
  for (const user of users) {
    await app.send(
      identify(user, {
        plan: pick(['free', 'pro']),
        score: next(10),
        email: `${user}@example.com`,
      }),
    )
    await out.say(user, 'granted', { channel: '*' })
  }
  // From now on grants by email are to be confirmed, and promotions are agreed to for two days at most.
  await app.sql`
    update purpose set double_opt_in = '{email}', ttl_days = 2 where key = 'marketing.promotion'`
  const fields = () => pick([[], [], ['plan'], ['plan', 'email'], ['unheard_of']])
  const deeds = [
    async () =>
      void (await out.propose(pick(users), {
        purpose: pick(['marketing.promotion', 'marketing.promotion', 'service', 'analytics']),
        fields: fields(),
        content: pick<JsonObject>([{}, { text: 'hello' }, { email: 'x' }]),
        risk: pick([0, 0, 0.9]),
      })),
    async () =>
      void (await out.propose(pick(users), { channel: pick(['webhook', 'email', 'pigeon']) })),
    () => proposeAsAgent(out, pick(users), pick([[], ['plan'], ['email']])),
    async () =>
      void (await out.say(pick(users), pick(['granted', 'granted', 'denied', 'withdrawn']), {
        purpose: pick(['marketing', 'marketing.promotion', 'analytics']),
        channel: pick(['*', 'webhook', 'email']),
        ...(next(3) === 0 ? { expiresAt: new Date(clock.now().getTime() + 7_200_000) } : {}),
      })),
    () => setStanding(out, pick(users), pick(standings)),
    async () =>
      void (await app.send(
        identify(pick(users), { plan: pick(['free', 'pro']), score: next(10) }),
      )),
    async () => void (await out.dispatch()),
    async () => clock.advance(next(40) * 60_000),
  ] as const
  for (let step = 0; step < steps; step += 1) {
    await pick(deeds)()
    if (step % 15 === 7) {
      number += 1
      await activatePolicy(app, policiesAt(clock.now())[next(3)] ?? shipped, number)
      app.board.signals.send('policy')
    }
    if (step === Math.floor(steps / 3)) await app.send(alias('ada', 'bob'))
    if (step === Math.floor(steps / 2)) await installProber(out, '1.1.0', 'significant')
  }
}
