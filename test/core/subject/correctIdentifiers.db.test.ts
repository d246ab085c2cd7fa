import { expect, test } from 'vitest'
import { openSealed, placeKey } from '../../../core/openSealed.ts'
import { createIntake } from '../../../core/flow/ingest/intake.ts'
import type { IncomingEvent } from '../../../core/model/event.ts'
import { completeRequest } from '../../../core/subject/handleRequest.ts'
import { rectifySubject } from '../../../core/subject/rectify.ts'
import { identify, track } from '../../support/app.ts'
import { openDesk } from '../../support/requests.ts'
import { findTexts } from '../../support/scan.ts'
import { erase } from './given.ts'

type Desk = Awaited<ReturnType<typeof openDesk>>

const wrongMail = 'other@canary.test'
const rightMail = 'ada@canary.test'
const email = (value: string) => ({ namespace: 'email', value })
const cookie = (value: string) => ({ namespace: 'anonymous_id', value })
const user = (value: string) => ({ namespace: 'user_id', value })

/** An event of whoever the identifiers name, strongest first. */
const seen = (name: string, ...identifiers: IncomingEvent['identifiers']): IncomingEvent => ({
  ...track('x', name),
  identifiers,
})

async function rectify(desk: Desk, who: string, correction: object) {
  const { id } = await desk.ask(who, 'rectification', {}, 'verified')
  return rectifySubject(desk.officer, { id, ...correction })
}

/** The person whom an identifier names, and the values that they are known by. */
async function knownBy(desk: Desk, id: string): Promise<string[]> {
  const rows = await desk.sql<
    { home: string; namespace: string; hash: string; value: string | null }[]
  >`
    select i.profile_id as home, i.namespace, i.hash, i.value from identifier i
    join profile p on p.id = i.profile_id where p.canonical_id = ${id}`
  const placed = rows.map((row) => ({
    ...row,
    place: { profileId: row.home, key: `identifier/${row.namespace}/${row.hash}` },
  }))
  const opened = await openSealed(
    desk.board,
    desk.workspaceId,
    placed.map(({ place }) => place),
  )
  return placed
    .map(({ namespace, value, place }) => `${namespace} ${value ?? opened.get(placeKey(place))}`)
    .toSorted()
}

/** Whom the holder of an address counts as, by what is in the database. */
async function holderOf(desk: Desk, value: string): Promise<string | undefined> {
  const hash = desk.board.vault.blind(desk.workspaceId, 'identifier/email', value)
  const [row] = await desk.sql<{ id: string }[]>`
    select p.canonical_id as id from identifier i join profile p on p.id = i.profile_id
    where i.hash = ${hash}`
  return row?.id
}

/** Ada, who is known by the address of somebody else. */
async function openAda(): Promise<Desk & { ada: string }> {
  const desk = await openDesk()
  await desk.send(identify('ada', { email: wrongMail, plan: 'free' }))
  return { ...desk, ada: await desk.profileOf('ada') }
}

const swap = { wrongIdentifiers: [email(wrongMail)], rightIdentifiers: [email(rightMail)] }

test('a wrong address is replaced, in the vault, among the traits, and in no log (Art. 16)', async () => {
  await using desk = await openAda()
  const { id } = await desk.ask('ada', 'rectification', {}, 'verified')
  expect(await rectifySubject(desk.officer, { id, ...swap })).toMatchObject({ acts: 1 })
  expect(await knownBy(desk, desk.ada)).toEqual([`email ${rightMail}`, 'user_id ada'])
  expect(await holderOf(desk, rightMail)).toBe(desk.ada)
  expect(await holderOf(desk, wrongMail)).toBeUndefined()
  const place = { profileId: desk.ada, key: 'trait/email' }
  const opened = await openSealed(desk.board, desk.workspaceId, [place])
  expect(opened.get(placeKey(place))).toBe(JSON.stringify(rightMail))
  expect(await findTexts(desk.sql, ['canary'])).toEqual([])
  const edges = await desk.sql`select rule, event_id as cause from edge`
  expect([...edges]).toEqual([{ rule: 'rectification', cause: id }])
  const changes = await desk.sql`
    select key, value, author_kind as by, cause from change where kind = 'identifier' order by id`
  expect([...changes]).toEqual([
    { key: 'email', value: 'taken', by: 'principal', cause: id },
    { key: 'email', value: 'given', by: 'principal', cause: id },
  ])
  expect((await desk.audited()).at(-1)).toMatchObject({
    action: 'subject_request.rectified',
    payload: { traits: ['email'], identifiersTaken: ['email'], identifiersGiven: ['email'] },
  })
  expect(await completeRequest(desk.officer, id)).toMatchObject({ state: 'completed' })
})

