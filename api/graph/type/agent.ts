import { glossary } from '../../../core/model/glossary.ts'
import type { AgentView, AgentWeightRow } from '../../../core/read/listAgents.ts'
import { builder } from '../builder.ts'

export const AgentStateType = builder.enumType('AgentState', {
  values: {
    ACTIVE: { value: 'active' },
    PAUSED: { value: 'paused' },
    QUARANTINED: { value: 'quarantined', description: 'Stopped by the platform after it failed.' },
    INCOMPATIBLE: {
      value: 'incompatible',
      description: 'Not made for this version of the product; what wakes it waits.',
    },
  } as const,
})

const AgentWeightType = builder.objectRef<AgentWeightRow>('AgentWeight').implement({
  description: 'What somebody changed of the order in which agents get their turn.',
  fields: (t) => ({
    delta: t.exposeInt('delta', { description: 'Points of priority more, or less.' }),
    reason: t.exposeString('reason'),
    setBy: t.exposeString('setBy', { description: 'Id of the principal.' }),
    setAt: t.expose('setAt', { type: 'DateTime' }),
  }),
})

export const AgentType = builder.objectRef<AgentView>('Agent').implement({
  description: glossary.agent,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'plugin/agent, the name that authors and logs use.' }),
    description: t.exposeString('description', { nullable: true }),
    plugin: t.exposeString('plugin', { description: glossary.plugin }),
    version: t.exposeString('version'),
    state: t.expose('state', { type: AgentStateType }),
    waitsFor: t.exposeString('waitsFor', {
      nullable: true,
      description:
        'Why it does not run although it is in service: what its plugin still has to be told.',
    }),
    purpose: t.exposeString('purpose', { description: glossary.purpose }),
    priority: t.exposeInt('priority'),
    weight: t.expose('weight', {
      type: AgentWeightType,
      nullable: true,
      description: 'Null where its turn comes by its own priority.',
    }),
    triggers: t.exposeStringList('triggers', {
      description: 'event:<name>, trait:<key> or consent.',
    }),
    reads: t.stringList({ resolve: ({ reads }) => [...reads.traits, ...reads.pii] }),
    writes: t.exposeStringList('writes'),
    installedBy: t.exposeString('installedBy'),
    installedAt: t.expose('installedAt', { type: 'DateTime' }),
  }),
})
