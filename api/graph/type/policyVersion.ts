import { glossary } from '../../../core/model/glossary.ts'
import { approvalsNeeded, policyStatuses } from '../../../core/model/policyLife.ts'
import { findPolicyVersions } from '../../../core/read/listPolicyVersions.ts'
import type { PolicyVersionView } from '../../../core/read/listPolicyVersions.ts'
import { diffVersion, testVersion } from '../../../core/policy/reportPolicy.ts'
import { findShadow } from '../../../core/read/findShadow.ts'
import { listPolicyEnactments } from '../../../core/read/listPolicyEnactments.ts'
import type { PolicyEnactmentView } from '../../../core/read/listPolicyEnactments.ts'
import { builder } from '../builder.ts'
import { PolicyDiffType, PolicyTestReportType } from './policyReport.ts'
import { PolicyShadowType } from './policyShadow.ts'

const PolicyApprovalType = builder
  .objectRef<PolicyVersionView['approvals'][number]>('PolicyApproval')
  .implement({
    description: 'One person other than the author who agreed to a policy version.',
    fields: (t) => ({
      approver: t.exposeString('approver'),
      approvedAt: t.field({ type: 'DateTime', resolve: ({ approvedAt }) => new Date(approvedAt) }),
      comment: t.exposeString('comment', { nullable: true }),
    }),
  })

const PolicyEnactmentType = builder.objectRef<PolicyEnactmentView>('PolicyEnactment').implement({
  description: 'That a version came into force.',
  fields: (t) => ({
    kind: t.field({
      type: builder.enumType('PolicyEnactmentKind', {
        values: {
          ACTIVATION: { value: 'activation' },
          BREAK_GLASS: { value: 'break_glass', description: 'Without its approvals.' },
          ROLLBACK: { value: 'rollback' },
          FALLBACK: { value: 'fallback', description: 'One without its approvals ran out.' },
        } as const,
      }),
      resolve: ({ kind }) => kind,
    }),
    replaced: t.exposeInt('replaced', { nullable: true }),
    actor: t.exposeString('actor'),
    reason: t.exposeString('reason', { nullable: true }),
    enactedAt: t.expose('enactedAt', { type: 'DateTime' }),
  }),
})

interface BrokenGlass {
  by: string
  reason: string
  expiresAt: Date | null
}

const BreakGlassType = builder.objectRef<BrokenGlass>('PolicyBreakGlass').implement({
  description: 'That a version came into force without its approvals.',
  fields: (t) => ({
    by: t.exposeString('by'),
    reason: t.exposeString('reason'),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the version before comes back; null once the approvals are there.',
    }),
  }),
})

const PolicyStatusType = builder.enumType('PolicyStatus', {
  values: Object.fromEntries(
    policyStatuses.map((status) => [status.toUpperCase(), { value: status }]),
  ),
})

export const PolicyVersionType = builder.objectRef<PolicyVersionView>('PolicyVersion')

