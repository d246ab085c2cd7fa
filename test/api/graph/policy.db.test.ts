import { expect, test } from 'vitest'
import { shippedPolicy } from '../../../policies/shipped.ts'
import { openGraph } from '../../support/graph.ts'
import { narrower, wider } from '../../support/office.ts'

const version = `policyVersion {
  number status title author reason widens comparedWith previous approvalsNeeded activatedAt
  approvals { approver comment approvedAt } breakGlass { by reason expiresAt } }
  errors { code message remedy path }`
const mutation = (name: string, input: string) =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { ${version} } }`
const operations = {
  draftPolicy: mutation('draftPolicy', 'DraftPolicyInput'),
  proposePolicy: mutation('proposePolicy', 'ProposePolicyInput'),
  approvePolicy: mutation('approvePolicy', 'ApprovePolicyInput'),
  shadowPolicy: mutation('shadowPolicy', 'ShadowPolicyInput'),
  activatePolicy: mutation('activatePolicy', 'ActivatePolicyInput'),
  rollbackPolicy: mutation('rollbackPolicy', 'RollbackPolicyInput'),
  withdrawPolicy: mutation('withdrawPolicy', 'WithdrawPolicyInput'),
}
type Operation = keyof typeof operations
const names: readonly Operation[] = [
  'draftPolicy',
  'proposePolicy',
  'approvePolicy',
  'shadowPolicy',
  'activatePolicy',
  'rollbackPolicy',
  'withdrawPolicy',
]

const shippedTables = shippedPolicy().document.tests?.length

/** Several people with keys of their own. */
async function open() {
  const graph = await openGraph()
  const [author, other, third] = await Promise.all(
    ['officer', 'officer', 'admin'].map((role) =>
      graph.principal(role === 'admin' ? 'admin' : 'officer'),
    ),
  )
  const act = async (key: string | undefined, name: Operation, input: object) =>
    (await graph.ask(key, operations[name], { input })).data
  return { ...graph, author, other, third, act }
}

test('takes a document from proposal to force and back, each step telling where it stands', async () => {
  await using graph = await open()
  const { author, other, act } = graph
  const drafted = await act(author?.key, 'draftPolicy', { document: wider, reason: 'A try.' })
  expect(drafted).toMatchObject({
    draftPolicy: { policyVersion: { number: 2, status: 'DRAFT', approvalsNeeded: null } },
  })
  const proposal = { document: narrower, reason: 'Less for apps.' }
  expect(await act(author?.key, 'proposePolicy', proposal)).toMatchObject({
    proposePolicy: {
      policyVersion: {
        number: 3,
        status: 'PROPOSED',
        author: `principal:${author?.id}`,
        reason: 'Less for apps.',
        widens: false,
        comparedWith: 1,
        approvalsNeeded: 1,
        approvals: [],
        breakGlass: null,
      },
      errors: [],
    },
  })
  expect(await act(other?.key, 'shadowPolicy', { number: 3 })).toMatchObject({
    shadowPolicy: { policyVersion: { status: 'SHADOW' } },
  })
  expect(await act(other?.key, 'approvePolicy', { number: 3, comment: 'Good.' })).toMatchObject({
    approvePolicy: {
      policyVersion: {
        status: 'APPROVED',
        approvals: [{ approver: `principal:${other?.id}`, comment: 'Good.' }],
      },
    },
  })
  expect(await act(author?.key, 'activatePolicy', { number: 3 })).toMatchObject({
    activatePolicy: { policyVersion: { status: 'ACTIVE', previous: 1 } },
  })
  const read = await graph.ask(
    author?.key,
    '{ policyVersion(number: 1) { status retiredAt } policyVersions { edges { node { number } } } }',
  )
  expect(read.data).toMatchObject({
    policyVersion: { status: 'RETIRED', retiredAt: expect.any(String) },
    policyVersions: { edges: [3, 2, 1].map((number) => ({ node: { number } })) },
  })
  expect(await act(other?.key, 'rollbackPolicy', { reason: 'Apps complain.' })).toMatchObject({
    rollbackPolicy: { policyVersion: { number: 1, status: 'ACTIVE' } },
  })
  const { data } = await graph.ask(
    author?.key,
    '{ policyVersion(number: 1) { enactments { kind replaced actor reason } } }',
  )
  expect(data).toEqual({
    policyVersion: {
      enactments: [
        {
          kind: 'ROLLBACK',
          replaced: 3,
          actor: `principal:${other?.id}`,
          reason: 'Apps complain.',
        },
      ],
    },
  })
  expect(await act(author?.key, 'withdrawPolicy', { number: 2 })).toMatchObject({
    withdrawPolicy: { policyVersion: { status: 'RETIRED' } },
  })
})

test('refuses every step to roles that may not take it, and reading to who may not read', async () => {
  await using graph = await open()
  for (const role of ['app', 'operator', 'auditor', 'metrics'] as const) {
    const { key } = await graph.principal(role)
    for (const name of names) {
      const input =
        name === 'draftPolicy' || name === 'proposePolicy'
          ? { document: narrower, reason: 'x' }
          : name === 'rollbackPolicy'
            ? { reason: 'x' }
            : { number: 1 }
      expect(await graph.act(key, name, input)).toMatchObject({
        [name]: { policyVersion: null, errors: [{ code: 'forbidden' }] },
      })
    }
    const read = await graph.ask(key, '{ policyVersion(number: 1) { number } }')
    if (role === 'auditor') expect(read.data).toEqual({ policyVersion: { number: 1 } })
    else expect(read.errors?.[0]?.extensions).toMatchObject({ code: 'forbidden' })
  }
  expect(await graph.sql`select 1 from policy_version`).toHaveLength(1)
})

test('gives refusals as data, with path and remedy', async () => {
  await using graph = await open()
  const { author, act } = graph
  const broken = { ...narrower, rules: [{ ...narrower.rules[0], effect: 'allow' }] }
  expect(await act(author?.key, 'proposePolicy', { document: broken, reason: 'x' })).toMatchObject({
    proposePolicy: {
      policyVersion: null,
      errors: [
        { code: 'policy_invalid', path: ['rules', '0', 'effect'], remedy: expect.any(String) },
      ],
    },
  })
  expect(await act(author?.key, 'proposePolicy', { reason: 'x' })).toMatchObject({
    proposePolicy: { errors: [{ code: 'bad_input' }] },
  })
  await act(author?.key, 'proposePolicy', { document: wider, reason: 'x' })
  const expected: [Operation, object, string][] = [
    ['approvePolicy', { number: 2 }, 'policy_own_approval'],
    ['activatePolicy', { number: 2 }, 'policy_needs_approvals'],
    ['activatePolicy', { number: 9 }, 'policy_unknown'],
    ['activatePolicy', { number: -1 }, 'bad_input'],
    ['rollbackPolicy', { reason: 'x' }, 'policy_no_way_back'],
    ['withdrawPolicy', { number: 1 }, 'policy_not_ready'],
  ]
  for (const [name, input, code] of expected) {
    expect(await act(author?.key, name, input)).toMatchObject({
      [name]: { policyVersion: null, errors: [{ code }] },
    })
  }
})

test('breaks the glass with a reason and an end, and shows both', async () => {
  await using graph = await open()
  const { author, act } = graph
  await act(author?.key, 'proposePolicy', { document: narrower, reason: 'x' })
  const expiresAt = new Date(graph.now().getTime() + 3_600_000).toISOString()
  const input = { number: 2, breakGlass: { reason: 'Addresses leak.', hours: 1 } }
  expect(await act(author?.key, 'activatePolicy', input)).toMatchObject({
    activatePolicy: {
      policyVersion: {
        status: 'ACTIVE',
        breakGlass: { by: `principal:${author?.id}`, reason: 'Addresses leak.', expiresAt },
      },
    },
  })
})

const report = `tests { tables passed cells failed failures { table cell wanted got rule } uncovered }
  diff { widens rules access tests }`

test('tells in words what a version changes, and how its tests come out', async () => {
  await using graph = await open()
  const { author, other, act } = graph
  const auditor = await graph.principal('auditor')
  await act(author?.key, 'proposePolicy', { document: narrower, reason: 'x' })
  const query = (number: number, args = '') =>
    graph.ask(
      auditor.key,
      `{ policyVersion(number: ${number}) {
        diff${args} { widens rules access tests } testReport { tables passed failed uncovered } } }`,
    )
  const lost = 'Apps may no longer read contact data for service.'
  expect((await query(2)).data).toMatchObject({
    policyVersion: {
      diff: { widens: false, access: [lost] },
      testReport: {
        tables: 0,
        passed: 0,
        failed: 0,
        uncovered: narrower.rules.map(({ id }) => id),
      },
    },
  })
  expect((await query(1, '(against: 2)')).data).toMatchObject({
    policyVersion: {
      diff: { widens: true, access: ['Apps may now read contact data for service.'] },
      testReport: { tables: shippedTables, passed: shippedTables, failed: 0, uncovered: [] },
    },
  })
  await act(other?.key, 'approvePolicy', { number: 2 })
  await act(author?.key, 'activatePolicy', { number: 2 })
  expect((await query(2)).data).toMatchObject({ policyVersion: { diff: { access: [lost] } } })
  expect((await query(2, '(against: 9)')).errors?.[0]?.extensions).toMatchObject({
    code: 'policy_unknown',
  })
})

test('reports on a document without storing it, to who may read policies', async () => {
  await using graph = await open()
  const { author } = graph
  const query = `query ($document: Json!) { policyReport(document: $document) { title rules ${report} } }`
  const { tests } = shippedPolicy().document
  const read = await graph.ask(author?.key, query, { document: { ...narrower, tests } })
  expect(read.data).toMatchObject({
    policyReport: {
      title: 'Narrower',
      tests: {
        failed: 2,
        failures: [
          { table: 'reading', cell: 'app service contact', wanted: 'allow', rule: null },
          { table: 'reading-restricted', cell: 'app service contact' },
        ],
      },
      diff: { widens: false },
    },
  })
  const app = await graph.principal('app')
  const refused = await graph.ask(app.key, query, { document: narrower })
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'forbidden' })
  const broken = await graph.ask(author?.key, query, { document: { title: 'x' } })
  expect(broken.errors?.[0]?.extensions).toMatchObject({ code: 'policy_invalid' })
  expect(await graph.sql`select 1 from policy_version`).toHaveLength(1)
})

test('refuses to work out the tests and differences of many versions at a time', async () => {
  await using graph = await open()
  const { key } = await graph.principal('auditor')
  const many = (first: number) =>
    graph.ask(
      key,
      `{ policyVersions(first: ${first}) { edges { node { testReport { failed } diff { widens } } } } }`,
    )
  expect((await many(20)).errors).toBeUndefined()
  expect((await many(100)).errors?.[0]?.extensions).toMatchObject({ code: 'query_too_large' })
})
