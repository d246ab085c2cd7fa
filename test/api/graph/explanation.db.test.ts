import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openClient } from '../../../api/cli/client.ts'
import { runCommand } from '../../../api/cli/program.ts'
import { encodeId, rowIdOf } from '../../../api/graph/id.ts'
import { createApp } from '../../../api/server.ts'
import { createActions } from '../../../core/actions.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { activatePolicy } from '../../support/activatePolicy.ts'
import { identify } from '../../support/app.ts'
import { openOutward } from '../../support/outward.ts'

/** A platform that has decided about ada, and the API in front of it. */
async function open(word: 'granted' | 'withdrawn' = 'withdrawn') {
  const out = await openOutward()
  const { board, policies, workspaceId, sql } = out.app
  await out.app.send(identify('ada', { plan: 'pro' }))
  await out.say('ada', 'granted')
  if (word === 'withdrawn') await out.say('ada', word)
  await out.propose('ada')
  const [row] = await sql<{ profileId: string; id: string }[]>`
    select profile_id as "profileId", id from decision`
  const id = encodeId('Decision', rowIdOf({ profileId: row?.profileId ?? '', id: row?.id ?? '' }))
  const api = createApp({
    board,
    door: createDoorkeeper(board, policies),
    actions: createActions(out.app),
    metrics: new Registry(),
    unready: () => [],
    routes: [],
    production: false,
  })
  const ask = async (key: string, query: string) => {
    const response = await api.request('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
      body: JSON.stringify({
        query: `query ($id: ID!) { decision(id: $id) { ${query} } }`,
        variables: { id },
      }),
    })
    return z
      .object({ data: z.object({ decision: z.any() }), errors: z.undefined().optional() })
      .parse(await response.json()).data.decision
  }
  async function run(key: string, ...args: string[]) {
    const lines: string[] = []
    const complaints: string[] = []
    const code = await runCommand(
      args,
      {
        start: () => Promise.resolve(),
        demo: () => Promise.resolve(),
        migrate: () => Promise.resolve({ applied: [] }),
        openClient: () =>
          openClient({
            dataDir: '/nowhere',
            adminKey: key,
            openLocal: () =>
              Promise.resolve({
                fetch: (request) => api.fetch(request),
                adminKey: key,
                [Symbol.asyncDispose]: () => Promise.resolve(),
              }),
          }),
        write: (line) => lines.push(line),
      },
      (line) => complaints.push(line),
    )
    return { code, out: lines.join('\n'), complaints: complaints.join('\n') }
  }
  return {
    ...out,
    id,
    ask,
    run,
    workspaceId,
    [Symbol.asyncDispose]: () => out[Symbol.asyncDispose](),
  }
}

const everything = `
  officer: explanation { audience text sentences { part check code article params { name value } } }
  integrator: explanation(audience: INTEGRATOR) { text }
  person: explanation(audience: SUBJECT) { text }
  replay { answer text obstacle differences { where } recordedBy replayedBy }
  wouldFlip { to text without sets { changes { code by text params { name value } } } }
`

test('tells an officer why, that the same would be decided again, and what would turn it round', async () => {
  await using world = await open()
  const { key } = await world.app.principal('officer')
  const told = await world.ask(key, everything)
  expect(told.officer.audience).toBe('OFFICER')
  expect(told.officer.text).toMatch(
    /Consent \S+: withdrawn on \d{4}-\d\d-\d\d for marketing.promotion by webhook\./,
  )
  expect(told.officer.sentences).toContainEqual(
    expect.objectContaining({
      check: 'lawful_basis',
      code: 'consent_withdrawn',
      article: 'Art. 7(3) GDPR',
    }),
  )
  expect(told.integrator.text).toContain('Do not propose marketing.promotion by webhook')
  expect(told.person.text).toContain(
    'We did not use your data to send offers, by another system. You withdrew',
  )
  expect(told.replay).toMatchObject({ answer: 'SAME', obstacle: null, differences: [] })
  expect(told.wouldFlip).toMatchObject({
    to: 'ALLOW',
    without: null,
    sets: [{ changes: [{ code: 'grant_consent', by: 'subject' }] }],
  })
})

test('tells what would have an allowed act refused', async () => {
  await using world = await open('granted')
  const { key } = await world.app.principal('officer')
  const { wouldFlip } = await world.ask(key, everything)
  expect(wouldFlip).toMatchObject({ to: 'REFUSE' })
  expect(wouldFlip.sets[0].changes).toMatchObject([{ code: 'withdraw_consent' }])
})

test('tells nothing of entries and rules to who may see neither', async () => {
  await using world = await open('granted')
  const { tests: _, ...document } = shippedPolicy().document
  const hidden = new Set(['Consent', 'Policy'])
  const rules = document.rules.filter(
    ({ action, subject }) => action !== 'read' || !hidden.has(subject),
  )
  await activatePolicy(world.app, { ...document, rules }, 2)
  world.app.board.signals.send('policy')
  const { key } = await world.app.principal('officer')
  const told = await world.ask(key, everything)
  expect(told.officer.text).toMatch(/It rests on the ledger entry \S+\./)
  const said = JSON.stringify(told)
  expect(said).not.toContain('granted on')
  expect(said).not.toContain('may leave by every channel')
  expect(told.replay.answer).toBe('SAME')
})

test('tells nothing at all to who may not read decisions', async () => {
  await using world = await open()
  const { key } = await world.app.principal('metrics')
  expect(await world.ask(key, everything)).toBeNull()
})

test('a command explains a decision to people, and to programs', async () => {
  await using world = await open()
  const { key } = await world.app.principal('officer')
  const { out } = await world.run(key, 'decision', 'explain', world.id)
  expect(out).toContain('(Art. 7(3) GDPR)')
  expect(out).toContain('the decision is the same in every word.')
  expect(out).toContain('It would be allowed if one thing were otherwise.')
  const person = await world.run(key, 'decision', 'explain', world.id, '--for', 'subject')
  expect(person.out).toContain('You withdrew your consent.')
  const json = await world.run(key, 'decision', 'explain', world.id, '--json')
  expect(JSON.parse(json.out)).toMatchObject({ outcome: 'REFUSE', replay: { answer: 'SAME' } })
  const wrong = await world.run(key, 'decision', 'explain', world.id, '--for', 'everybody')
  expect(wrong).toMatchObject({
    code: 1,
    complaints: expect.stringContaining('officer, integrator or subject'),
  })
})

test('a command makes a decision again, and fails when the answer is another', async () => {
  await using world = await open()
  const { key } = await world.app.principal('auditor')
  const same = await world.run(key, 'replay', world.id)
  expect(same).toMatchObject({ code: 0, out: expect.stringContaining('the same in every word') })
  await world.app.sql`update decision set reason = 'no_consent'`
  const other = await world.run(key, 'replay', world.id)
  expect(other).toMatchObject({ code: 1, complaints: expect.stringContaining('audit verify') })
  expect(other.out).toContain('reason: "no_consent" was recorded, "consent_withdrawn" now')
})
