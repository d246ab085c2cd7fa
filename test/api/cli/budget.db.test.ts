import { expect, test } from 'vitest'
import { openCli } from '../../support/cli.ts'

test('sets a budget, lists what is left of it and what was booked; who may not is refused', async () => {
  await using cli = await openCli()
  const set = ['budget', 'set', 'media', '--cap', '500', '--unit', 'EUR cent']
  expect((await cli.run(...set)).out).toMatch(/\nmedia +EUR cent +500 +0 +500 +-/)
  await cli.sql`
    insert into budget_entry (workspace_id, budget, kind, amount, reference, by, at)
    values (${cli.workspaceId}, 'media', 'spend', 20, 'activation:1', 'agent:x/y', now())`
  await cli.sql`update budget set spent = 20`
  expect(JSON.parse((await cli.run('budget', 'list', '--json')).out)).toMatchObject([{ left: 480 }])
  expect((await cli.run('budget', 'entries', 'media')).out).toMatch(/\nspend +20 +activation:1/)
  const low = await cli.run('budget', 'set', 'media', '--cap', '5', '--unit', 'EUR cent')
  expect([low.code, low.complaints]).toEqual([1, expect.stringContaining('has 20 spent')])
  expect((await cli.run('budget', 'entries', 'none')).complaints).toContain('no budget none')
  const shop = cli.as((await cli.principal('app')).key)
  for (const args of [set, ['budget', 'list']]) {
    const { code, complaints } = await shop(...args)
    expect([code, complaints]).toEqual([1, expect.stringContaining('Budget')])
  }
})
