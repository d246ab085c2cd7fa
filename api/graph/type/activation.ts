import { activationStates } from '../../../core/model/activation.ts'
import { glossary } from '../../../core/model/glossary.ts'
import { findDecisions } from '../../../core/read/findDecisions.ts'
import { findActivations } from '../../../core/read/listActivations.ts'
import type { ActivationView } from '../../../core/read/listActivations.ts'
import { listApprovals } from '../../../core/read/listHeld.ts'
import type { ApprovalView } from '../../../core/read/listHeld.ts'
import { builder } from '../builder.ts'
import { rowIdOf, rowKeyOf } from '../id.ts'
import { CostInput, CostType } from './budget.ts'
import { DecisionType } from './decision.ts'
import { IdentifierInput } from './identifier.ts'
import { AuthorType } from './trait.ts'

export const ActivationStateType = builder.enumType('ActivationState', {
  values: Object.fromEntries(
    activationStates.map((state) => [state.toUpperCase(), { value: state }]),
  ),
})

const ApprovalVerdictType = builder.enumType('ApprovalVerdict', {
  values: { APPROVED: { value: 'approved' }, REFUSED: { value: 'refused' } } as const,
})

const ActivationApprovalType = builder.objectRef<ApprovalView>('ActivationApproval').implement({
  description: `${glossary.approval} It counts for seven days.`,
  fields: (t) => ({
    verdict: t.expose('verdict', { type: ApprovalVerdictType }),
    reason: t.exposeString('reason'),
    by: t.field({
      type: AuthorType,
      resolve: ({ principalId }) => ({ kind: 'principal' as const, id: principalId }),
    }),
    at: t.expose('decidedAt', { type: 'DateTime' }),
  }),
})

export const ActivationType = builder.objectRef<ActivationView>('Activation')

builder.node(ActivationType, {
  description: glossary.activation,
  id: { resolve: rowIdOf },
  loadOne: async (id, { reader }) => (await findActivations(reader, [rowKeyOf(id)]))[0],
  fields: (t) => ({
    state: t.field({ type: ActivationStateType, resolve: ({ state }) => state }),
    purpose: t.exposeString('purpose', { description: glossary.purpose }),
    channel: t.exposeString('channel', { description: glossary.channel }),
    destination: t.exposeString('destination', { nullable: true }),
    decision: t.loadable({
      type: DecisionType,
      nullable: true,
      description: glossary.decision,
      loaderOptions: { cache: false },
      load: (ids: string[], { reader }) => findDecisions(reader, ids.map(rowKeyOf)),
      resolve: ({ profileId, decisionId }) =>
        decisionId === null ? null : rowIdOf({ profileId, id: decisionId }),
    }),
    risk: t.exposeFloat('risk', {
      nullable: true,
      description: 'How risky its proposer takes it to be, 0 to 1; null when nothing was said.',
    }),
    cost: t.expose('cost', {
      type: CostType,
      nullable: true,
      description: 'What it takes of a budget when it leaves.',
    }),
    requires: t.exposeStringList('requires', {
      description: 'Fields without which it is not sent.',
    }),
    approvals: t.loadableList({
      type: ActivationApprovalType,
      description: 'What persons said while it was held, oldest first.',
      load: (ids: string[], { reader }) => listApprovals(reader, ids.map(rowKeyOf)),
      resolve: rowIdOf,
    }),
    proposedBy: t.expose('proposedBy', { type: AuthorType }),
    traceId: t.exposeString('traceId', {
      nullable: true,
      description: 'The trace that it is part of; null where nobody traces what led to it.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    sentAt: t.expose('sentAt', { type: 'DateTime', nullable: true }),
  }),
})

export const ActivationConnection = builder.connectionObject({
  type: ActivationType,
  name: 'ActivationConnection',
})

export const ActivationFilter = builder.inputType('ActivationFilter', {
  fields: (t) => ({
    state: t.field({
      type: ActivationStateType,
      required: true,
      description: 'HELD; what is in another state is listed by profile.',
    }),
  }),
})

const answerFields = (name: string) =>
  builder.inputType(name, {
    fields: (t) => ({
      id: t.id({ required: true }),
      reason: t.string({ required: true, description: 'Why, for the record.' }),
    }),
  })

export const ApproveActivationInput = answerFields('ApproveActivationInput')
export const RefuseActivationInput = answerFields('RefuseActivationInput')

export const ProposeActivationInput = builder.inputType('ProposeActivationInput', {
  fields: (t) => ({
    subject: t.field({ type: IdentifierInput, required: true }),
    purpose: t.string({ required: true }),
    channel: t.string({ required: true }),
    destination: t.string({
      description: 'The URL of a webhook; absent where the person is addressed.',
    }),
    content: t.field({ type: 'Json' }),
    fields: t.stringList({ description: 'Traits whose values the channel puts into the message.' }),
    requires: t.stringList({
      description: 'Those of the fields without which it is refused rather than sent.',
    }),
    risk: t.float({
      description: "How risky it is, 0 to 1; above the policy's limit a person has to approve it.",
    }),
    cost: t.field({ type: CostInput, description: 'What it takes of a budget when it leaves.' }),
  }),
})
