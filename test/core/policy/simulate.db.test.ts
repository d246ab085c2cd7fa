import { describe, expect, test } from 'vitest'
import { finishSimulation } from '../../../blackboard/query/finishSimulation.ts'
import { insertSimulation } from '../../../blackboard/query/insertSimulation.ts'
import { createActions } from '../../../core/actions.ts'
import type { PolicyRule } from '../../../core/model/policy.ts'
import type { Role } from '../../../core/model/principal.ts'
import type { ProfileImpact } from '../../../core/model/simulation.ts'
import { createSimulations } from '../../../core/policy/simulate/simulations.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { findExample, findSimulation } from '../../../core/read/findSimulation.ts'
import { listProfiles } from '../../../core/read/listProfiles.ts'
import { behind, factsOf } from '../../../core/read/profile.ts'
import type { Reader } from '../../../core/read/reader.ts'
import { readTraits } from '../../../core/read/readTraits.ts'
import { parsePolicy } from '../../../policies/document.ts'
import { planProfile } from '../../../policies/plan.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { identify, openTestApp, type TestApp } from '../../support/app.ts'

const { document: shipped } = shippedPolicy()
type Changes = Record<string, Partial<PolicyRule>>

/** The shipped rules with some of them changed, and others added. */
const changed = (changes: Changes, more: readonly PolicyRule[] = []) => ({
  title: 'Candidate',
  rules: [...shipped.rules.map((rule) => ({ ...rule, ...changes[rule.id] })), ...more],
})
const forbid = (part: Partial<PolicyRule>): PolicyRule => ({
  id: 'added-forbid',
  sentence: 'Some people are left alone.',
  effect: 'forbid',
  roles: ['app'],
  action: 'read',
  subject: 'Profile',
  purposes: ['*'],
  reason: 'added',
  ...part,
})
const wider = changed({
  'app-reads-contact-for-service': {
    purposes: ['service', 'analytics'],
    when: { 'traits.country': 'DE' },
  },
})

async function open(options: { works?: boolean } = { works: false }) {
  const app = await openTestApp(options)
  const door = createDoorkeeper(app.board, app.policies)
  const reader = async (role: Role): Promise<Reader> => {
    const admitted = await door.admit((await app.principal(role)).key)
    if (!admitted) throw new TypeError('the principal was not admitted')
    return admitted
  }
  return { app, door, reader }
}

/** Ten customers: four in Germany, one of them restricted, one merged of two, one erased. */
async function fill(app: TestApp): Promise<void> {
  const numbers = Array.from({ length: 10 }, (_, n) => n)
  await app.send(
    ...numbers.map((n) =>
      identify(`user-${n}`, {
        email: `user-${n}@example.org`,
        plan: n % 2 ? 'pro' : 'free',
        country: n < 4 ? 'DE' : 'FR',
      }),
    ),
  )
  const [restricted, first, second, erased] = await Promise.all(
    [0, 4, 5, 6].map((n) => app.profileOf(`user-${n}`)),
  )
  const { sql, workspaceId } = app
  for (const id of [restricted, second, erased]) {
    await sql`
      insert into legal_state (workspace_id, profile_id, restricted, jurisdiction, erased_at, updated_at)
      values (${workspaceId}, ${id ?? ''}, ${id !== erased}, 'FR', ${id === erased ? new Date() : null}, now())
      on conflict (workspace_id, profile_id) do update
      set restricted = excluded.restricted, erased_at = excluded.erased_at`
  }
  await sql`update profile set canonical_id = ${first ?? ''} where id = ${second ?? ''}`
}

async function simulated(app: TestApp, reader: Reader, input: object) {
  const id = await app.simulations.start(reader, input)
  await app.simulations.idle()
  const simulation = await findSimulation(reader, id)
  if (!simulation?.result) throw new TypeError(`the simulation is ${simulation?.state}`)
  return { ...simulation, result: simulation.result }
}

const named = ({ caller, action, purpose, target }: ProfileImpact): string =>
  [caller.name, action, purpose, target.kind, target.name].join(' ')