test('a wrong identifier is removed alone, and a right one added alone', async () => {
  await using desk = await openAda()
  await rectify(desk, 'ada', { wrongIdentifiers: [email(wrongMail)] })
  expect(await knownBy(desk, desk.ada)).toEqual(['user_id ada'])
  expect(await desk.sql`select from vault where key like 'identifier/%'`).toHaveLength(0)
  const [row] = await desk.sql`select traits, provenance from profile where id = ${desk.ada}`
  expect(row).toMatchObject({ traits: { plan: 'free' }, provenance: { email: { removed: true } } })
  await rectify(desk, 'ada', { rightIdentifiers: [user('ada-2')] })
  expect(await knownBy(desk, desk.ada)).toEqual(['user_id ada', 'user_id ada-2'])
  await desk.send(track('ada-2', 'Order'))
  expect(await desk.profileOf('ada-2')).toBe(desk.ada)
})

test('late events do not bring the wrong address back, and somebody else can have it', async () => {
  await using desk = await openAda()
  await rectify(desk, 'ada', swap)
  const later = { timestamp: new Date(Date.now() + 60_000) }
  // Ada’s own nightly synchronisation still has it; the rest of the event is hers.
  await desk.send(identify('ada', { email: wrongMail, plan: 'pro' }, later))
  expect(await holderOf(desk, wrongMail)).toBeUndefined()
  const [ada] = await desk.sql`select traits, provenance from profile where id = ${desk.ada}`
  expect(ada?.['traits']).toEqual({ plan: 'pro' })
  const place = { profileId: desk.ada, key: 'trait/email' }
  const opened = await openSealed(desk.board, desk.workspaceId, [place])
  expect(opened.get(placeKey(place))).toBe(JSON.stringify(rightMail))
  await desk.send(identify('bob', { email: wrongMail }), seen('Visit', email(wrongMail)))
  const bob = await desk.profileOf('bob')
  expect(bob).not.toBe(desk.ada)
  expect(await knownBy(desk, bob)).toEqual([`email ${wrongMail}`, 'user_id bob'])
  await desk.send(identify('ada', { email: wrongMail }, later))
  expect(await knownBy(desk, desk.ada)).toEqual([`email ${rightMail}`, 'user_id ada'])
  expect(await desk.sql`select from change where kind = 'merge'`).toHaveLength(0)
  const visits = await desk.sql`select profile_id as id from event where name = 'Visit'`
  expect([...visits]).toEqual([{ id: bob }])
})

test('nor by a third identifier, in one batch or in several: who is to stay apart is not joined', async () => {
  await using desk = await openAda()
  await desk.send(seen('Visit', user('ada'), cookie('laptop')))
  await rectify(desk, 'ada', swap)
  // The strongest identifier says whom an event speaks of; the laptop stays Ada’s.
  await desk.send(seen('Mail opened', email(wrongMail), cookie('laptop')))
  const other = await holderOf(desk, wrongMail)
  expect(other).not.toBe(desk.ada)
  expect(await knownBy(desk, other ?? '')).toEqual([`email ${wrongMail}`])
  await desk.send(
    seen('Visit', email(wrongMail), cookie('phone')),
    seen('Visit', user('ada'), cookie('phone')),
  )
  await desk.send(seen('Visit', user('ada'), cookie('phone')))
  expect(await holderOf(desk, wrongMail)).toBe(other)
  expect(await knownBy(desk, desk.ada)).toEqual([
    'anonymous_id laptop',
    `email ${rightMail}`,
    'user_id ada',
  ])
  // Others who share a device are joined as ever, and what Ada disowned stays disowned.
  await desk.send(track('first', 'Visit'))
  await desk.send(seen('Visit', user('ada'), user('first')))
  await desk.send(identify('first', { email: wrongMail }))
  expect(await holderOf(desk, wrongMail)).toBe(other)
})

test('what was disowned holds for the whole person after they were merged into an older one', async () => {
  await using desk = await openDesk()
  await desk.send(track('elder', 'Visit'))
  await desk.send(identify('ada', { email: wrongMail }))
  await rectify(desk, 'ada', swap)
  await desk.send(seen('Visit', user('ada'), user('elder')))
  const elder = await desk.profileOf('elder')
  expect(await desk.profileOf('ada')).toBe(elder)
  await desk.send(identify('elder', { email: wrongMail }))
  expect(await holderOf(desk, wrongMail)).toBeUndefined()
})

test('a person may take back what they disowned', async () => {
  await using desk = await openAda()
  await rectify(desk, 'ada', swap)
  await rectify(desk, 'ada', { rightIdentifiers: [email(wrongMail)] })
  expect(await holderOf(desk, wrongMail)).toBe(desk.ada)
  expect(await desk.sql`select from disowned`).toHaveLength(0)
  await desk.send(seen('Visit', user('ada'), email(wrongMail)))
  expect(await holderOf(desk, wrongMail)).toBe(desk.ada)
})

