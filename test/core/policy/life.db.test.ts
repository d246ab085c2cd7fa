import { describe, expect, inject, test } from 'vitest'
import { lockPolicies } from '../../../blackboard/query/lockPolicies.ts'
import { activatePolicy } from '../../../core/policy/activatePolicy.ts'
import { approvePolicy } from '../../../core/policy/approvePolicy.ts'
import { draftPolicy } from '../../../core/policy/draftPolicy.ts'
import { expirePolicies } from '../../../core/policy/expirePolicies.ts'
import { proposePolicy } from '../../../core/policy/proposePolicy.ts'
import { rollbackPolicy } from '../../../core/policy/rollbackPolicy.ts'
import { shadowPolicy } from '../../../core/policy/shadowPolicy.ts'
import { withdrawPolicy } from '../../../core/policy/withdrawPolicy.ts'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { narrower, openOffice, wider } from '../../support/office.ts'

const isServer = inject('serverUrl') !== ''

const glass = { reason: 'A rule lets addresses out.', hours: 1 }

describe('a version on its way', () => {
  test('is proposed, approved by another and activated; what was before retires', async () => {
    await using office = await openOffice()
    const [author, other] = await office.officers()
    const number = await proposePolicy(author, { document: narrower, reason: 'Less for apps.' })
    expect(await office.version(number)).toMatchObject({
      status: 'proposed',
      widens: false,
      comparedWith: 1,
    })
    await approvePolicy(other, { number, comment: 'Fine.' })
    expect(await office.version(number)).toMatchObject({
      status: 'approved',
      approvals: [{ approver: `principal:${other.principal.id}`, comment: 'Fine.' }],
    })
    await activatePolicy(author, { number })
    expect(await office.version(1)).toMatchObject({ status: 'retired' })
    expect(await office.version(number)).toMatchObject({ status: 'active', previous: 1 })
    expect(await office.active()).toBe(number)
    expect(await office.audited()).toEqual(['policy.propose', 'policy.approve', 'policy.activate'])
  })

  test('is not activated without an approval, nor approved by its author', async () => {
    await using office = await openOffice()
    const [author] = await office.officers()
    const number = await proposePolicy(author, { document: narrower, reason: 'Less.' })
    await expect(activatePolicy(author, { number })).rejects.toMatchObject({
      code: 'policy_needs_approvals',
      message: 'Policy version 2 has 0 of the 1 approvals that it needs.',
    })
    await expect(approvePolicy(author, { number })).rejects.toMatchObject({
      code: 'policy_own_approval',
    })
    expect(await office.active()).toBe(1)
  })

  test('needs two others when it gives somebody more', async () => {
    await using office = await openOffice()
    const [author, other, third] = await office.officers()
    const number = await proposePolicy(author, { document: wider, reason: 'More for apps.' })
    expect(await office.version(number)).toMatchObject({ widens: true })
    await approvePolicy(other, { number })
    await expect(approvePolicy(other, { number })).rejects.toMatchObject({
      code: 'policy_approved_before',
    })
    await expect(activatePolicy(author, { number })).rejects.toMatchObject({
      code: 'policy_needs_approvals',
      message: expect.stringContaining('1 of the 2 approvals that it needs, since it permits more'),
    })
    await approvePolicy(third, { number })
    await activatePolicy(author, { number })
    expect(await office.active()).toBe(number)
  })

  test('is judged anew when another came between: what is more by now needs a second approval', async () => {
    await using office = await openOffice()
    const [author, other, third] = await office.officers()
    const same = { ...office.shipped, title: 'As shipped' }
    const late = await proposePolicy(author, { document: same, reason: 'A new title.' })
    await approvePolicy(other, { number: late })
    await office.enact(author, other, narrower)
    await expect(activatePolicy(author, { number: late })).rejects.toMatchObject({
      code: 'policy_needs_approvals',
    })
    await approvePolicy(third, { number: late })
    await activatePolicy(author, { number: late })
    expect(await office.version(late)).toMatchObject({ widens: true, comparedWith: 3, previous: 3 })
  })

  test('takes only the steps that there are', async () => {
    await using office = await openOffice()
    const [author, other] = await office.officers()
    const number = await draftPolicy(author, { document: narrower, reason: 'Less.' })
    for (const step of [approvePolicy, activatePolicy, shadowPolicy]) {
      await expect(step(other, { number })).rejects.toMatchObject({ code: 'policy_not_ready' })
    }
    await proposePolicy(author, { number })
    await expect(proposePolicy(author, { number })).rejects.toMatchObject({
      code: 'policy_not_ready',
      message: 'Policy version 2 is proposed, so it cannot be proposed.',
    })
    await withdrawPolicy(author, { number })
    for (const step of [approvePolicy, activatePolicy, shadowPolicy, withdrawPolicy]) {
      await expect(step(other, { number })).rejects.toMatchObject({ code: 'policy_not_ready' })
    }
    await expect(withdrawPolicy(author, { number: 1 })).rejects.toMatchObject({
      code: 'policy_not_ready',
    })
    await expect(approvePolicy(other, { number: 99 })).rejects.toMatchObject({
      code: 'policy_unknown',
    })
  })

  test('is not proposed while a test of it fails, and its tests belong to what is approved', async () => {
    await using office = await openOffice()
    const [author, other] = await office.officers()
    const { document } = shippedPolicy()
    const { tests = [] } = document
    const red = { ...narrower, tests }
    await expect(proposePolicy(author, { document: red, reason: 'x' })).rejects.toMatchObject({
      code: 'policy_tests_failed',
      values: {
        table: 'reading',
        cell: 'app service contact',
        wanted: 'allow',
        got: 'refuse (no_rule)',
        rule: 'no rule',
      },
    })
    const drafted = await draftPolicy(author, { document: red, reason: 'To be mended.' })
    await expect(proposePolicy(author, { number: drafted })).rejects.toMatchObject({
      code: 'policy_tests_failed',
    })
    const green = { ...document, title: 'As shipped' }
    const number = await office.enact(author, other, green)
    expect((await office.version(number)).document).toEqual(JSON.parse(JSON.stringify(green)))
    const less = await draftPolicy(author, { document: { ...green, tests: [] }, reason: 'x' })
    const hashes = await Promise.all([number, less].map((each) => office.version(each)))
    expect(hashes[0]?.documentSha256).not.toBe(hashes[1]?.documentSha256)
  })

  test('does not come into force when a test has begun to fail since it was approved', async () => {
    await using office = await openOffice()
    const [author, other] = await office.officers()
    const { document } = shippedPolicy()
    const number = await proposePolicy(author, { document, reason: 'With tests.' })
    await approvePolicy(other, { number })
    // What needs no grant any more is not refused for want of one.
    await office.sql`update purpose set needs_grant = false, bases = '{contract}' where key = 'analytics'`
    await expect(activatePolicy(author, { number })).rejects.toMatchObject({
      code: 'policy_tests_failed',
    })
    expect(await office.active()).toBe(1)
  })

  test('is refused to who may not write or approve, and as a document that makes no sense', async () => {
    await using office = await openOffice()
    const [author] = await office.officers()
    const app = await office.reader('app')
    for (const step of [
      draftPolicy,
      proposePolicy,
      approvePolicy,
      activatePolicy,
      rollbackPolicy,
      shadowPolicy,
      withdrawPolicy,
    ]) {
      await expect(step(app, { number: 1, document: narrower, reason: 'x' })).rejects.toMatchObject(
        {
          code: 'forbidden',
        },
      )
    }
    const broken = { ...narrower, rules: [{ ...narrower.rules[0], effect: 'allow' }] }
    for (const step of [draftPolicy, proposePolicy]) {
      await expect(step(author, { document: broken, reason: 'x' })).rejects.toMatchObject({
        code: 'policy_invalid',
        values: { path: expect.stringContaining('rules.0') },
      })
      await expect(step(author, { document: narrower })).rejects.toMatchObject({
        code: 'bad_input',
        values: { path: 'input.reason' },
      })
    }
    await expect(proposePolicy(author, {})).rejects.toMatchObject({ code: 'bad_input' })
    expect(await office.audited()).toEqual([])
  })

  // The embedded engine has one connection: nobody could stand in the way there.
  test.runIf(isServer)(
    'of two activated at once one wins, and the other is told which',
    async () => {
      await using office = await openOffice()
      const [author, other] = await office.officers()
      const numbers: number[] = []
      for (const title of ['One', 'Two']) {
        const document = { ...narrower, title }
        const number = await proposePolicy(author, { document, reason: title })
        await approvePolicy(other, { number })
        numbers.push(number)
      }
      const { workspaceId } = office
      const ends = await office.sql.begin(async (tx) => {
        await lockPolicies(tx, { workspaceId })
        const both = Promise.allSettled(numbers.map((number) => activatePolicy(author, { number })))
        for (let waiting = 0; waiting < 2;) {
          const rows = await tx`select 1 from pg_locks where locktype = 'advisory' and not granted`
          waiting = rows.length
        }
        return { both }
      })
      const [one, two] = await ends.both
      expect(new Set([one?.status, two?.status])).toEqual(new Set(['fulfilled', 'rejected']))
      const active = await office.active()
      expect(one?.status === 'rejected' ? one : two).toMatchObject({
        reason: { code: 'policy_overtaken', values: { active } },
      })
      const number = numbers.find((each) => each !== active)
      await expect(activatePolicy(author, { number })).resolves.toBe(number)
    },
  )

  test('activated or rolled back twice at once happens once', async () => {
    await using office = await openOffice()
    const [author, other] = await office.officers()
    const number = await proposePolicy(author, { document: narrower, reason: 'Less.' })
    await approvePolicy(other, { number })
    const outcomes = async (acts: Promise<number>[]) =>
      (await Promise.allSettled(acts)).map(({ status }) => status).toSorted()
    expect(
      await outcomes([activatePolicy(author, { number }), activatePolicy(other, { number })]),
    ).toEqual(['fulfilled', 'rejected'])
    expect(await office.active()).toBe(number)
    const reason = 'It was wrong.'
    expect(
      await outcomes([rollbackPolicy(author, { reason }), rollbackPolicy(other, { reason })]),
    ).toEqual(['fulfilled', 'rejected'])
    expect(await office.active()).toBe(1)
  })

  test('approved by two at once counts both', async () => {
    await using office = await openOffice()
    const [author, other, third] = await office.officers()
    const number = await proposePolicy(author, { document: wider, reason: 'More.' })
    await Promise.all([approvePolicy(other, { number }), approvePolicy(third, { number })])
    expect(await office.version(number)).toMatchObject({ status: 'approved' })
  })
})

