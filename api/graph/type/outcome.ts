import { glossary } from '../../../core/model/glossary.ts'
import { builder } from '../builder.ts'

export const DecisionOutcomeType = builder.enumType('DecisionOutcome', {
  description: glossary.gate,
  values: {
    ALLOW: { value: 'allow' },
    REFUSE: { value: 'refuse' },
    HOLD: { value: 'hold' },
  } as const,
})
