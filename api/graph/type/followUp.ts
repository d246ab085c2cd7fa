import { followUpKinds, followUpStates } from '../../../core/model/followUp.ts'
import { glossary } from '../../../core/model/glossary.ts'
import { listFollowUps, type FollowUpView } from '../../../core/read/listFollowUps.ts'
import type { Profile } from '../../../core/read/profile.ts'
import { builder } from '../builder.ts'
import { upperCase } from '../enumOf.ts'
import { encodeId, rowIdOf } from '../id.ts'
import { ProfileType } from './profile.ts'

const FollowUpKindType = builder.enumType('FollowUpKind', { values: upperCase(followUpKinds) })

const FollowUpStateType = builder.enumType('FollowUpState', { values: upperCase(followUpStates) })

export const FollowUpType = builder.objectRef<FollowUpView>('FollowUp').implement({
  description: glossary.followUp,
  fields: (t) => ({
    id: t.id({ resolve: (row) => encodeId('FollowUp', rowIdOf(row)) }),
    profile: t.id({
      description: 'Whom it is about, as the receiver was told.',
      resolve: ({ profileId }) => encodeId('Profile', profileId),
    }),
    key: t.exposeString('id', { description: 'What the receiver gets as idempotency key.' }),
    kind: t.expose('kind', { type: FollowUpKindType }),
    state: t.expose('state', {
      type: FollowUpStateType,
      description:
        'ACKNOWLEDGED once the receiver answered; NOT_SUPPORTED where nobody can be told.',
    }),
    purpose: t.exposeString('purpose', {
      nullable: true,
      description: 'What was refused, with its children; null for whatever was sent.',
    }),
    channel: t.exposeString('channel'),
    destination: t.exposeString('destination', { nullable: true }),
    reason: t.exposeString('reason'),
    attempts: t.exposeInt('attempts'),
    lastError: t.exposeString('lastError', { nullable: true }),
    askedAt: t.expose('askedAt', { type: 'DateTime' }),
    dueAt: t.expose('dueAt', { type: 'DateTime', description: 'When it is tried next.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
  }),
})

export const FollowUpConnection = builder.connectionObject({
  type: FollowUpType,
  name: 'FollowUpConnection',
})

export const FollowUpFilter = builder.inputType('FollowUpFilter', {
  fields: (t) => ({
    state: t.field({ type: FollowUpStateType }),
    kind: t.field({ type: FollowUpKindType }),
    destination: t.string({ description: 'The whole address.' }),
    overdue: t.boolean({
      description:
        'Those that were given up, and those that their receivers would not take in five tries.',
    }),
  }),
})

builder.objectField(ProfileType, 'followUps', (t) =>
  t.loadableList({
    type: FollowUpType,
    description: 'What those who were sent something are told of since, newest first.',
    load: (profiles: Profile[], { reader }) => listFollowUps(reader, profiles),
    loaderOptions: { cache: false },
    resolve: (profile) => profile,
  }),
)