describe('a simulation', () => {
  test('counts gained, lost and unchanged profiles as the readers under both policies see them', async () => {
    const { app, door, reader } = await open()
    await using _ = app
    await fill(app)
    const blocked = forbid({ when: { 'traits.plan': 'pro', createdAt: { $exists: true } } })
    const document = changed({ 'app-reads-contact-for-service': { purposes: ['analytics'] } }, [
      blocked,
    ])
    const { result } = await simulated(app, await reader('officer'), { document })
    const impacts = new Map(result.impacts.map((impact) => [named(impact), impact]))

    const admin = await door.read({
      id: 'admin',
      workspaceId: app.workspaceId,
      name: 'admin',
      role: 'admin',
      purposes: ['service'],
    })
    const { items } = await listProfiles(admin, {}, 'oldest', { first: 50 })
    expect(result.profiles).toBe(items.length)
    expect(items).toHaveLength(8)
    const visible = (policy: ReturnType<typeof parsePolicy>, purpose: string, key: string) => {
      const who = { kind: 'principal', role: 'app' } as const
      const ability = app.policies.ability(policy, who, [purpose])
      const plan = planProfile(ability, [purpose], admin.definitions).trait(key)
      const holders = items.filter((item) => Object.hasOwn(item[behind].provenance, key))
      return holders.map((item) => plan.visible(factsOf(item[behind])).allowed)
    }
    let moved = 0
    for (const purpose of ['service', 'analytics', 'marketing']) {
      for (const [key, dataClass] of [
        ['email', 'contact'],
        ['plan', 'pseudonymous'],
      ] as const) {
        const before = visible(shippedPolicy(), purpose, key)
        const after = visible(parsePolicy(document), purpose, key)
        const gained = after.filter((may, at) => may && !before[at]).length
        const lost = before.filter((may, at) => may && !after[at]).length
        moved += gained + lost
        const impact = impacts.get(`app read ${purpose} class ${dataClass}`)
        if (gained + lost === 0) expect(impact, `${purpose} ${key}`).toBeUndefined()
        else {
          expect(impact, `${purpose} ${key}`).toMatchObject({
            gained,
            lost,
            unchanged: before.length - gained - lost,
          })
        }
      }
    }
    expect(moved).toBeGreaterThan(10)
  })

  test('says in words who gains what of whom, and names no more than five', async () => {
    const { app, reader } = await open()
    await using _ = app
    await fill(app)
    const { result } = await simulated(app, await reader('officer'), { document: wider })
    const sentences = result.impacts.map(({ sentence }) => sentence)
    expect(sentences).toContain('Apps gain contact data of 3 profiles for analytics.')
    expect(sentences).toContain('Apps lose contact data of 4 profiles for service.')
    const lost = result.impacts.find(({ purpose, lost: count }) => purpose === 'service' && count)
    expect(lost?.examples.lost.length).toBe(4)
    for (const { examples } of result.impacts) {
      expect(examples.gained.length + examples.lost.length).toBeLessThanOrEqual(10)
    }
  })

  test('looks at no profile when nobody gains or loses anything', async () => {
    const { app, reader } = await open()
    await using _ = app
    await fill(app)
    const reordered = { ...shipped, title: 'Reordered', rules: shipped.rules.toReversed() }
    const { result } = await simulated(app, await reader('officer'), { document: reordered })
    expect(result).toMatchObject({ profiles: 0, impacts: [] })
    expect(result.compared).toBeGreaterThan(100)
  })

  test('says which rules it cannot judge, since they ask who asks', async () => {
    const { app, reader } = await open()
    await using _ = app
    await fill(app)
    const own = forbid({ id: 'own-people', when: { 'traits.country': { $principal: 'name' } } })
    const { result } = await simulated(app, await reader('officer'), {
      document: changed({}, [own]),
    })
    expect(result.personalRules).toEqual(['own-people'])
    expect(result.impacts.some(({ lost }) => lost > 0)).toBe(true)
  })

  test('tells of an agent what it would read no more', async () => {
    const { app, reader } = await open()
    await using _ = app
    for (const plugin of ['churn-risk', 'next-best-action']) await app.install(plugin, 'plugins')
    await fill(app)
    await app.sql`
      update profile set traits = traits || '{"churn_risk": 0.5}' where traits ->> 'country' = 'DE'`
    const rule = forbid({ agents: ['next-best-action/*'], fields: ['trait:churn_risk'] })
    const { roles: __, ...agents } = rule
    const { result } = await simulated(app, await reader('officer'), {
      document: changed({}, [agents]),
    })
    const impact = result.impacts.find(({ caller }) => caller.kind === 'agent')
    expect(impact?.sentence).toMatch(
      /^Agent next-best-action\/.+ loses the trait churn_risk of 3 profiles for personalization\.$/,
    )
  })

  test('shows examples masked for whoever looks (refused: contact data, and the profile itself)', async () => {
    const { app, reader } = await open()
    await using _ = app
    await fill(app)
    const officer = await reader('officer')
    const { result } = await simulated(app, officer, { document: wider })
    const id = result.impacts.flatMap(({ examples }) => examples.gained)[0] ?? ''
    const seenBy = async (viewer: Reader): Promise<string[] | null> => {
      const profile = await findExample(viewer, id)
      if (!profile) return null
      const [traits = []] = await readTraits(viewer, [profile])
      return traits.map(({ key }) => key)
    }
    expect(await seenBy(await reader('admin'))).toContain('email')
    expect(await seenBy(officer)).toEqual(['country', 'plan'])
    expect(await seenBy(await reader('auditor'))).toBeNull()
  })

  test('is begun by who may write policies (refused: others), from one of both inputs', async () => {
    const { app, reader } = await open()
    await using _ = app
    for (const role of ['app', 'auditor'] as const) {
      const refused = app.simulations.start(await reader(role), { document: wider })
      await expect(refused).rejects.toMatchObject({ code: 'forbidden' })
    }
    const officer = await reader('officer')
    for (const [input, code] of [
      [{}, 'bad_input'],
      [{ number: 1, document: wider }, 'bad_input'],
      [{ number: 99 }, 'policy_unknown'],
      [{ document: { title: 'x' } }, 'policy_invalid'],
      [{ number: 1, days: 1000 }, 'bad_input'],
    ] as const) {
      await expect(app.simulations.start(officer, input)).rejects.toMatchObject({ code })
    }
    expect((await simulated(app, officer, { number: 1 })).result.impacts).toEqual([])
  })

  test('is one at a time, and one whose process is gone makes way', async () => {
    const { app, reader } = await open()
    await using _ = app
    const { workspaceId, board } = app
    const officer = await reader('officer')
    const elsewhere = async (secondsAgo: number) => {
      const at = new Date(Date.now() - secondsAgo * 1000).toISOString()
      const id = board.clock.id()
      const row = { workspaceId, id, candidate: 1, hash: 'h', base: 1, days: 0, requestedBy: 'x' }
      await insertSimulation(board.db.sql, { ...row, at })
      return id
    }
    const alive = await elsewhere(1)
    const refused = app.simulations.start(officer, { number: 1 })
    await expect(refused).rejects.toMatchObject({ code: 'simulation_running' })
    expect(await app.simulations.cancel(officer, alive)).toBe(true)
    const gone = await elsewhere(60)
    await simulated(app, officer, { number: 1 })
    const left = await findSimulation(officer, gone)
    expect(left).toMatchObject({ state: 'failed', failure: 'node_lost', result: null })
  })

  test('ends once: either cancelled and without a result, or done with one', async () => {
    const { app, reader } = await open()
    await using _ = app
    await fill(app)
    const { workspaceId, board } = app
    const officer = await reader('officer')
    const ends: string[] = []
    for (let round = 0; round < 12; round++) {
      const id = await app.simulations.start(officer, { document: wider })
      for (let turns = 0; turns < round * 4; turns++) await new Promise(setImmediate)
      const isCancelled = await app.simulations.cancel(officer, id)
      await app.simulations.idle()
      const found = await findSimulation(officer, id)
      expect(found?.state).toBe(isCancelled ? 'cancelled' : 'done')
      expect(found?.result === null).toBe(isCancelled)
      expect(await app.simulations.cancel(officer, id)).toBe(false)
      const end = { workspaceId, id, state: 'done', result: '{}', failure: null } as const
      expect(
        await finishSimulation(board.db.sql, { ...end, at: new Date().toISOString() }),
      ).toEqual([])
      ends.push(found?.state ?? '')
    }
    expect(ends[0]).toBe('cancelled')
  })

  test('fails when its process stops before it is done', async () => {
    const { app, reader } = await open()
    await using _ = app
    const officer = await reader('officer')
    const deps = { ...app, crew: app.registry }
    const stopping = createSimulations(deps)
    const id = await stopping.start(officer, { number: 1 })
    await stopping[Symbol.asyncDispose]()
    expect(await findSimulation(officer, id)).toMatchObject({
      state: 'failed',
      failure: 'node_stopped',
    })
  })
})