test('what belongs to somebody else, or to who was erased, is not given (refused)', async () => {
  await using desk = await openAda()
  await desk.send(
    identify('bob', { email: rightMail }),
    identify('carol', { email: 'c@canary.test' }),
  )
  await expect(rectify(desk, 'ada', swap)).rejects.toMatchObject({ code: 'identifier_taken' })
  await erase(desk, await desk.profileOf('carol'))
  const dead = { rightIdentifiers: [email('c@canary.test')] }
  await expect(rectify(desk, 'ada', dead)).rejects.toMatchObject({ code: 'subject_erased' })
  const alien = { wrongIdentifiers: [email(rightMail)] }
  const refused = rectify(desk, 'ada', alien)
  await expect(refused).rejects.toMatchObject({ code: 'identifier_not_theirs' })
  await expect(refused).rejects.not.toThrow(/canary/)
  expect(await knownBy(desk, desk.ada)).toEqual([`email ${wrongMail}`, 'user_id ada'])
})

test('an identifier that joins two histories is not taken away (refused)', async () => {
  await using desk = await openDesk()
  // Two profiles that one address made one.
  await desk.send(track('ada', 'Visit'), track('bob', 'Visit'))
  await desk.send(identify('ada', { email: wrongMail }), identify('bob', { email: wrongMail }))
  // A device that only the address ties to Carol.
  await desk.send(identify('carol', { email: 'carol@canary.test' }))
  await desk.send(seen('Visit', email('carol@canary.test'), cookie('tablet')))
  // An address that was there before Dave was.
  await desk.send(seen('Visit', email('dave@canary.test')))
  await desk.send(identify('dave', { email: 'dave@canary.test' }))
  for (const [who, mail] of [
    ['ada', wrongMail],
    ['carol', 'carol@canary.test'],
    ['dave', 'dave@canary.test'],
  ] as const) {
    const refused = rectify(desk, who, { wrongIdentifiers: [email(mail)] })
    await expect(refused, who).rejects.toMatchObject({ code: 'identifier_joins' })
    expect(await holderOf(desk, mail)).toBe(await desk.profileOf(who))
  }
  // With the device that came by it, there is one person left.
  const both = { wrongIdentifiers: [email('carol@canary.test'), cookie('tablet')] }
  await rectify(desk, 'carol', both)
  expect(await knownBy(desk, await desk.profileOf('carol'))).toEqual(['user_id carol'])
})

test('all that a person is known by is replaced, and not taken away (refused)', async () => {
  await using desk = await openAda()
  const all = [email(wrongMail), user('ada')]
  const taken = rectify(desk, 'ada', { wrongIdentifiers: all })
  await expect(taken).rejects.toMatchObject({ code: 'identifier_last' })
  await rectify(desk, 'ada', { wrongIdentifiers: all, rightIdentifiers: [email(rightMail)] })
  expect(await knownBy(desk, desk.ada)).toEqual([`email ${rightMail}`])
})

test.each([
  [{}, /it says what is right or wrong/],
  [{ wrongIdentifiers: [email('guest')] }, /wrongIdentifiers\[0\]/],
  [{ wrongIdentifiers: [email('A@b.cd')], rightIdentifiers: [email('a@b.cd')] }, /wrong ones/],
])('a correction %o is refused', async (correction, reason) => {
  await using desk = await openAda()
  await expect(rectify(desk, 'ada', correction)).rejects.toThrow(reason)
})

// The embedded engine has one connection: nothing waits for a lock there, so a few orders are enough.
const rounds = process.env['SLATEBOARD_TEST_ENGINE'] === 'server' ? 8 : 3

/** Has a correction rest with its locks held, so that a batch that looked before it waits for it. */
const restBeforeCommit = ({ sql }: Desk) =>
  sql.unsafe(`
    create function rest() returns trigger language plpgsql as $$
    begin
      perform pg_sleep(0.1);
      return null;
    end $$;
    create trigger correction_rests after update on profile for each row
      when (old.disowned_at is distinct from new.disowned_at) execute function rest()`)

test('whatever comes in while an address is taken away, it is not the person’s afterwards', async () => {
  await using desk = await openDesk()
  await restBeforeCommit(desk)
  const { board, workspaceId, definitions } = desk
  const other = createIntake(board, definitions)
  const source = { id: 'other', workspaceId }
  for (let round = 0; round < rounds; round += 1) {
    const who = `raced-${round}`
    const mail = `raced-${round}@canary.test`
    await desk.send(identify(who, { email: mail }))
    const id = await desk.profileOf(who)
    const asked = await desk.ask(who, 'rectification', {}, 'verified')
    const over = new AbortController()
    const stream = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await other.submit(source, [identify(who, { email: mail }), seen('Visit', email(mail))])
      }
    }
    const correction = { id: asked.id, wrongIdentifiers: [email(mail)] }
    const corrected = rectifySubject(desk.officer, correction).finally(() => over.abort())
    await Promise.all([corrected, stream(), stream()])
    expect(await knownBy(desk, id)).toEqual([`user_id ${who}`])
    const loose = await desk.sql`
      select from edge e where not exists (
        select from identifier i where i.hash = e.left_hash) or not exists (
        select from identifier i where i.hash = e.right_hash)`
    expect(loose).toHaveLength(0)
  }
})
