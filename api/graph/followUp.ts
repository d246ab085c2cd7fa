import { retryFollowUp } from '../../core/admin/retryFollowUp.ts'
import { listAllFollowUps, type FollowUpView } from '../../core/read/listFollowUps.ts'
import { builder } from './builder.ts'
import { asConnection, checked } from './connection.ts'
import { idOf, rowKeyOf } from './id.ts'
import { FollowUpConnection, FollowUpFilter, FollowUpType } from './type/followUp.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'

const RetryFollowUpInput = builder.inputType('RetryFollowUpInput', {
  fields: (t) => ({ id: t.id({ required: true }) }),
})

const RetryFollowUpPayload = builder
  .objectRef<Outcome<FollowUpView>>('RetryFollowUpPayload')
  .implement({
    fields: (t) => ({
      followUp: t.expose('result', { type: FollowUpType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.queryField('followUps', (t) =>
  t.field({
    type: FollowUpConnection,
    description: 'What destinations are told of all persons, newest first.',
    args: { filter: t.arg({ type: FollowUpFilter }), first: t.arg.int(), after: t.arg.string() },
    resolve: async (_, { filter, ...page }, { reader }) =>
      asConnection(
        await listAllFollowUps(reader, filter ?? {}, checked(page)),
        ({ id }) => id,
        page.after,
      ),
  }),
)

builder.mutationField('retryFollowUp', (t) =>
  t.field({
    type: RetryFollowUpPayload,
    description: 'Tries a follow-up again at once; not one that its receiver has.',
    args: { input: t.arg({ type: RetryFollowUpInput, required: true }) },
    resolve: (_, { input }, { reader }) =>
      outcome(() => retryFollowUp(reader, rowKeyOf(idOf('FollowUp', input.id)))),
  }),
)
