import { expect, test } from 'vitest'
import { openCli } from '../../support/cli.ts'

test('conflicts are listed for people and programs, and settled by the word of one', async () => {
  await using cli = await openCli()
  await cli.profile({ id: '01A', identifiers: { user_id: 'u1' }, traits: { tier: 'gold' } })
  for (const [id, state, rule] of [
    ['1', 'settled', 'latest'],
    ['2', 'open', 'escalate'],
  ] as const) {
    await cli.sql`
      insert into trait_conflict (workspace_id, profile_id, id, trait, rule, winner_kind, winner, loser, value, stood,
        confidence, winner_confidence, revision, state, found_at, at)
      values (${cli.workspaceId}, '01A', ${id}, 'tier', ${rule}, 'agent', 'a/a', 'b/b', '"silver"', '"gold"', 1, 1, 1,
        ${state}, now(), now())`
  }
  const listed: { id: string; loser: { id: string } }[] = JSON.parse(
    (await cli.run('conflict', 'list', '--json')).out,
  )
  expect(listed.map(({ loser }) => loser.id)).toEqual(['b/b', 'b/b'])
  const [open] = listed
  const waiting = (await cli.run('conflict', 'list', '--state', 'open', '--agent', 'a/a')).out
  expect(waiting).toMatch(/tier +escalate +open +b\/b/)
  expect((await cli.run('conflict', 'list', '--trait', 'plan')).out).toMatch(/None yet/)
  expect((await cli.run('conflict', 'resolve', open?.id ?? '')).complaints).toMatch(
    /--keep or --take/,
  )
  const taken = await cli.run('conflict', 'resolve', open?.id ?? '', '--take', '--json')
  expect(JSON.parse(taken.out)).toMatchObject({ state: 'settled', resolution: 'taken' })
  const [row] = await cli.sql`select traits ->> 'tier' as tier from profile where id = '01A'`
  expect(row?.['tier']).toBe('silver')
  const again = await cli.run('conflict', 'resolve', open?.id ?? '', '--keep')
  expect(again.complaints).toMatch(/settled already.*slateboard conflict list --state settled/)
})
