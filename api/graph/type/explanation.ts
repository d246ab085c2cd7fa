import type { Audience, Params, Sentence } from '../../../core/explain/sentence.ts'
import type { Explanation } from '../../../core/explain/tellDecision.ts'
import type { ToldChange, ToldFlip } from '../../../core/explain/tellFlip.ts'
import type { Difference } from '../../../core/explain/difference.ts'
import type { ExplainedDecision } from '../../../core/read/explainDecision.ts'
import { builder } from '../builder.ts'
import { DecisionOutcomeType } from './outcome.ts'

export const AudienceType = builder.enumType('ExplanationAudience', {
  description: 'For whom a decision is explained.',
  values: {
    OFFICER: {
      value: 'officer',
      description:
        'Every check, with articles, the rules in their own sentences and the entries of the ledger.',
    },
    INTEGRATOR: {
      value: 'integrator',
      description:
        'What stands in the way, and what to change in the proposal, the plugin or its manifest.',
    },
    SUBJECT: {
      value: 'subject',
      description: 'Plain words to the person, nothing internal, and what they can do.',
    },
  } as const satisfies Record<Uppercase<Audience>, { value: Audience; description: string }>,
})

interface Param {
  name: string
  value: string
}

const paramsOf = (params: Params): Param[] =>
  Object.entries(params)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({ name, value }))

const ParamType = builder.objectRef<Param>('SentenceParam').implement({
  description: 'What was filled into a sentence.',
  fields: (t) => ({ name: t.exposeString('name'), value: t.exposeString('value') }),
})

const SentenceType = builder.objectRef<Sentence>('ExplanationSentence').implement({
  description: 'A sentence, with its code and what was filled in, to be said in another language.',
  fields: (t) => ({
    part: t.exposeString('part', {
      description: 'outcome, check, evidence, obligation or right; they come in this order.',
    }),
    check: t.exposeString('check', { nullable: true, description: 'The check it belongs to.' }),
    code: t.exposeString('code'),
    params: t.field({ type: [ParamType], resolve: ({ params }) => paramsOf(params) }),
    article: t.exposeString('article', {
      nullable: true,
      description: 'Where the law says so, such as Art. 7(3) GDPR.',
    }),
    text: t.exposeString('text'),
  }),
})

export const ExplanationType = builder.objectRef<Explanation>('Explanation').implement({
  description: 'Why it was decided so, told to one audience as far as the caller may know.',
  fields: (t) => ({
    audience: t.expose('audience', { type: AudienceType }),
    text: t.exposeString('text'),
    sentences: t.field({ type: [SentenceType], resolve: ({ sentences }) => [...sentences] }),
  }),
})

const DifferenceType = builder.objectRef<Difference>('ReplayDifference').implement({
  description: 'A word that is another one now.',
  fields: (t) => ({
    where: t.exposeString('where', {
      description:
        'Such as checks.lawful_basis.reason, or a stored part: policy, setting, consent.',
    }),
    recorded: t.exposeString('recorded'),
    replayed: t.exposeString('replayed'),
  }),
})

const AnswerType = builder.enumType('ReplayAnswer', {
  description: 'What came of making a decision again.',
  values: {
    SAME: { value: 'same' },
    DIFFERS: { value: 'differs' },
    IMPOSSIBLE: { value: 'impossible' },
  } as const,
})

export const ReplayType = builder
  .objectRef<ExplainedDecision['replay']>('DecisionReplay')
  .implement({
    description: 'The decision made again, now, from the versions that it was made from.',
    fields: (t) => ({
      answer: t.expose('answer', { type: AnswerType }),
      text: t.exposeString('text'),
      obstacle: t.exposeString('obstacle', {
        nullable: true,
        description:
          'Why it cannot be made again: recorded_before_inputs, erased or inputs_unreadable.',
      }),
      audited: t.exposeBoolean('audited', {
        description:
          'The audit log has a digest of what it was made from, and what is stored was held to it.',
      }),
      differences: t.field({
        type: [DifferenceType],
        resolve: ({ differences }) => [...differences],
      }),
      recordedBy: t.string({
        description: 'The release that decided.',
        resolve: ({ engine }) => engine.recorded,
      }),
      replayedBy: t.string({
        description: 'The release that decided again.',
        resolve: ({ engine }) => engine.running,
      }),
    }),
  })

const ChangeType = builder.objectRef<ToldChange>('FlipChange').implement({
  description: 'One thing that would have to be otherwise.',
  fields: (t) => ({
    code: t.exposeString('code'),
    by: t.exposeString('by', {
      description: 'In whose power: time, integrator, subject, agent, operator or officer.',
    }),
    params: t.field({ type: [ParamType], resolve: ({ params }) => paramsOf(params) }),
    text: t.exposeString('text'),
  }),
})

const FlipSetType = builder.objectRef<readonly ToldChange[]>('FlipSet').implement({
  description: 'Changes that together turn the decision round, while no part of them does.',
  fields: (t) => ({
    changes: t.field({ type: [ChangeType], resolve: (changes) => [...changes] }),
  }),
})

export const FlipType = builder.objectRef<ToldFlip>('DecisionFlip').implement({
  description:
    'The smallest changes that would turn the decision round. Each was tried on the gate itself.',
  fields: (t) => ({
    to: t.expose('to', { type: DecisionOutcomeType }),
    text: t.exposeString('text'),
    sets: t.field({
      type: [FlipSetType],
      description: 'Each is enough by itself; the most plausible first.',
      resolve: ({ sets }) => [...sets],
    }),
    without: t.exposeString('without', {
      nullable: true,
      description: 'Why there is none: a code such as erased, or too_many.',
    }),
  }),
})
