import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PolicyDocument } from '../../../core/model/policy.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { openCli } from '../../support/cli.ts'
import { narrower, wider } from '../../support/office.ts'

/** Two officers at their terminals. */
async function open() {
  const cli = await openCli()
  const [one, two] = await Promise.all([cli.principal('officer'), cli.principal('officer')])
  const write = (document: PolicyDocument): string => {
    const file = join(cli.dataDir, 'policy.json')
    writeFileSync(file, JSON.stringify(document))
    return file
  }
  return { ...cli, author: cli.as(one.key), other: cli.as(two.key), write }
}

test('takes a file from proposal to force and back, each step by who may take it', async () => {
  await using cli = await open()
  const { author, other } = cli
  const file = cli.write(narrower)
  const proposed = await author('policy', 'propose', file, '--reason', 'Less for apps.', '--json')
  expect(JSON.parse(proposed.out)).toMatchObject([
    { number: 2, status: 'proposed', widens: false, approvals: '0 of 1' },
  ])
  expect(await author('policy', 'activate', '2')).toMatchObject({
    code: 1,
    complaints: expect.stringMatching(/has 0 of the 1 approvals.*slateboard policy approve 2/),
  })
  expect(await author('policy', 'approve', '2')).toMatchObject({
    code: 1,
    complaints: expect.stringContaining('who cannot approve it. Ask somebody else'),
  })
  expect(await other('policy', 'shadow', '2')).toMatchObject({ code: 0 })
  expect(await other('policy', 'approve', '2', '--comment', 'Fine.')).toMatchObject({ code: 0 })
  expect((await author('policy', 'activate', '2')).out).toMatch(/^number +status.*\n2 +active/)
  const listed = await author('policy', 'list', '--json')
  expect(JSON.parse(listed.out)).toMatchObject([
    { number: 2, status: 'active', approvals: '1 of 1' },
    { number: 1, status: 'retired' },
  ])
  const back = await author('policy', 'rollback', '--reason', 'Apps complain.')
  expect(back.out).toMatch(/\n1 +active/)
})

test('drafts, proposes by number, withdraws, and breaks the glass', async () => {
  await using cli = await open()
  const { author } = cli
  const file = cli.write(wider)
  expect((await author('policy', 'draft', file, '--reason', 'A try.')).out).toMatch(/\n2 +draft/)
  expect((await author('policy', 'propose', '2')).out).toMatch(/\n2 +proposed .* true +0 of 2/)
  const broken = await author(
    'policy',
    'activate',
    '2',
    '--break-glass',
    'It burns.',
    '--hours',
    '2',
  )
  expect(broken.out).toMatch(/\n2 +active/)
  expect((await author('policy', 'propose', file, '--reason', 'Again.')).out).toMatch(
    /\n3 +proposed/,
  )
  expect((await author('policy', 'withdraw', '3')).out).toMatch(/\n3 +retired/)
})

test('says what is wrong with what was typed', async () => {
  await using cli = await open()
  const { author } = cli
  const file = cli.write(narrower)
  const cases: [string[], string][] = [
    [['propose', file], 'say why'],
    [['propose', 'nowhere.json', '--reason', 'x'], 'no file of that name'],
    [['approve', 'two'], 'not the number of a version'],
    [['approve', '7'], 'There is no policy version 7. See which there are'],
    [['activate', '1', '--break-glass', 'x', '--hours', '48'], 'number from 1 to 24'],
  ]
  for (const [args, words] of cases) {
    const refused = await author('policy', ...args)
    expect(refused).toMatchObject({ code: 1, complaints: expect.stringContaining(words) })
  }
  expect(await author('policy', 'rollback')).toMatchObject({ code: 2 })
})

test('exports a version as it was written, and the one in force unless a number is given', async () => {
  await using cli = await open()
  const { author, other } = cli
  await author('policy', 'propose', cli.write(narrower), '--reason', 'x')
  const exported = async (...args: string[]) =>
    JSON.parse((await author('policy', 'export', ...args)).out).title
  expect(await exported()).toBe('Shipped policies')
  expect(await exported('2')).toBe('Narrower')
  await other('policy', 'approve', '2')
  await other('policy', 'activate', '2')
  expect(await exported()).toBe('Narrower')
  expect(await author('policy', 'export', '9')).toMatchObject({
    code: 1,
    complaints: expect.stringContaining('no policy version 9'),
  })
})

test('tests a file without a server, tells each wrong cell, and what no table tries', async () => {
  await using cli = await open()
  const { document } = shippedPolicy()
  const green = await cli.run('policy', 'test', cli.write(document))
  expect(green).toMatchObject({ code: 0, complaints: '' })
  expect(green.out).toMatch(/^(\d+) of \1 tables are passed, \d+ combinations looked at\.$/)
  expect(cli.opened).toHaveLength(0)
  const { tests = [] } = document
  const red = await cli.run('policy', 'test', cli.write({ ...narrower, tests }))
  expect(red).toMatchObject({
    code: 1,
    complaints: expect.stringContaining('Table reading, app service contact: wanted allow'),
  })
  expect(red.out.split('\n')[1]).toBe(
    '  reading: app service contact: wanted allow, got refuse (no_rule), decided by no rule',
  )
  const untried = await cli.run('policy', 'test', cli.write(narrower), '--json')
  expect(JSON.parse(untried.out)).toMatchObject({
    tables: 0,
    uncovered: narrower.rules.map(({ id }) => id),
  })
  expect((await cli.author('policy', 'test', '1')).out).toMatch(/tables are passed/)
  expect(await cli.author('policy', 'test', '9')).toMatchObject({ code: 1 })
})

test('tells the difference in words, of a file and of versions', async () => {
  await using cli = await open()
  const { author } = cli
  const file = cli.write(narrower)
  const lost = '  Apps may no longer read contact data for service.'
  const before = await author('policy', 'diff', file)
  const lines = before.out.split('\n')
  expect([...lines.slice(0, 6), lines.at(-1)]).toEqual([
    'Who may do what:',
    lost,
    'Rules:',
    expect.stringMatching(/^ {2}Removed app-reads-contact-for-service: Apps see names/),
    'Tests:',
    expect.stringMatching(/^ {2}Removed table complaint-open: /),
    'Nobody may do more than before: one other than the author has to approve it.',
  ])
  await author('policy', 'propose', file, '--reason', 'x')
  expect((await author('policy', 'diff', '2')).out).toContain(lost)
  expect((await author('policy', 'diff', '1', '2')).out).toContain(
    'Somebody may do more than before',
  )
  expect((await author('policy', 'diff', '2', '2')).out).toBe('Nothing changes.')
  expect(JSON.parse((await author('policy', 'diff', '2', '--json')).out)).toMatchObject({
    widens: false,
    access: [lost.trim()],
  })
  expect(await author('policy', 'diff', '2', '9')).toMatchObject({
    code: 1,
    complaints: expect.stringContaining('no policy version 9'),
  })
})
