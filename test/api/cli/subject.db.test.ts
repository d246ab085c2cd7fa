import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openCli } from '../../support/cli.ts'
import { unzip } from '../../support/unzip.ts'

async function open() {
  const cli = await openCli()
  await cli.profile({
    id: '01A',
    traits: { plan: 'pro' },
    sealed: { email: 'ada@canary.test' },
    identifiers: { user_id: 'ada', email: 'ada@canary.test' },
  })
  const officer = await cli.principal('officer')
  return { ...cli, officer: cli.as(officer.key) }
}

const requestsSchema = z.array(z.object({ id: z.string(), state: z.string() }))
const firstOf = (out: string) => requestsSchema.parse(JSON.parse(out))[0] ?? { id: '', state: '' }

test('opens a request, lists it with its due date, and answers it once the person is known', async () => {
  await using cli = await open()
  const { officer } = cli
  const opened = await officer('subject', 'access', 'user_id=ada', '--json')
  const { id, state } = firstOf(opened.out)
  expect(state).toBe('received')
  expect((await officer('subject', 'status')).out).toMatch(
    /^request +kind +state +due.*\n\S+ +access +received +2026-12-06T/,
  )
  const file = join(cli.dataDir, 'ada.zip')
  const early = await officer('subject', 'package', id, '--file', file)
  expect(early).toMatchObject({ code: 1, complaints: expect.stringMatching(/known as: none/) })
  await officer('subject', 'verify', id, '--method', 'email_link')
  await officer('subject', 'refuse', id, '--part', 'requests', '--reason', 'claim_not_covered')
  expect((await officer('subject', 'package', id, '--file', file)).out).toMatch(/bytes written/)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(unzip(readFileSync(file)).get('traits.json')).toMatch(/ada@canary\.test/)
  const again = await officer('subject', 'package', id, '--file', file)
  expect(again.code).toBe(1)
  const done = await officer('subject', 'complete', id, '--json')
  expect(firstOf(done.out).state).toBe('partially_completed')
  const shown = await officer('subject', 'status', id)
  expect(shown.out).toMatch(/opened +received.*\n.*verified +in_progress.*\n.*part_refused/)
})

test('with the proof at hand one command answers: access, portability, objection, restriction, erasure', async () => {
  await using cli = await open()
  const { officer } = cli
  const known = ['--verified-by', 'document', '--json']
  const file = join(cli.dataDir, 'ada-portable.zip')
  const portable = ['--portable', '--file', file]
  const commands = [
    ['access', 'email=ada@canary.test', ...portable],
    ['object', 'user_id=ada', '--purpose', 'marketing'],
    ['rectify', 'user_id=ada', '--set', 'plan=free', 'size=38'],
    ['restrict', 'user_id=ada'],
    ['erase', 'user_id=ada', '--reason', 'unlawful'],
  ]
  for (const command of commands) {
    const done = await officer('subject', ...command, ...known)
    expect([command[0], done.complaints, firstOf(done.out).state]).toEqual([
      command[0],
      '',
      'completed',
    ])
  }
  expect(unzip(readFileSync(file)).has('decisions.json')).toBe(false)
  const status = await officer('subject', 'status', '--json')
  expect(status.out).not.toMatch(/canary/)
  const nobody = await officer('subject', 'access', 'user_id=ada', '--json')
  expect(firstOf(nobody.out).state).toBe('received')
})

