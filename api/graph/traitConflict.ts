import { listTraitConflicts, type TraitConflictView } from '../../core/read/listTraitConflicts.ts'
import { commitTrait, releaseTrait, type CommittedTrait } from '../../core/trait/commitTrait.ts'
import { resolveConflict } from '../../core/trait/resolveConflict.ts'
import { builder } from './builder.ts'
import { asConnection, checked } from './connection.ts'
import { encodeId, idOf, rowKeyOf } from './id.ts'
import { IdentifierInput } from './type/identifier.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'
import {
  ConflictVerdictType,
  TraitConflictConnection,
  TraitConflictFilter,
  TraitConflictType,
} from './type/traitConflict.ts'

const ResolveTraitConflictInput = builder.inputType('ResolveTraitConflictInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    verdict: t.field({ type: ConflictVerdictType, required: true }),
  }),
})

const ResolveTraitConflictPayload = builder
  .objectRef<Outcome<TraitConflictView>>('ResolveTraitConflictPayload')
  .implement({
    fields: (t) => ({
      conflict: t.expose('result', { type: TraitConflictType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const CommitTraitInput = builder.inputType('CommitTraitInput', {
  fields: (t) => ({
    by: t.field({ type: IdentifierInput, required: true }),
    key: t.string({ required: true }),
    allows: t.field({
      type: 'Json',
      description: 'JSON Schema of what agents may write all the same; nothing where left out.',
    }),
  }),
})

const ReleaseTraitInput = builder.inputType('ReleaseTraitInput', {
  fields: (t) => ({
    by: t.field({ type: IdentifierInput, required: true }),
    key: t.string({ required: true }),
  }),
})

const committedPayload = (name: string) =>
  builder.objectRef<Outcome<CommittedTrait>>(name).implement({
    fields: (t) => ({
      profile: t.id({
        nullable: true,
        resolve: ({ result }) => (result ? encodeId('Profile', result.profileId) : null),
      }),
      key: t.string({ nullable: true, resolve: ({ result }) => result?.key }),
      allows: t.field({ type: 'Json', nullable: true, resolve: ({ result }) => result?.allows }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.queryField('traitConflicts', (t) =>
  t.field({
    type: TraitConflictConnection,
    description: 'What agents said of all persons and did not stand, newest first.',
    args: {
      filter: t.arg({ type: TraitConflictFilter }),
      first: t.arg.int(),
      after: t.arg.string(),
    },
    resolve: async (_, { filter, ...page }, { reader }) =>
      asConnection(
        await listTraitConflicts(reader, filter ?? {}, checked(page)),
        ({ id }) => id,
        page.after,
      ),
  }),
)

builder.mutationFields((t) => ({
  resolveTraitConflict: t.field({
    type: ResolveTraitConflictPayload,
    description: 'Settles a conflict that waits; the same words are settled by it from then on.',
    args: { input: t.arg({ type: ResolveTraitConflictInput, required: true }) },
    resolve: (_, { input }, { reader }) =>
      outcome(() =>
        resolveConflict(reader, rowKeyOf(idOf('TraitConflict', input.id)), input.verdict),
      ),
  }),
  commitTrait: t.field({
    type: committedPayload('CommitTraitPayload'),
    description:
      'Has somebody answer for a trait of a person: what an agent would write against it waits for approval.',
    args: { input: t.arg({ type: CommitTraitInput, required: true }) },
    resolve: (_, { input }, { reader }) => outcome(() => commitTrait(reader, input)),
  }),
  releaseTrait: t.field({
    type: committedPayload('ReleaseTraitPayload'),
    description: 'Agents may write the trait again; its value stays.',
    args: { input: t.arg({ type: ReleaseTraitInput, required: true }) },
    resolve: (_, { input }, { reader }) => outcome(() => releaseTrait(reader, input)),
  }),
}))
