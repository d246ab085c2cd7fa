import type { Interval } from '../../../core/model/interval.ts'
import { glossary } from '../../../core/model/glossary.ts'
import type { Author, Commitment } from '../../../core/model/trait.ts'
import type { Redaction } from '../../../core/read/reader.ts'
import type { TraitPin, TraitView } from '../../../core/read/readTraits.ts'
import { builder } from '../builder.ts'
import { encodeId } from '../id.ts'

export const AuthorKindType = builder.enumType('AuthorKind', {
  description: 'What wrote or proposed something.',
  values: {
    SOURCE: { value: 'source', description: 'Events of a source.' },
    AGENT: { value: 'agent', description: 'An agent; its id is plugin/agent.' },
    PRINCIPAL: { value: 'principal', description: glossary.principal },
    SYSTEM: { value: 'system', description: 'Slateboard itself.' },
  } as const,
})

export const AuthorType = builder.objectRef<Author>('Author').implement({
  description: 'Who wrote or proposed something.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Id within its kind; plugin/agent for an agent.' }),
    kind: t.expose('kind', { type: AuthorKindType }),
  }),
})

const IntervalType = builder.objectRef<Interval>('Interval').implement({
  description: 'How far off an estimate may be.',
  fields: (t) => ({
    low: t.exposeFloat('low'),
    high: t.exposeFloat('high'),
    level: t.exposeFloat('level', {
      description: 'The probability, 0 to 1, with which it lies from low to high.',
    }),
    method: t.exposeString('method', { description: 'How it was worked out.' }),
  }),
})

const CommitmentType = builder.objectRef<Commitment>('Commitment').implement({
  description: 'That a person answers for a trait: what an agent would write against it waits.',
  fields: (t) => ({
    by: t.field({
      type: AuthorType,
      resolve: ({ by }) => ({ kind: 'principal' as const, id: by }),
    }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => new Date(at) }),
    allows: t.field({
      type: 'Json',
      nullable: true,
      description: 'JSON Schema of what agents may write all the same; null for nothing.',
      resolve: ({ allows }) => allows ?? null,
    }),
  }),
})

export const TraitType = builder.objectRef<TraitView>('Trait').implement({
  description: glossary.trait,
  fields: (t) => ({
    key: t.exposeString('key'),
    value: t.expose('value', { type: 'Json', nullable: true }),
    confidence: t.exposeFloat('confidence', {
      description: 'From 0 to 1; 1 for what a person or system stated.',
    }),
    interval: t.expose('interval', { type: IntervalType, nullable: true }),
    author: t.expose('author', { type: AuthorType }),
    revision: t.exposeInt('revision', { description: 'How often it was written on this profile.' }),
    writtenAt: t.expose('writtenAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops being shown; null for never.',
    }),
    stale: t.exposeBoolean('stale', {
      description: 'Written longer ago than its definition calls fresh.',
    }),
    pinnedBy: t.id({
      nullable: true,
      description: 'The subject request by which no agent writes it, until that is lifted.',
      resolve: ({ pinnedBy }) => (pinnedBy === null ? null : encodeId('SubjectRequest', pinnedBy)),
    }),
    commitment: t.expose('commitment', { type: CommitmentType, nullable: true }),
  }),
})

export const TraitPinType = builder.objectRef<TraitPin>('TraitPin').implement({
  description: 'A trait that no agent writes for this person, be there a value or none.',
  fields: (t) => ({
    key: t.exposeString('key'),
    request: t.id({
      description: 'The subject request whose review overturned the conclusion.',
      resolve: ({ requestId }) => encodeId('SubjectRequest', requestId),
    }),
  }),
})

export const RedactionType = builder.objectRef<Redaction>('Redaction').implement({
  description: 'Something that exists and the caller may not see.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'The trait, identifier or part withheld.' }),
    rule: t.exposeString('rule', {
      description: 'Id of the policy rule that withholds it; `default` where no rule permits.',
    }),
    reason: t.exposeString('reason', { description: 'A code such as within_purpose.' }),
  }),
})