describe('the way back', () => {
  test('is one step, or one to an earlier version, and never to what was rolled back', async () => {
    await using office = await openOffice()
    const [author, other] = await office.officers()
    for (const title of ['Two', 'Three', 'Four']) {
      await office.enact(author, other, { ...narrower, title })
    }
    expect(await rollbackPolicy(author, { reason: 'Four is wrong.' })).toBe(3)
    expect(await office.active()).toBe(3)
    expect(await office.version(4)).toMatchObject({ status: 'retired' })
    await expect(rollbackPolicy(author, { to: 4, reason: 'No.' })).rejects.toMatchObject({
      code: 'policy_no_way_back',
    })
    expect(await rollbackPolicy(author, { to: 1, reason: 'To the start.' })).toBe(1)
    await expect(rollbackPolicy(author, { reason: 'Further.' })).rejects.toMatchObject({
      code: 'policy_no_way_back',
      message: 'There is no way back to an earlier version.',
    })
    expect(await office.enactments()).toMatchObject([
      { number: 2, replaced: 1, kind: 'activation' },
      { number: 3, replaced: 2, kind: 'activation' },
      { number: 4, replaced: 3, kind: 'activation' },
      { number: 3, replaced: 4, kind: 'rollback', reason: 'Four is wrong.' },
      { number: 1, replaced: 3, kind: 'rollback', reason: 'To the start.' },
    ])
  })

  test('asks for a reason', async () => {
    await using office = await openOffice()
    const [author, other] = await office.officers()
    await office.enact(author, other, narrower)
    for (const reason of [undefined, '', '  ']) {
      await expect(rollbackPolicy(author, { reason })).rejects.toMatchObject({ code: 'bad_input' })
    }
    expect(await office.active()).toBe(2)
  })
})

