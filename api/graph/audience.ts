import { parseInput } from '../../core/admin/parseInput.ts'
import type { Audience } from '../../core/flow/gate/audience.ts'
import { proposalSchema } from '../../core/model/activation.ts'
import { builder } from './builder.ts'
import { DecisionOutcomeType } from './type/outcome.ts'

const AudienceAnswerType = builder
  .objectRef<Audience['answers'][number]>('AudienceAnswer')
  .implement({
    fields: (t) => ({
      outcome: t.field({ type: DecisionOutcomeType, resolve: ({ outcome }) => outcome }),
      reason: t.exposeString('reason'),
      profiles: t.exposeInt('profiles'),
    }),
  })

const AudienceType = builder.objectRef<Audience>('Audience').implement({
  description:
    'What the gate would answer to one act for every person: how many it may reach, and why no others.',
  fields: (t) => ({
    profiles: t.exposeInt('profiles'),
    answers: t.expose('answers', {
      type: [AudienceAnswerType],
      description: 'By outcome and reason, the most first.',
    }),
  }),
})

builder.queryFields((t) => ({
  audience: t.field({
    type: AudienceType,
    description: 'Decides, and neither records nor sends. Reads every profile: one at a time.',
    args: {
      purpose: t.arg.string({ required: true }),
      channel: t.arg.string({ required: true }),
      destination: t.arg.string(),
      fields: t.arg.stringList(),
    },
    resolve: (_, { fields, ...proposal }, { reader, actions }) =>
      actions.gateAudience(
        reader,
        parseInput(proposalSchema, { ...proposal, fields: fields ?? [] }),
      ),
  }),
}))
