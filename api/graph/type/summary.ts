import type { Summary } from '../../../core/read/summarise.ts'
import { builder } from '../builder.ts'
import { ActivationStateType } from './activation.ts'

const ReactionCountType = builder
  .objectRef<Summary['reactions'][number]>('ReactionCount')
  .implement({
    description: 'How often an agent reacted and changed something.',
    fields: (t) => ({
      agent: t.exposeID('agent', { description: 'plugin/agent.' }),
      count: t.exposeInt('count'),
    }),
  })

const ActivationCountType = builder
  .objectRef<Summary['activations'][number]>('ActivationCount')
  .implement({
    description: 'How many activations are in a state for one reason.',
    fields: (t) => ({
      state: t.expose('state', { type: ActivationStateType }),
      reason: t.exposeString('reason', {
        nullable: true,
        description: 'A code such as consent_withdrawn; null where nothing stands in the way.',
      }),
      count: t.exposeInt('count'),
    }),
  })

export const SummaryType = builder.objectRef<Summary>('Summary').implement({
  description: 'The workspace in numbers.',
  fields: (t) => ({
    events: t.exposeInt('events'),
    profiles: t.exposeInt('profiles'),
    merged: t.exposeInt('merged', { description: 'Profiles that count as another one.' }),
    reactions: t.expose('reactions', { type: [ReactionCountType] }),
    activations: t.expose('activations', { type: [ActivationCountType] }),
  }),
})