test('puts right what somebody is known by, and keeps what a law demands until it ends', async () => {
  await using cli = await open()
  const { officer } = cli
  const known = ['--verified-by', 'document', '--json']
  const right = ['--wrong', 'email=ada@canary.test', '--right', 'email=right@canary.test']
  const malformed = await officer('subject', 'rectify', 'user_id=ada', ...known, '--wrong', 'ada')
  expect(malformed.complaints).toMatch(/--wrong.*namespace=value/)
  // The fixture has no evidence of how the two belong together.
  const joins = await officer('subject', 'rectify', 'user_id=ada', ...right, ...known)
  expect(joins.complaints).toMatch(/Without the wrong email/)
  const added = await officer('subject', 'rectify', 'user_id=ada', ...right.slice(2), ...known)
  expect([added.complaints, firstOf(added.out).state]).toEqual(['', 'completed'])
  const keep = ['--keep', 'plan', '--because', 'legal_obligation']
  const alone = await officer('subject', 'erase', 'user_id=ada', ...known, ...keep.slice(0, 2))
  expect(alone.complaints).toMatch(/--keep and --because/)
  const erased = await officer('subject', 'erase', 'email=right@canary.test', ...known, ...keep)
  expect([erased.complaints, firstOf(erased.out).state]).toEqual(['', 'partially_completed'])
  const file = join(cli.dataDir, 'kept.zip')
  await officer('subject', 'access', 'user_id=ada', '--file', file, ...known)
  expect(unzip(readFileSync(file)).get('traits.json')).toMatch(/"plan".*"pro".*"kept"/)
  const { id } = firstOf(erased.out)
  expect((await officer('subject', 'end', id, '--part', 'trait:other')).code).toBe(1)
  expect((await officer('subject', 'end', id)).complaints).toBe('')
  const status = await officer('subject', 'status', id)
  expect(status.out).toMatch(/retention_ended +partially_completed/)
})

test('a conclusion of an agent is contested, overturned and pinned, and may be drawn again once that is lifted', async () => {
  await using cli = await open()
  const { officer, sql } = cli
  const by = { author: { kind: 'agent', id: 'tour/tour' }, confidence: 1, revision: 1 }
  const provenance = JSON.stringify({ plan: { ...by, writtenAt: '2026-11-01T00:00:00Z' } })
  await sql`update profile set provenance = ${provenance}::text::jsonb where id = '01A'`
  const contested = await officer(
    'subject',
    'contest',
    'user_id=ada',
    '--trait',
    'plan',
    '--verified-by',
    'login',
    '--json',
  )
  const { id } = firstOf(contested.out)
  expect(contested.complaints).toBe('')
  const both = await officer('subject', 'review', id, '--uphold', 'accurate', '--overturn')
  expect(both.complaints).toMatch(/either --uphold or --overturn/)
  const early = await officer('subject', 'unpin', id)
  expect(early).toMatchObject({ code: 1, out: '' })
  const reviewed = await officer('subject', 'review', id, '--overturn', 'gold', '--json')
  expect([reviewed.complaints, firstOf(reviewed.out).state]).toEqual(['', 'in_progress'])
  const answered = await officer('subject', 'complete', id, '--json')
  expect([answered.complaints, firstOf(answered.out).state]).toEqual(['', 'completed'])
  const pinned = async () => {
    const [row] = await sql<{ plan: unknown; pinned: string | null }[]>`
      select traits -> 'plan' as plan, provenance -> 'plan' ->> 'pinned' as pinned
      from profile where id = '01A'`
    return row
  }
  expect(await pinned()).toEqual({ plan: 'gold', pinned: expect.any(String) })
  expect((await officer('subject', 'unpin', id)).complaints).toBe('')
  expect(await pinned()).toEqual({ plan: 'gold', pinned: null })
  expect((await officer('subject', 'status', id)).out).toMatch(/reviewed/)
})

test('an objection is taken back by who is known by more than their word', async () => {
  await using cli = await open()
  const { officer } = cli
  const known = ['--verified-by', 'document']
  const objecting = ['--purpose', 'marketing', ...known, '--json']
  const { id } = firstOf((await officer('subject', 'object', 'user_id=ada', ...objecting)).out)
  const claimed = await officer('subject', 'take-back', id, ...known, '--level', 'asserted')
  expect(claimed).toMatchObject({ code: 1, out: '' })
  expect((await officer('subject', 'take-back', id, ...known)).complaints).toBe('')
  const again = await officer('subject', 'take-back', id, ...known)
  expect(again).toMatchObject({ code: 1, out: '' })
})

test('says what a person is written like, and whose command it is', async () => {
  await using cli = await open()
  expect((await cli.officer('subject', 'access', 'ada')).complaints).toMatch(/namespace=value/)
  const app = await cli.principal('app')
  const refused = await cli.as(app.key)('subject', 'status')
  expect(refused).toMatchObject({ code: 1, complaints: expect.stringMatching(/read SubjectReq/) })
})
