import { glossary } from '../../../core/model/glossary.ts'
import { parkedReasons, reactionStates } from '../../../core/model/reaction.ts'
import { countByAgent, type AgendaCounts } from '../../../core/read/countReactions.ts'
import type { ReactionView } from '../../../core/read/listReactions.ts'
import { builder } from '../builder.ts'
import { upperCase } from '../enumOf.ts'
import { encodeId, rowIdOf } from '../id.ts'
import { AgentType } from './agent.ts'

const ReactionStateType = builder.enumType('ReactionState', {
  description:
    'PENDING: comes to its turn; SNOOZED: waits for its time; PARKED: waits for something to happen, or for somebody.',
  values: upperCase(reactionStates),
})

export const ParkedReasonType = builder.enumType('ParkedReason', {
  description:
    'DEAD: failed too often; LOOP: agents woke each other in a ring; HALTED: its agent stops where it cannot go on; STALE: what it needs is not there or not fresh.',
  values: upperCase(parkedReasons),
})

type CauseCount = ReactionView['causes'][number]

const ReactionCauseType = builder.objectRef<CauseCount>('ReactionCause').implement({
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'event, trait, consent or manual.' }),
    count: t.exposeInt('count'),
  }),
})

export const ReactionType = builder.objectRef<ReactionView>('Reaction').implement({
  description: glossary.reaction,
  fields: (t) => ({
    id: t.id({
      resolve: ({ profileId, agent: id }) => encodeId('Reaction', rowIdOf({ profileId, id })),
    }),
    profile: t.id({ resolve: ({ profileId }) => encodeId('Profile', profileId) }),
    agent: t.exposeString('agent', { description: 'plugin/agent.' }),
    state: t.expose('state', { type: ReactionStateType }),
    parked: t.expose('parked', { type: ParkedReasonType, nullable: true }),
    reason: t.exposeString('reason', {
      nullable: true,
      description:
        'Why it waits and what to do about it, in sentences; null while it only waits for its turn.',
    }),
    error: t.exposeString('error', {
      nullable: true,
      description: 'How it failed last: a key of the error catalogue.',
    }),
    priority: t.exposeInt('priority'),
    rating: t.exposeFloat('rating'),
    deadline: t.expose('deadline', { type: 'DateTime', nullable: true }),
    causes: t.expose('causes', {
      type: [ReactionCauseType],
      description: 'What woke it, by kind; what it was is not told.',
    }),
    traceId: t.exposeString('traceId', {
      nullable: true,
      description: 'The trace that it is part of; null where nobody traces what woke it.',
    }),
    hop: t.exposeInt('hop', { description: 'Steps from what came from outside.' }),
    trail: t.exposeStringList('trail', {
      description: 'The agents whose writes led to it, oldest first.',
    }),
    attempts: t.exposeInt('attempts'),
    enqueuedAt: t.expose('enqueuedAt', { type: 'DateTime' }),
    dueAt: t.expose('dueAt', { type: 'DateTime', nullable: true }),
  }),
})

export const ReactionConnection = builder.connectionObject({
  type: ReactionType,
  name: 'ReactionConnection',
})

export const ReactionFilter = builder.inputType('ReactionFilter', {
  fields: (t) => ({
    agent: t.string({ description: 'plugin/agent.' }),
    plugin: t.string(),
    state: t.field({ type: ReactionStateType }),
    parked: t.field({ type: ParkedReasonType }),
    profile: t.id({ description: 'With all profiles that count as the same person.' }),
  }),
})

const ParkedCountType = builder.objectRef<AgendaCounts['parked'][number]>('ParkedCount').implement({
  fields: (t) => ({
    reason: t.expose('reason', { type: ParkedReasonType }),
    count: t.exposeInt('count'),
  }),
})

export const AgendaType = builder.objectRef<AgendaCounts>('Agenda').implement({
  description: glossary.agenda,
  fields: (t) => ({
    pending: t.exposeInt('pending'),
    running: t.exposeInt('running'),
    snoozed: t.exposeInt('snoozed'),
    parked: t.expose('parked', { type: [ParkedCountType] }),
    oldestSeconds: t.exposeInt('oldestSeconds', {
      nullable: true,
      description: 'How long the pending reaction that waits longest has waited.',
    }),
  }),
})

builder.objectField(AgentType, 'agenda', (t) =>
  t.loadable({
    type: AgendaType,
    description: 'What of it is on the agenda.',
    load: (agents: string[], { reader }) => countByAgent(reader, agents),
    loaderOptions: { cache: false },
    resolve: ({ id }) => id,
  }),
)
