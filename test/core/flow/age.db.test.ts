import { expect, test } from 'vitest'
import { declareAge } from '../../../core/admin/declareAge.ts'
import type { Role } from '../../../core/model/principal.ts'
import { createDoorkeeper } from '../../../core/read/authenticate.ts'
import { alias, identify, openTestApp, type TestApp } from '../../support/app.ts'
import { probePackage } from '../../support/probeHost.ts'
import { openOutward } from '../../support/outward.ts'

const still = { works: false } as const

const declare = async (app: TestApp, userId: string, band: string, role: Role = 'officer') =>
  declareAge(
    await createDoorkeeper(app.board, app.policies).read({
      id: role,
      workspaceId: app.workspaceId,
      name: role,
      role,
      purposes: [],
    }),
    { subject: { namespace: 'user_id', value: userId }, band },
  )

const year = new Date().getUTCFullYear()
const child = { birthday: `${year - 12}-03-17` }
const grownUp = { birthday: '1970-03-17' }
const childBand = `born_before_${year - 12}-04`

async function bandOf(app: TestApp, userId: string): Promise<unknown> {
  const id = await app.profileOf(userId)
  const [row] = await app.sql`select minor_band from legal_state where profile_id = ${id}`
  return row?.['minor_band'] ?? null
}

test('a birth date makes a minor as it passes, and stands in the open no more precisely than the month', async () => {
  await using app = await openTestApp(still)
  await app.send(identify('ada', child), identify('bob', grownUp), identify('eve', { plan: 'pro' }))
  expect(await bandOf(app, 'ada')).toBe(childBand)
  expect(await bandOf(app, 'bob')).toBe('adult')
  expect(await bandOf(app, 'eve')).toBeNull()
  const rows = await app.sql`
    select row_to_json(l)::text as row from legal_state l union all select row_to_json(p)::text from profile p
    union all select row_to_json(c)::text from change c union all select row_to_json(e)::text from event e`
  const text = JSON.stringify(rows)
  expect(text).toContain(childBand)
  expect(text).not.toContain(child.birthday)
  expect(text).not.toContain('1970')
})

test('of two sources that contradict the younger word counts, and each may correct its own', async () => {
  await using app = await openTestApp(still)
  await app.send(identify('ada', child))
  await app.intake.submit({ id: 'other', workspaceId: app.workspaceId }, [identify('ada', grownUp)])
  expect(await bandOf(app, 'ada')).toBe(childBand)
  await app.send(identify('ada', { birthday: '1990-01-01' }))
  expect(await bandOf(app, 'ada')).toBe('adult')
  const later = { timestamp: new Date(Date.now() + 60_000) }
  await app.send(identify('ada', child))
  await app.send(identify('ada', { birthday: null }, later))
  expect(await bandOf(app, 'ada')).toBe('adult')
})

test('what is declared outweighs dates until it is taken back', async () => {
  await using app = await openTestApp(still)
  await app.send(identify('ada', child))
  await declare(app, 'ada', 'adult')
  expect(await bandOf(app, 'ada')).toBe('adult')
  await declare(app, 'ada', '13-15')
  expect(await bandOf(app, 'ada')).toMatch(`born_before_${year - 13}`)
  await declare(app, 'ada', 'unknown')
  expect(await bandOf(app, 'ada')).toBe(childBand)
  await app.send(identify('ada', { age_band: '16+' }))
  expect(await bandOf(app, 'ada')).toMatch(/^born_before_/)
  await expect(declare(app, 'ada', 'purple')).rejects.toMatchObject({ code: 'bad_input' })
  await expect(declare(app, 'nobody', 'adult')).rejects.toMatchObject({ code: 'unknown_subject' })
  await expect(declare(app, 'ada', 'adult', 'operator')).rejects.toMatchObject({
    code: 'forbidden',
  })
  const audited =
    await app.sql`select payload from audit_inbox where action = 'age.declare' order by id`
  expect(audited.map(({ payload }) => payload)).toEqual([
    { declared: true, takenBack: 0 },
    { declared: true, takenBack: 1 },
    { declared: false, takenBack: 1 },
  ])
})

