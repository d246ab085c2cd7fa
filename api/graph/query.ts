import { findActivations } from '../../core/read/listActivations.ts'
import { listHeld } from '../../core/read/listHeld.ts'
import { findDecisions } from '../../core/read/findDecisions.ts'
import { findProfile } from '../../core/read/findProfile.ts'
import type { ProfileKey } from '../../core/read/findProfile.ts'
import { listPrincipals, listSources } from '../../core/read/listAccess.ts'
import { listAgents } from '../../core/read/listAgents.ts'
import { listProfiles } from '../../core/read/listProfiles.ts'
import { countPending, summarise } from '../../core/read/summarise.ts'
import { fail } from '../../core/errors.ts'
import type { Json } from '../../core/model/json.ts'
import { builder } from './builder.ts'
import { asConnection, checked } from './connection.ts'
import { idOf, rowKeyOf } from './id.ts'
import { ActivationConnection, ActivationFilter, ActivationType } from './type/activation.ts'
import { AgentType } from './type/agent.ts'
import { PrincipalType, SourceType } from './type/access.ts'
import { DecisionType } from './type/decision.ts'
import { IdentifierInput } from './type/identifier.ts'
import { ProfileConnection, ProfileFilter, ProfileOrder, ProfileType } from './type/profile.ts'
import { SummaryType } from './type/summary.ts'

interface KeyArgs {
  by?: { namespace: string; value: string } | null | undefined
  id?: string | null | undefined
}

/** @throws bad_input unless exactly one of both is given */
export function profileKeyOf({ by, id }: KeyArgs): ProfileKey {
  if (by && id == null) return { by }
  if (!by && id != null) return { id: idOf('Profile', id) }
  throw fail('bad_input', { path: 'by', reason: 'give either by or id' })
}

builder.queryType({
  fields: (t) => ({
    profile: t.field({
      type: ProfileType,
      nullable: true,
      description: 'By an identifier or by id; null when there is none that the caller may see.',
      args: { by: t.arg({ type: IdentifierInput }), id: t.arg.id() },
      resolve: (_, args, { reader }) => findProfile(reader, profileKeyOf(args)),
    }),
    profiles: t.field({
      type: ProfileConnection,
      args: {
        filter: t.arg({ type: ProfileFilter }),
        first: t.arg.int(),
        after: t.arg.string(),
        orderBy: t.arg({ type: ProfileOrder }),
      },
      resolve: async (_, { filter, orderBy, ...page }, { reader }) => {
        const traits = filter?.traits?.map(({ key, equals }) => ({ key, equals: scalar(equals) }))
        const wanted = { ...filter, traits: traits ?? null }
        const found = await listProfiles(reader, wanted, orderBy ?? 'oldest', checked(page))
        return asConnection(found, ({ id }) => id, page.after)
      },
    }),
    activation: t.field({
      type: ActivationType,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_, { id }, { reader }) =>
        (await findActivations(reader, [rowKeyOf(idOf('Activation', id))]))[0],
    }),
    activations: t.field({
      type: ActivationConnection,
      description: 'What waits for a person, newest first.',
      args: {
        filter: t.arg({ type: ActivationFilter, required: true }),
        first: t.arg.int(),
        after: t.arg.string(),
      },
      resolve: async (_, { filter, ...page }, { reader }) => {
        if (filter.state !== 'held') {
          const reason = 'only HELD is listed over all profiles; ask a profile for its activations'
          throw fail('bad_input', { path: 'filter.state', reason })
        }
        return asConnection(await listHeld(reader, checked(page)), ({ id }) => id, page.after)
      },
    }),
    decision: t.field({
      type: DecisionType,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_, { id }, { reader }) =>
        (await findDecisions(reader, [rowKeyOf(idOf('Decision', id))]))[0],
    }),
    agents: t.field({
      type: [AgentType],
      resolve: (_, __, { reader }) => listAgents(reader),
    }),
  }),
})

builder.queryFields((t) => ({
  sources: t.field({
    type: [SourceType],
    resolve: (_, __, { reader }) => listSources(reader),
  }),
  principals: t.field({
    type: [PrincipalType],
    resolve: (_, __, { reader }) => listPrincipals(reader),
  }),
  pending: t.int({
    description: 'What waits for a step of the flow; 0 when all that arrived is dealt with.',
    resolve: (_, __, { reader }) => countPending(reader),
  }),
  summary: t.field({
    type: SummaryType,
    description: 'Counts every row of the workspace: for a look now and then.',
    resolve: (_, __, { reader }) => summarise(reader),
  }),
}))

function scalar(value: Json | null | undefined): string | number | boolean | null {
  if (value === null || value === undefined || typeof value !== 'object') return value ?? null
  throw fail('bad_input', {
    path: 'filter.traits',
    reason: 'equals takes a text, number or boolean',
  })
}
