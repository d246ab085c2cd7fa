import { expect, test } from 'vitest'
import { signer } from '../../support/signer.ts'
import { webhookSecret } from '../../../core/flow/channel/signature.ts'
import { openCli } from '../../support/cli.ts'

async function open() {
  const cli = await openCli()
  await cli.profile({ id: '01A', identifiers: { user_id: 'u1' } })
  for (const [id, state, attempts] of [
    ['1', 'acknowledged', 1],
    ['2', 'failed', 60],
    ['3', 'pending', 1],
  ] as const) {
    await cli.sql`
      insert into follow_up (workspace_id, profile_id, id, kind, purpose, channel, destination,
        activation_ids, reason, state, asked_at, due_at, attempts, last_error, updated_at, ended_at)
      values (${cli.workspaceId}, '01A', ${id}, 'erasure', null, 'webhook', 'https://shop.example/hook', '{}',
        'test', ${state}, now(), now(), ${attempts}, 'http_503', now(),
        case when ${state}::text = 'pending' then null else now() end)`
  }
  return cli
}

test('follow-ups are listed for people and programs, and the overdue ones tried again', async () => {
  await using cli = await open()
  const all: { id: string; state: string }[] = JSON.parse(
    (await cli.run('follow-up', 'list', '--json')).out,
  )
  expect(all.map(({ state }) => state)).toEqual(['pending', 'failed', 'acknowledged'])
  const overdue = await cli.run('follow-up', 'list', '--overdue')
  expect(overdue.out).toMatch(/^followUp .*\n\S+ +erasure +failed +webhook .* http_503 +-$/)
  expect((await cli.run('follow-up', 'list', '--state', 'pending')).out).toMatch(/ pending /)
  const [, failed, taken] = all
  const retried = await cli.run('follow-up', 'retry', failed?.id ?? '', '--json')
  expect(JSON.parse(retried.out)).toMatchObject({ state: 'pending', attempts: 5 })
  const refused = await cli.run('follow-up', 'retry', taken?.id ?? '')
  expect([refused.code, refused.complaints]).toEqual([
    1,
    'The follow-up is acknowledged, so there is nothing to try again. List those that are not taken with: slateboard follow-up list --overdue',
  ])
  const mistaken = await cli.run('follow-up', 'list', '--state', 'gone')
  expect([mistaken.code, mistaken.complaints]).toEqual([
    2,
    expect.stringContaining('not_supported'),
  ])
})

test('the secret of a destination is given to administrators, and that goes on record', async () => {
  await using cli = await open()
  const url = 'https://shop.example/hook?person=1'
  const { out } = await cli.run('webhook', 'secret', url)
  expect(out).toBe(webhookSecret(cli.board.vault, cli.workspaceId, url)?.secret)
  expect(out).not.toBe(webhookSecret(signer.vault, cli.workspaceId, url)?.secret)
  const told: unknown = JSON.parse((await cli.run('webhook', 'secret', url, '--json')).out)
  expect(told).toEqual({ place: 'https://shop.example/hook', secret: out })
  const entries =
    await cli.sql`select actor, object, payload from audit_inbox where action = 'webhook.reveal'`
  const entry = { actor: `principal:${cli.admin.id}`, object: 'webhook:shop.example', payload: {} }
  expect(entries).toEqual([entry, entry])
})

test('and to nobody else, nor for what is no address (refused)', async () => {
  await using cli = await open()
  for (const role of ['officer', 'app', 'operator', 'auditor'] as const) {
    const other = cli.as((await cli.principal(role)).key)
    const { code, out, complaints } = await other('webhook', 'secret', 'https://shop.example/hook')
    expect([code, out, complaints]).toEqual([
      1,
      '',
      expect.stringContaining('administer Principal'),
    ])
  }
  const { code, complaints } = await cli.run('webhook', 'secret', 'ftp://shop.example/')
  expect([code, complaints]).toEqual([1, expect.stringContaining('input.destination')])
})