test('a child is written to no more once their age is known, and of merged profiles the youngest counts', async () => {
  await using out = await openOutward()
  const { app } = out
  await out.say('ada', 'granted')
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ state: 'approved' })
  await app.send(identify('kid', child))
  await app.send(alias('ada', 'kid'))
  await out.say('ada', 'granted')
  expect(await out.activation(await out.propose('ada'))).toMatchObject({
    state: 'refused',
    error: 'minor',
  })
  await declare(app, 'ada', 'adult')
  expect(await out.activation(await out.propose('ada'))).toMatchObject({ state: 'approved' })
})

test('below 13 in California the verified consent of a guardian does what the own does not', async () => {
  await using out = await openOutward()
  const { app } = out
  await app.send(identify('kid', child))
  const id = await app.profileOf('kid')
  await app.sql`update legal_state set jurisdiction = 'US-CA' where profile_id = ${id}`
  const said = async (method: string) => {
    await out.say('kid', 'granted')
    await app.sql`
      update consent_current set proof = ${app.sql.json({ method })} where profile_id = ${id}`
    return out.activation(await out.propose('kid'))
  }
  expect(await said('form')).toMatchObject({ state: 'refused', error: 'minor' })
  expect(await said('parental')).toMatchObject({ state: 'refused', error: 'minor' })
  expect(await said('parental:signed_form')).toMatchObject({ state: 'approved' })
})

test('a child’s own grant leaves the guardian’s standing, and a refusal by either ends it', async () => {
  await using out = await openOutward()
  const { app } = out
  await app.send(identify('kid', child))
  const id = await app.profileOf('kid')
  await app.sql`update legal_state set jurisdiction = 'US-CA' where profile_id = ${id}`
  const guardian = { proof: { method: 'parental:signed_form' } }
  const ends = async () => {
    const { state, error } = await out.activation(await out.propose('kid'))
    return error === null ? state : `${state} ${error}`
  }
  await out.say('kid', 'granted')
  expect(await ends()).toBe('refused minor')
  const before = out.clock.now()
  await out.say('kid', 'granted', guardian)
  expect(await ends()).toBe('approved')
  await out.say('kid', 'granted')
  expect(await ends()).toBe('approved')
  await out.say('kid', 'granted', { expiresAt: new Date(out.clock.now().getTime() + 60_000) })
  out.clock.advance(120_000)
  expect(await ends()).toBe('approved')

  await out.say('kid', 'withdrawn')
  await out.say('kid', 'granted')
  expect(await ends()).toBe('refused minor')
  // The ledger hears late of what the guardian had granted before it was refused.
  await out.say('kid', 'granted', { ...guardian, collectedAt: before })
  expect(await ends()).toBe('refused minor')
  await out.say('kid', 'granted', guardian)
  expect(await ends()).toBe('approved')
  await out.say('kid', 'denied', guardian)
  await out.say('kid', 'granted')
  expect(await ends()).toBe('refused minor')
})

test('what an agent works out of an age counts as a conclusion: it protects, and gives way to what is declared', async () => {
  await using app = await openTestApp()
  const pkg = await probePackage(
    `() => done({ writes: { age_band: { value: 'under_13' } } })`,
    { writes: ['age_band'] },
    'guess',
    [{ key: 'age_band', class: 'pseudonymous', purposes: ['analytics'] }],
  )
  await app.registry.install(app.workspaceId, pkg, 'system')
  await app.send(identify('ada', { mode: 'x' }))
  await app.idle()
  expect(await bandOf(app, 'ada')).toMatch(`born_before_${year}`)
  await declare(app, 'ada', 'adult')
  expect(await bandOf(app, 'ada')).toBe('adult')
})