describe('without approvals', () => {
  test('a version is in force for a while, with an alarm, and ends by the clock alone', async () => {
    await using office = await openOffice()
    const [author] = await office.officers()
    const number = await proposePolicy(author, { document: narrower, reason: 'Less.' })
    await activatePolicy(author, { number, breakGlass: glass })
    expect(await office.active()).toBe(number)
    expect(await office.version(number)).toMatchObject({ breakGlassReason: expect.any(String) })
    expect(office.alarms).toEqual(['a policy version came into force without its approvals'])
    expect(await office.metric('slateboard_policy_break_glass')).toBe('1')
    office.advance(3_600_000 - 1)
    expect(await office.active()).toBe(number)
    office.advance(1)
    expect(await office.active()).toBe(1)
    expect(await office.version(number)).toMatchObject({ status: 'active' })
    expect(await expirePolicies(office.board)).toBe(1)
    expect(await expirePolicies(office.board)).toBe(0)
    expect(await office.version(number)).toMatchObject({ status: 'retired' })
    expect(await office.active()).toBe(1)
    expect(await office.metric('slateboard_policy_break_glass')).toBe('0')
    expect((await office.enactments()).map(({ kind }) => kind)).toEqual(['break_glass', 'fallback'])
    expect(await office.audited()).toEqual([
      'policy.propose',
      'policy.break_glass',
      'policy.fallback',
    ])
    await expect(rollbackPolicy(author, { to: number, reason: 'x' })).rejects.toMatchObject({
      code: 'policy_no_way_back',
    })
  })

  test('it stays when its approvals come in time', async () => {
    await using office = await openOffice()
    const [author, other] = await office.officers()
    const number = await proposePolicy(author, { document: narrower, reason: 'Less.' })
    await activatePolicy(author, { number, breakGlass: glass })
    await approvePolicy(other, { number })
    office.advance(48 * 3_600_000)
    expect(await expirePolicies(office.board)).toBe(0)
    expect(await office.active()).toBe(number)
    expect(await office.version(number)).toMatchObject({ status: 'active', breakGlassUntil: null })
    expect(await office.metric('slateboard_policy_break_glass')).toBe('0')
  })

  test('it may be rolled back, and one that follows is judged by what had its approvals', async () => {
    await using office = await openOffice()
    const [author, other] = await office.officers()
    const first = await proposePolicy(author, { document: wider, reason: 'More.' })
    await activatePolicy(author, { number: first, breakGlass: glass })
    const next = await proposePolicy(other, {
      document: { ...wider, title: 'The same' },
      reason: 'x',
    })
    expect(await office.version(next)).toMatchObject({ widens: true, comparedWith: 1 })
    expect(await rollbackPolicy(author, { reason: 'It was not needed.' })).toBe(1)
    expect(await office.active()).toBe(1)
  })

  test('it is refused for more than a day, for no time, and without a reason', async () => {
    await using office = await openOffice()
    const [author] = await office.officers()
    const number = await proposePolicy(author, { document: narrower, reason: 'Less.' })
    for (const hours of [25, 0, -1]) {
      const given = { ...glass, hours }
      await expect(activatePolicy(author, { number, breakGlass: given })).rejects.toMatchObject({
        code: 'bad_input',
      })
    }
    const silent = { ...glass, reason: ' ' }
    await expect(activatePolicy(author, { number, breakGlass: silent })).rejects.toMatchObject({
      code: 'bad_input',
      values: { path: 'input.breakGlass.reason' },
    })
    expect(await office.active()).toBe(1)
    expect(office.alarms).toEqual([])
  })
})
