import { expect, test } from 'vitest'
import { listHistories, listSubjectRequests } from '../../../core/read/listSubjectRequests.ts'
import {
  acknowledgeRequest,
  cancelRequest,
  completeRequest,
  extendRequest,
  refuseRequestPart,
  verifySubject,
} from '../../../core/subject/handleRequest.ts'
import { openRequest } from '../../../core/subject/openRequest.ts'
import { identify } from '../../support/app.ts'
import { openDesk } from '../../support/requests.ts'

test('a request is due by the law of the place where the person is, and has its history (Art. 12(3))', async () => {
  await using desk = await openDesk()
  await desk.send(identify('ada', { email: 'ada@canary.test' }))
  const id = await desk.profileOf('ada')
  await desk.sql`
    insert into legal_state (workspace_id, profile_id, jurisdiction, updated_at)
    values (${desk.workspaceId}, ${id}, 'DE', now())
    on conflict (workspace_id, profile_id) do update set jurisdiction = 'DE'`
  const request = await desk.ask('ada', 'access')
  expect(request).toMatchObject({
    state: 'received',
    profileIds: [id],
    regulation: 'gdpr',
    dueAt: new Date('2026-02-15T10:00:00Z'),
    verification: 'none',
  })
  const { officer } = desk
  await acknowledgeRequest(officer, request.id)
  await verifySubject(officer, { id: request.id, level: 'verified', method: 'email_link' })
  const extended = await extendRequest(officer, { id: request.id, reason: 'complexity' })
  expect(extended.dueAt).toEqual(new Date('2026-04-15T10:00:00Z'))
  await refuseRequestPart(officer, { id: request.id, part: 'all', reason: 'too_many_requests' })
  expect(await desk.acts(request.id)).toEqual([
    'opened',
    'acknowledged',
    'verified',
    'extended',
    'refused',
  ])
  const [history] = await listHistories(officer, [request.id])
  expect(history?.map(({ state }) => state)).toEqual([
    'received',
    'identity_unverified',
    'in_progress',
    'in_progress',
    'refused',
  ])
  const { items } = await listSubjectRequests(officer, { states: ['refused'] }, {})
  expect(items).toMatchObject([{ id: request.id, refusals: [{ reason: 'too_many_requests' }] }])
  expect(await listSubjectRequests(officer, { kind: 'erasure' }, {})).toMatchObject({ items: [] })
})

test('whom nobody knows is taken in as well, under the strictest clock, and can be told so (Art. 11(2))', async () => {
  await using desk = await openDesk()
  const request = await desk.ask('nobody', 'access')
  expect(request).toMatchObject({ profileIds: [], regulation: 'strictest', jurisdiction: null })
  const refused = { id: request.id, part: 'all', reason: 'no_match' }
  expect(await refuseRequestPart(desk.officer, refused)).toMatchObject({ state: 'refused' })
})

test('what is written about a request tells nothing of who the person is', async () => {
  await using desk = await openDesk()
  await desk.send(identify('ada-canary', { email: 'ada@canary.test' }))
  const request = await openRequest(desk.officer, {
    subject: { namespace: 'email', value: 'ada@canary.test' },
    kind: 'erasure',
  })
  await cancelRequest(desk.officer, { id: request.id, reason: 'taken_back' })
  const [row] = await desk.sql`select * from subject_request where id = ${request.id}`
  const history = await desk.sql`select * from subject_request_event`
  const written = JSON.stringify([row, history, await desk.audited()])
  expect(row?.['profile_ids']).toEqual([await desk.profileOf('ada-canary')])
  expect(written).not.toMatch(/canary/)
})

test('apps take requests in on a person’s word; that they are who they say is for officers', async () => {
  await using desk = await openDesk()
  await desk.send(identify('ada'))
  const app = await desk.reader('app')
  const given = { subject: { namespace: 'user_id', value: 'ada' }, kind: 'access' }
  const open = (level: string) =>
    openRequest(app, { ...given, verification: { level, method: 'login' } })
  expect(await open('asserted')).toMatchObject({ state: 'identity_unverified' })
  await expect(open('verified')).rejects.toMatchObject({ code: 'forbidden' })
  const { id } = await openRequest(app, given)
  for (const act of [
    () => verifySubject(app, { id, level: 'verified', method: 'login' }),
    () => completeRequest(app, id),
    () => refuseRequestPart(app, { id, part: 'all', reason: 'no_match' }),
    () => listSubjectRequests(app, {}, {}),
  ]) {
    await expect(act()).rejects.toMatchObject({ code: 'forbidden' })
  }
  const auditor = await desk.reader('auditor')
  expect((await listSubjectRequests(auditor, {}, {})).items).toHaveLength(2)
  await expect(openRequest(auditor, given)).rejects.toMatchObject({ code: 'forbidden' })
})

test.each([
  [{ kind: 'objection' }, /names the purpose/],
  [{ kind: 'access', purpose: 'marketing' }, /only it does/],
  [{ kind: 'automated_decision_review' }, /names the decision/],
  [{ kind: 'divination' }, /input\.kind/],
])('a request that says %o is refused', async (more, reason) => {
  await using desk = await openDesk()
  await expect(desk.ask('ada', more.kind, more)).rejects.toThrow(reason)
})

test('of two officers who end a request at the same moment one is too late', async () => {
  await using desk = await openDesk()
  await desk.send(identify('ada'))
  const { id } = await desk.ask('ada', 'access')
  const results = await Promise.allSettled([
    cancelRequest(desk.officer, { id, reason: 'taken_back' }),
    refuseRequestPart(desk.officer, { id, part: 'all', reason: 'no_match' }),
    cancelRequest(desk.officer, { id, reason: 'duplicate' }),
  ])
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await desk.acts(id)).toHaveLength(2)
})
