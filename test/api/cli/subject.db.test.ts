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

test('says what a person is written like, and whose command it is', async () => {
  await using cli = await open()
  expect((await cli.officer('subject', 'access', 'ada')).complaints).toMatch(/namespace=value/)
  const app = await cli.principal('app')
  const refused = await cli.as(app.key)('subject', 'status')
  expect(refused).toMatchObject({ code: 1, complaints: expect.stringMatching(/read SubjectReq/) })
})
