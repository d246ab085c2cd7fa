import { revealWebhookSecret } from '../../core/admin/revealWebhookSecret.ts'
import { builder } from './builder.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'

const RevealWebhookSecretInput = builder.inputType('RevealWebhookSecretInput', {
  fields: (t) => ({
    destination: t.string({ required: true, description: 'The address that webhooks go to.' }),
  }),
})

const RevealWebhookSecretPayload = builder
  .objectRef<Outcome<{ secret: string; place: string }>>('RevealWebhookSecretPayload')
  .implement({
    fields: (t) => ({
      secret: t.string({
        nullable: true,
        description: 'whsec_ and a key in base64, as verifiers of Standard Webhooks take it.',
        resolve: ({ result }) => result?.secret ?? null,
      }),
      place: t.string({
        nullable: true,
        description: 'What it is for: the address without what stands behind its question mark.',
        resolve: ({ result }) => result?.place ?? null,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.mutationField('revealWebhookSecret', (t) =>
  t.field({
    type: RevealWebhookSecretPayload,
    description:
      'What the receiver at a destination verifies our webhooks by. For those who may administer principals; goes on record.',
    args: { input: t.arg({ type: RevealWebhookSecretInput, required: true }) },
    resolve: (_, { input }, { reader }) => outcome(() => revealWebhookSecret(reader, input)),
  }),
)
