/** What officers ask of traits, and how they define them. */
import { defineTrait, type DefinedTrait } from '../../core/trait/defineTrait.ts'
import {
  findTraitDefinitions,
  listTraitDefinitions,
  type TraitDefinitionView,
} from '../../core/read/listTraitDefinitions.ts'
import { builder } from './builder.ts'
import { fail } from '../../core/errors.ts'
import { asConnection } from './connection.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'
import {
  DefineTraitInput,
  TraitDefinitionConnection,
  TraitDefinitionFilter,
  TraitDefinitionType,
} from './type/traitDefinition.ts'

type Defined = DefinedTrait & { definition: TraitDefinitionView | null }

const DefineTraitPayload = builder.objectRef<Outcome<Defined>>('DefineTraitPayload').implement({
  fields: (t) => ({
    definition: t.field({
      type: TraitDefinitionType,
      nullable: true,
      resolve: ({ result }) => result?.definition ?? null,
    }),
    examined: t.int({
      description: 'Open values that were held against the schema, of the newest profiles.',
      resolve: ({ result }) => result?.examined ?? 0,
    }),
    contradicted: t.int({
      description: 'Of these, those that it refuses. They stay until they are written again.',
      resolve: ({ result }) => result?.contradicted ?? 0,
    }),
    errors: t.expose('errors', { type: [UserErrorType] }),
  }),
})

/** Keys hold any character, and those that clients made up are as long as an index takes. */
const cursorOf = (key: string): string => Buffer.from(key).toString('base64url')

/** @throws bad_input for a cursor that no page ended with */
function keyOf(cursor: string): string {
  const key = cursor.length > 4000 ? '' : Buffer.from(cursor, 'base64url').toString('utf8')
  if (key !== '' && !key.includes('\u0000')) return key
  throw fail('bad_input', { path: 'after', reason: 'it is not a cursor of this list' })
}

builder.queryFields((t) => ({
  traitDefinitions: t.field({
    type: TraitDefinitionConnection,
    description: 'In the order of their keys.',
    args: {
      filter: t.arg({ type: TraitDefinitionFilter }),
      first: t.arg.int(),
      after: t.arg.string(),
    },
    resolve: async (_, { filter, first, after }, { reader }) => {
      const page = { first, after: after == null ? null : keyOf(after) }
      const found = await listTraitDefinitions(reader, filter ?? {}, page)
      return asConnection(found, ({ key }) => cursorOf(key), after)
    },
  }),
  traitDefinition: t.field({
    type: TraitDefinitionType,
    nullable: true,
    args: { key: t.arg.string({ required: true }) },
    resolve: async (_, { key }, { reader }) => (await findTraitDefinitions(reader, [key]))[0],
  }),
}))

builder.mutationFields((t) => ({
  defineTrait: t.field({
    type: DefineTraitPayload,
    description: 'Registers a trait, or the next version of its definition.',
    args: { input: t.arg({ type: DefineTraitInput, required: true }) },
    resolve: (_, { input }, { reader }) =>
      outcome(async () => {
        const given = Object.entries(input).filter(([, value]) => value != null)
        const defined = await defineTrait(reader, Object.fromEntries(given))
        const [definition] = await findTraitDefinitions(reader, [defined.key])
        return { ...defined, definition: definition ?? null }
      }),
  }),
}))