builder.node(PolicyVersionType, {
  description: glossary.policyVersion,
  id: { resolve: ({ number }) => String(number) },
  loadOne: async (id, { reader }) => (await findPolicyVersions(reader, [Number(id)]))[0],
  fields: (t) => ({
    number: t.exposeInt('number'),
    status: t.field({ type: PolicyStatusType, resolve: ({ status }) => status }),
    title: t.exposeString('title'),
    document: t.expose('document', {
      type: 'Json',
      nullable: true,
      description: 'The rules; null for a caller who may not read policies.',
    }),
    documentSha256: t.exposeString('documentSha256'),
    author: t.exposeString('author'),
    reason: t.exposeString('reason'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    proposedAt: t.expose('proposedAt', { type: 'DateTime', nullable: true }),
    activatedAt: t.expose('activatedAt', { type: 'DateTime', nullable: true }),
    retiredAt: t.expose('retiredAt', { type: 'DateTime', nullable: true }),
    widens: t.exposeBoolean('widens', {
      nullable: true,
      description: 'Whether it permits anything that `comparedWith` does not; null for a draft.',
    }),
    comparedWith: t.exposeInt('comparedWith', {
      nullable: true,
      description: 'The version in force when it was last judged.',
    }),
    previous: t.exposeInt('previous', {
      nullable: true,
      description: 'The version it replaced: where a rollback goes.',
    }),
    approvals: t.expose('approvals', {
      type: [PolicyApprovalType],
      description: 'Oldest first; none is by the author, no two by one person.',
    }),
    approvalsNeeded: t.int({
      nullable: true,
      description: '2 for a version that widens access, else 1; null for a draft.',
      resolve: ({ widens }) => (widens === null ? null : approvalsNeeded(widens)),
    }),
    breakGlass: t.field({
      type: BreakGlassType,
      nullable: true,
      resolve: ({ breakGlassBy: by, breakGlassReason: reason, breakGlassUntil: expiresAt }) =>
        by === null || reason === null ? null : { by, reason, expiresAt },
    }),
  }),
})

// What is worked out for it, apart from what is written in its row.
builder.objectFields(PolicyVersionType, (t) => ({
  enactments: t.field({
    type: [PolicyEnactmentType],
    nullable: true,
    description: 'When it came into force, by whom and why, latest first.',
    resolve: (version, _, { reader }) =>
      version.document === null ? null : listPolicyEnactments(reader, version.number),
  }),
  diff: t.field({
    type: PolicyDiffType,
    nullable: true,
    description:
      'In words, against another version; unless one is given, against what it replaced or would replace.',
    args: { against: t.arg.int() },
    resolve: (version, { against }, { reader }) =>
      version.document === null ? null : diffVersion(reader, version, against ?? null),
  }),
  shadow: t.field({
    type: PolicyShadowType,
    nullable: true,
    description: 'What it said in shadow; null if it never was asked.',
    resolve: (version, _, { reader }) =>
      version.document === null ? null : findShadow(reader, version.number),
  }),
  testReport: t.field({
    type: PolicyTestReportType,
    nullable: true,
    description: 'How its tests come out today.',
    resolve: (version, _, { reader }) =>
      version.document === null ? null : testVersion(reader, version),
  }),
}))

export const PolicyVersionConnection = builder.connectionObject({
  type: PolicyVersionType,
  name: 'PolicyVersionConnection',
})

export const DraftPolicyInput = builder.inputType('DraftPolicyInput', {
  fields: (t) => ({
    document: t.field({ type: 'Json', required: true, description: 'The rules and their tests.' }),
    reason: t.string({ required: true, description: 'Why it is wanted, for who approves it.' }),
  }),
})

export const ProposePolicyInput = builder.inputType('ProposePolicyInput', {
  description: 'Either the number of a draft, or a document and a reason.',
  fields: (t) => ({ number: t.int(), document: t.field({ type: 'Json' }), reason: t.string() }),
})

export const ApprovePolicyInput = builder.inputType('ApprovePolicyInput', {
  fields: (t) => ({ number: t.int({ required: true }), comment: t.string() }),
})

export const ShadowPolicyInput = builder.inputType('ShadowPolicyInput', {
  fields: (t) => ({ number: t.int({ required: true }) }),
})

const BreakGlassInput = builder.inputType('PolicyBreakGlassInput', {
  fields: (t) => ({
    reason: t.string({ required: true }),
    hours: t.int({ required: true, description: 'How long it lasts: 1 to 24.' }),
  }),
})

export const ActivatePolicyInput = builder.inputType('ActivatePolicyInput', {
  fields: (t) => ({
    number: t.int({ required: true }),
    breakGlass: t.field({
      type: BreakGlassInput,
      description: 'Does without approvals for a while; the alarm is raised.',
    }),
  }),
})

export const RollbackPolicyInput = builder.inputType('RollbackPolicyInput', {
  fields: (t) => ({
    to: t.int({ description: 'An earlier version; the one before when left out.' }),
    reason: t.string({ required: true }),
  }),
})

export const WithdrawPolicyInput = builder.inputType('WithdrawPolicyInput', {
  fields: (t) => ({ number: t.int({ required: true }) }),
})
