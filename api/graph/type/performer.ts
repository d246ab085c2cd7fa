import { glossary } from '../../../core/model/glossary.ts'
import type { PerformerView } from '../../../core/read/listPerformers.ts'
import { builder } from '../builder.ts'
import { AgentStateType } from './agent.ts'
import { scoreField } from './agentScore.ts'

export const PerformerType = builder.objectRef<PerformerView>('Performer').implement({
  description: glossary.performer,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'plugin/performer.' }),
    skill: t.exposeString('skill', { description: glossary.skill }),
    description: t.exposeString('description', { nullable: true }),
    plugin: t.exposeString('plugin', { description: glossary.plugin }),
    version: t.exposeString('version'),
    state: t.expose('state', { type: AgentStateType }),
  }),
})

builder.objectField(PerformerType, 'score', (t) =>
  t.loadable({ ...scoreField, resolve: ({ id }) => id }),
)