describe('recorded decisions', () => {
  test('are judged again: which would be refused, which held, which allowed', async () => {
    const { app, reader } = await open({ works: true })
    await using _ = app
    await fill(app)
    const admin = await reader('admin')
    const actions = createActions(app)
    for (const n of [1, 2, 3, 7, 8]) {
      const subject = { namespace: 'user_id', value: `user-${n}` }
      await actions.recordConsent(admin, {
        subject,
        purpose: 'marketing',
        channel: '*',
        decision: 'granted',
        basis: 'consent',
        proof: {},
      })
      const proposal = {
        purpose: 'marketing.promotion',
        channel: 'webhook',
        destination: 'http://127.0.0.1:9/hook',
        content: {},
        fields: [],
        risk: n > 6 ? 0.6 : 0,
      }
      await actions.propose(admin, { subject, proposal })
    }
    // One without consent: refused then as now, whatever the policy says.
    await actions.propose(admin, {
      subject: { namespace: 'user_id', value: 'user-9' },
      proposal: {
        purpose: 'marketing.promotion',
        channel: 'webhook',
        destination: 'http://127.0.0.1:9/hook',
        content: {},
        fields: [],
      },
    })
    await expect
      .poll(async () => (await app.sql`select from activation where state = 'proposed'`).length)
      .toBe(0)
    const officer = await reader('officer')
    const notGermans: PolicyRule = {
      ...forbid({ id: 'not-germans', roles: ['admin'], when: { 'traits.country': 'DE' } }),
      action: 'activate',
      subject: 'Activation',
      purposes: ['marketing'],
    }
    const stricter = changed({}, [notGermans])
    const { result } = await simulated(app, officer, { document: stricter, days: 1 })
    expect(result.decisions).toMatchObject({ looked: 6, isCut: false, drifted: 0 })
    expect(result.decisions.impacts).toMatchObject([
      {
        proposer: { kind: 'role', name: 'admin' },
        wouldRefuse: 3,
        wouldHold: 0,
        wouldAllow: 0,
        unchanged: 3,
        sentence:
          'Of 6 activations that administrators proposed for marketing.promotion by webhook, 3 would be refused.',
      },
    ])
    expect(result.decisions.impacts[0]?.examples).toHaveLength(3)
    expect(result.impacts.map(({ sentence }) => sentence)).toContain(
      'Administrators may no longer reach 3 profiles by webhook for marketing.promotion.',
    )
    const careful = {
      ...changed({}),
      limits: (shipped.limits ?? []).map((limit) =>
        limit.riskAbove === undefined ? limit : { ...limit, riskAbove: 0.5 },
      ),
    }
    const held = await simulated(app, officer, { document: careful, days: 1 })
    expect(held.result.decisions.impacts).toMatchObject([
      {
        wouldRefuse: 0,
        wouldHold: 2,
        wouldAllow: 0,
        unchanged: 4,
        examples: [
          { before: 'allow', after: 'hold' },
          { before: 'allow', after: 'hold' },
        ],
        sentence:
          'Of 6 activations that administrators proposed for marketing.promotion by webhook, 2 would be held.',
      },
    ])
    const both = await simulated(app, officer, {
      document: { ...careful, rules: stricter.rules },
      days: 1,
    })
    expect(both.result.decisions.impacts[0]?.sentence).toMatch(/ would be refused and \d held\.$/)
    const none = await simulated(app, officer, { document: stricter, days: 0 })
    expect(none.result.decisions).toMatchObject({ looked: 0, impacts: [] })
  })
})
