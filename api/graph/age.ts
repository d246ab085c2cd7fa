import { declareAge } from '../../core/admin/declareAge.ts'
import { builder } from './builder.ts'
import { encodeId } from './id.ts'
import { IdentifierInput } from './type/identifier.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'

const DeclareAgeInput = builder.inputType('DeclareAgeInput', {
  fields: (t) => ({
    subject: t.field({ type: IdentifierInput, required: true }),
    band: t.string({
      required: true,
      description:
        'Such as adult, 13-15, 16+ or under_13; unknown takes back what was declared before.',
    }),
  }),
})

const DeclareAgePayload = builder
  .objectRef<Outcome<{ profileId: string }>>('DeclareAgePayload')
  .implement({
    fields: (t) => ({
      profileId: t.id({
        nullable: true,
        resolve: ({ result }) => (result ? encodeId('Profile', result.profileId) : null),
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.mutationFields((t) => ({
  declareAge: t.field({
    type: DeclareAgePayload,
    description:
      'Declares how old a person is, in place of what was declared before and whatever their birth date says.',
    args: { input: t.arg({ type: DeclareAgeInput, required: true }) },
    resolve: (_, { input }, { reader }) => outcome(() => declareAge(reader, input)),
  }),
}))
