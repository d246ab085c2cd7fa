import { activationStates } from '../../../core/model/activation.ts'
import { glossary } from '../../../core/model/glossary.ts'
import { findDecisions } from '../../../core/read/findDecisions.ts'
import { findActivations } from '../../../core/read/listActivations.ts'
import type { ActivationView } from '../../../core/read/listActivations.ts'
import { builder } from '../builder.ts'
import { rowIdOf, rowKeyOf } from '../id.ts'
import { DecisionType } from './decision.ts'
import { IdentifierInput } from './identifier.ts'
import { AuthorType } from './trait.ts'

export const ActivationStateType = builder.enumType('ActivationState', {
  values: Object.fromEntries(
    activationStates.map((state) => [state.toUpperCase(), { value: state }]),
  ),
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
    proposedBy: t.expose('proposedBy', { type: AuthorType }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    sentAt: t.expose('sentAt', { type: 'DateTime', nullable: true }),
  }),
})

export const ActivationConnection = builder.connectionObject({
  type: ActivationType,
  name: 'ActivationConnection',
})

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
  }),
})
