import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCli } from '../../support/cli.ts'

async function open() {
  const cli = await openCli()
  const officer = await cli.principal('officer')
  await cli.sql`
    insert into trait_definition (workspace_id, key, data_class, registered, created_at)
    values (${cli.workspaceId}, 'shoe_size', 'pseudonymous', false, now()),
      (${cli.workspaceId}, 'plan', 'none', true, now())`
  return { ...cli, officer: cli.as(officer.key) }
}

test('lists what nobody has classified, defines it, and shows it with its history', async () => {
  await using cli = await open()
  const { officer } = cli
  const waiting = await officer('trait', 'list', '--unclassified')
  expect(waiting.out).toMatch(/^trait +class.*\nshoe_size +pseudonymous\?/)
  expect(waiting.out).not.toContain('plan')
  const shown = await officer('trait', 'show', 'shoe_size', '--json')
  const file = join(cli.dataDir, 'shoe_size.json')
  const edited = { ...JSON.parse(shown.out), dataClass: 'sensitive', purposes: ['service'] }
  writeFileSync(file, JSON.stringify(edited))
  const defined = await officer('trait', 'define', file, '--reason', 'Tells of health.')
  expect(defined).toMatchObject({ code: 0 })
  expect(defined.out).toMatch(/\nshoe_size +sensitive +service +- +2 /)
  const after = await officer('trait', 'show', 'shoe_size')
  expect(after.out).toMatch(/\n2 +sensitive +principal:\S+ +Tells of health\./)
  expect((await officer('trait', 'list', '--unclassified')).out).toBe('None yet.')
  expect((await officer('trait', 'list')).out).toMatch(/\nplan +none/)
})

test('takes the definition as JSON on the line, and tells what is wrong with it', async () => {
  await using cli = await open()
  const { officer } = cli
  const define = (definition: object) =>
    officer('trait', 'define', JSON.stringify(definition), '--reason', 'for the test')
  const plan = { key: 'plan', version: 1, dataClass: 'none' }
  expect(await define({ ...plan, schema: { enum: ['free', 'pro'] } })).toMatchObject({ code: 0 })
  for (const [definition, complaint] of [
    [plan, /plan is at version 2, and the change was made to 1.*slateboard trait show/],
    [{ ...plan, version: 2, schema: { pattern: 'a' } }, /input\.schema is not usable: pattern/],
    [{ ...plan, clas: 'none' }, /clas is not usable: a definition has no such key/],
    [{ ...plan, version: 2, purposes: ['markting'] }, /there is no purpose markting; there are/],
  ] as const) {
    const { code, complaints } = await define(definition)
    expect(complaints).toMatch(complaint)
    expect(code).toBe(1)
  }
  expect(await officer('trait', 'define', '{oops')).toMatchObject({
    code: 1,
    complaints: expect.stringContaining('it is not JSON'),
  })
  expect(await officer('trait', 'show', 'nothing')).toMatchObject({ code: 1 })
})

test('refuses who may not define traits', async () => {
  await using cli = await open()
  const operator = cli.as((await cli.principal('operator')).key)
  expect(await operator('trait', 'list')).toMatchObject({ code: 0 })
  const given = JSON.stringify({ key: 'plan', version: 1, dataClass: 'none' })
  expect(await operator('trait', 'define', given, '--reason', 'a try')).toMatchObject({
    code: 1,
    complaints: expect.stringContaining('may not administer TraitDefinition'),
  })
})
