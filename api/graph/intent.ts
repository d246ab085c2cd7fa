import { resolveIntent } from '../../core/admin/resolveIntent.ts'
import { listIntents, type IntentView } from '../../core/read/listIntents.ts'
import { builder } from './builder.ts'
import { asConnection, checked } from './connection.ts'
import { idOf, rowKeyOf } from './id.ts'
import { IntentConnection, IntentFilter, IntentType, IntentVerdictType } from './type/intent.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'

const ResolveIntentInput = builder.inputType('ResolveIntentInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    verdict: t.field({ type: IntentVerdictType, required: true }),
  }),
})

const ResolveIntentPayload = builder
  .objectRef<Outcome<IntentView>>('ResolveIntentPayload')
  .implement({
    fields: (t) => ({
      intent: t.expose('result', { type: IntentType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.queryField('intents', (t) =>
  t.field({
    type: IntentConnection,
    description: 'What agents announced about all persons, newest first.',
    args: { filter: t.arg({ type: IntentFilter }), first: t.arg.int(), after: t.arg.string() },
    resolve: async (_, { filter, ...page }, { reader }) =>
      asConnection(
        await listIntents(reader, filter ?? {}, checked(page)),
        ({ id }) => id,
        page.after,
      ),
  }),
)

builder.mutationField('resolveIntent', (t) =>
  t.field({
    type: ResolveIntentPayload,
    description: 'Chooses between intents that are opposed; what is carried out goes to the gate.',
    args: { input: t.arg({ type: ResolveIntentInput, required: true }) },
    resolve: (_, { input }, { reader }) =>
      outcome(() => resolveIntent(reader, rowKeyOf(idOf('Intent', input.id)), input.verdict)),
  }),
)
