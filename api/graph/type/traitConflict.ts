import { contestRules, traitConflictStates } from '../../../core/model/conflict.ts'
import { glossary } from '../../../core/model/glossary.ts'
import type { TraitConflictView } from '../../../core/read/listTraitConflicts.ts'
import { conflictVerdicts } from '../../../core/trait/resolveConflict.ts'
import { builder } from '../builder.ts'
import { upperCase } from '../enumOf.ts'
import { encodeId, rowIdOf } from '../id.ts'
import { AuthorType } from './trait.ts'

const ContestRuleType = builder.enumType('ContestRule', {
  description:
    'What decided: the rule by which a trait is shared, or that somebody answers for it.',
  values: upperCase(contestRules),
})

const TraitConflictStateType = builder.enumType('TraitConflictState', {
  description:
    'OPEN until a person decides; PROPOSED where a write against a commitment waits for approval.',
  values: upperCase(traitConflictStates),
})

const ConflictResolutionType = builder.enumType('ConflictResolution', {
  description:
    'KEPT or TAKEN by a person; SUPERSEDED by what the agent said later; SEALED with the trait.',
  values: upperCase(['kept', 'taken', 'superseded', 'sealed'] as const),
})

export const ConflictVerdictType = builder.enumType('ConflictVerdict', {
  description: 'KEEP what stands, or TAKE what lost: it is written as of now.',
  values: upperCase(conflictVerdicts),
})

export const TraitConflictType = builder.objectRef<TraitConflictView>('TraitConflict').implement({
  description: glossary.traitConflict,
  fields: (t) => ({
    id: t.id({ resolve: (row) => encodeId('TraitConflict', rowIdOf(row)) }),
    profile: t.id({ resolve: ({ profileId }) => encodeId('Profile', profileId) }),
    trait: t.exposeString('trait'),
    rule: t.expose('rule', { type: ContestRuleType }),
    state: t.expose('state', { type: TraitConflictStateType }),
    winner: t.expose('winner', {
      type: AuthorType,
      description: 'Whose word stands; of a commitment who made it.',
    }),
    loser: t.field({
      type: AuthorType,
      resolve: ({ loser }) => ({ kind: 'agent' as const, id: loser }),
    }),
    value: t.expose('value', {
      type: 'Json',
      nullable: true,
      description: 'What lost; null where it would have removed the trait.',
    }),
    stood: t.expose('stood', {
      type: 'Json',
      nullable: true,
      description: 'What stood instead when it lost, or when a person decided.',
    }),
    withheld: t.exposeBoolean('isWithheld', {
      description: 'The values are not for the caller to see, or are not kept: it is personal.',
    }),
    confidence: t.exposeFloat('confidence', { description: 'Of what lost.' }),
    winnerConfidence: t.exposeFloat('winnerConfidence'),
    revision: t.exposeInt('revision', { description: 'Of what stood.' }),
    times: t.exposeInt('times', { description: 'How often the same lost against the same.' }),
    resolution: t.expose('resolution', {
      type: ConflictResolutionType,
      nullable: true,
      description: 'Null while it waits, and where the rule decided.',
    }),
    resolvedBy: t.field({
      type: AuthorType,
      nullable: true,
      resolve: ({ resolvedBy }) =>
        resolvedBy === null ? null : { kind: 'principal' as const, id: resolvedBy },
    }),
    resolvedAt: t.expose('resolvedAt', { type: 'DateTime', nullable: true }),
    foundAt: t.expose('foundAt', { type: 'DateTime' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was last said.' }),
  }),
})

export const TraitConflictConnection = builder.connectionObject({
  type: TraitConflictType,
  name: 'TraitConflictConnection',
})

export const TraitConflictFilter = builder.inputType('TraitConflictFilter', {
  fields: (t) => ({
    state: t.field({ type: TraitConflictStateType }),
    trait: t.string(),
    agent: t.string({ description: 'plugin/agent that lost, or won.' }),
  }),
})
