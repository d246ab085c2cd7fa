import { listAgentScores, type AgentScoreView } from '../../../core/read/listAgentScores.ts'
import { builder } from '../builder.ts'
import type { GraphContext } from '../context.ts'
import { AgentType } from './agent.ts'

const AgentVerdictType = builder.enumType('AgentVerdict', {
  values: {
    RETAINED: { value: 'retained' },
    RECALIBRATED: {
      value: 'recalibrated',
      description: 'It goes on, and its makers should look at it.',
    },
    REPLACED: {
      value: 'replaced',
      description: 'Another agent of its capability should do its work.',
    },
  } as const,
})

const AgentScoreType = builder.objectRef<AgentScoreView>('AgentScore').implement({
  description:
    'What the answers of an agent were worth: means in [0, 1], in which the latest weigh most.',
  fields: (t) => ({
    relevance: t.exposeFloat('relevance', {
      description: 'Whether they were about what was asked.',
    }),
    completeness: t.exposeFloat('completeness', {
      description: 'How much they answered of what was asked.',
    }),
    confidence: t.exposeFloat('confidence', { description: 'How sure the agent was.' }),
    composite: t.exposeFloat('composite', { description: 'The mean of the three.' }),
    printed: t.exposeString('printed', { description: 'The composite with two digits, cut.' }),
    verdict: t.expose('verdict', { type: AgentVerdictType }),
    samples: t.exposeFloat('samples', { description: 'Outcomes that were reported of it.' }),
  }),
})

/** Of agents and performers, by their ids. */
export const scoreField = {
  type: AgentScoreType,
  nullable: true,
  description: 'Null where no outcome was reported of it.',
  async load(ids: string[], { reader }: GraphContext) {
    const found = await listAgentScores(reader, [...new Set(ids)])
    const byId = new Map(found.map((score) => [score.agent, score]))
    return ids.map((id) => byId.get(id) ?? null)
  },
} as const

builder.objectField(AgentType, 'score', (t) =>
  t.loadable({ ...scoreField, resolve: ({ id }) => id }),
)
