import { shadowDirections } from '../../../core/model/policyLife.ts'
import type { ShadowView } from '../../../core/read/findShadow.ts'
import { builder } from '../builder.ts'

const ShadowDirectionType = builder.enumType('PolicyShadowDirection', {
  description: 'What a version in shadow said, beside what the one in force said.',
  values: Object.fromEntries(
    shadowDirections.map((direction) => [direction.toUpperCase(), { value: direction }]),
  ),
})

const PolicyShadowCountType = builder
  .objectRef<ShadowView['counts'][number]>('PolicyShadowCount')
  .implement({
    fields: (t) => ({
      purpose: t.exposeString('purpose'),
      channel: t.exposeString('channel'),
      direction: t.field({ type: ShadowDirectionType, resolve: ({ direction }) => direction }),
      decisions: t.exposeFloat('decisions'),
    }),
  })

export const PolicyShadowType = builder.objectRef<ShadowView>('PolicyShadow').implement({
  description: 'Decisions that the gate put to a version as well, without heeding it.',
  fields: (t) => ({
    decisions: t.exposeFloat('decisions'),
    disagreements: t.exposeFloat('disagreements', {
      description: 'How many it would have decided otherwise.',
    }),
    counts: t.expose('counts', { type: [PolicyShadowCountType] }),
  }),
})
