import { expect, test } from 'vitest'
import { openCli } from '../../support/cli.ts'

test('intents are listed for people and programs, and chosen between by the word of one', async () => {
  await using cli = await openCli()
  await cli.profile({ id: '01A', identifiers: { user_id: 'u1' } })
  for (const [id, state, agent, direction] of [
    ['1', 'carried', 'a/a', 'up'],
    ['2', 'conflicted', 'a/a', 'up'],
    ['3', 'conflicted', 'b/b', 'down'],
  ] as const) {
    await cli.sql`
      insert into intent (workspace_id, profile_id, id, agent, kind, resource, direction, state, cause, hop, trail,
        announced_at, closes_at, ended_at)
      values (${cli.workspaceId}, '01A', ${id}, ${agent}, 'spend', 'channel:email', ${direction}, ${state}, 'm:x', 0,
        '', now(), now(), case when ${state}::text = 'carried' then now() end)`
  }
  const listed: { id: string; agent: { id: string } }[] = JSON.parse(
    (await cli.run('intent', 'list', '--json')).out,
  )
  expect(listed.map(({ agent }) => agent.id)).toEqual(['b/b', 'a/a', 'a/a'])
  const waiting = (await cli.run('intent', 'list', '--state', 'conflicted', '--kind', 'spend')).out
  expect(waiting).toMatch(/b\/b +spend +channel:email +down +conflicted/)
  expect((await cli.run('intent', 'list', '--agent', 'c/c')).out).toMatch(/None yet/)
  const [one] = listed
  const both = await cli.run('intent', 'resolve', one?.id ?? '', '--carry', '--drop')
  expect(both.complaints).toMatch(/--carry or --drop/)
  const dropped = await cli.run('intent', 'resolve', one?.id ?? '', '--drop', '--json')
  expect(JSON.parse(dropped.out)).toMatchObject({ state: 'lapsed' })
  const again = await cli.run('intent', 'resolve', one?.id ?? '', '--carry')
  expect(again.complaints).toMatch(/is lapsed; a person decides only between such as are opposed/)
})
