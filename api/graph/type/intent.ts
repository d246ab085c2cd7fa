import { intentVerdicts } from '../../../core/admin/resolveIntent.ts'
import { glossary } from '../../../core/model/glossary.ts'
import { intentStates } from '../../../core/model/intent.ts'
import type { IntentView } from '../../../core/read/listIntents.ts'
import { builder } from '../builder.ts'
import { upperCase } from '../enumOf.ts'
import { encodeId, rowIdOf } from '../id.ts'
import { AuthorType } from './trait.ts'

const IntentStateType = builder.enumType('IntentState', {
  description:
    'OPEN to vetoes; VETOED; CONFLICTED where another wants the opposite, until a person decides; CARRIED out; LAPSED.',
  values: upperCase(intentStates),
})

export const IntentVerdictType = builder.enumType('IntentVerdict', {
  description: 'CARRY this one out and let those opposed to it lapse, or DROP all of them.',
  values: upperCase(intentVerdicts),
})

const agentOf = (id: string) => ({ kind: 'agent' as const, id })

export const IntentType = builder.objectRef<IntentView>('Intent').implement({
  description: glossary.intent,
  fields: (t) => ({
    id: t.id({ resolve: (row) => encodeId('Intent', rowIdOf(row)) }),
    profile: t.id({ resolve: ({ profileId }) => encodeId('Profile', profileId) }),
    agent: t.field({ type: AuthorType, resolve: ({ agent }) => agentOf(agent) }),
    kind: t.exposeString('kind'),
    resource: t.exposeString('resource', { description: 'What is acted upon.' }),
    direction: t.exposeString('direction', { nullable: true }),
    purpose: t.exposeString('purpose', {
      nullable: true,
      description: 'Of the activation that it announces; null where it announces none.',
    }),
    channel: t.exposeString('channel', { nullable: true }),
    state: t.expose('state', { type: IntentStateType }),
    opposes: t.exposeString('opposes', {
      nullable: true,
      description: 'The own id of the first that it is opposed to.',
    }),
    vetoedBy: t.field({
      type: AuthorType,
      nullable: true,
      resolve: ({ vetoedBy }) => (vetoedBy === null ? null : agentOf(vetoedBy)),
    }),
    vetoReason: t.exposeString('vetoReason', { nullable: true }),
    activation: t.id({
      nullable: true,
      description: 'What was proposed when it was carried out; of whom the person counts as then.',
      resolve: ({ activationId }) => activationId,
    }),
    announcedAt: t.expose('announcedAt', { type: 'DateTime' }),
    closesAt: t.expose('closesAt', { type: 'DateTime' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
    resolvedBy: t.field({
      type: AuthorType,
      nullable: true,
      resolve: ({ resolvedBy }) =>
        resolvedBy === null ? null : { kind: 'principal' as const, id: resolvedBy },
    }),
  }),
})

export const IntentConnection = builder.connectionObject({
  type: IntentType,
  name: 'IntentConnection',
})

export const IntentFilter = builder.inputType('IntentFilter', {
  fields: (t) => ({
    state: t.field({ type: IntentStateType }),
    kind: t.string(),
    agent: t.string({ description: 'plugin/agent that announced it.' }),
  }),
})
