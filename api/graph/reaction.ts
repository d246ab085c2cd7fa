import { dropReactions, releaseReactions } from '../../core/admin/changeReactions.ts'
import { setAgentWeight } from '../../core/admin/setAgentWeight.ts'
import { runAgent } from '../../core/admin/runAgent.ts'
import { listAgents, type AgentView } from '../../core/read/listAgents.ts'
import { countAgenda } from '../../core/read/countReactions.ts'
import { findReaction, listReactions, type ReactionView } from '../../core/read/listReactions.ts'
import { builder } from './builder.ts'
import { asConnection, checked } from './connection.ts'
import { idOf, rowKeyOf } from './id.ts'
import { AgentType } from './type/agent.ts'
import { IdentifierInput } from './type/identifier.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'
import {
  AgendaType,
  ParkedReasonType,
  ReactionConnection,
  ReactionFilter,
  ReactionType,
} from './type/reaction.ts'

const ReleaseReactionsInput = builder.inputType('ReleaseReactionsInput', {
  description: 'Either ids, or an agent, a reason or both.',
  fields: (t) => ({
    ids: t.idList(),
    agent: t.string({ description: 'plugin/agent.' }),
    parked: t.field({ type: ParkedReasonType }),
  }),
})

const DropReactionsInput = builder.inputType('DropReactionsInput', {
  description: 'Either ids, or an agent, a reason for which they are parked or both.',
  fields: (t) => ({
    ids: t.idList(),
    agent: t.string({ description: 'plugin/agent; what waits of it goes too.' }),
    parked: t.field({ type: ParkedReasonType }),
    reason: t.string({
      required: true,
      description: 'Why; it stands in the audit log, so nothing of a person belongs there.',
    }),
  }),
})

const RunAgentInput = builder.inputType('RunAgentInput', {
  fields: (t) => ({
    agent: t.string({ required: true, description: 'plugin/agent.' }),
    by: t.field({ type: IdentifierInput, required: true }),
  }),
})

const SetAgentWeightInput = builder.inputType('SetAgentWeightInput', {
  fields: (t) => ({
    agent: t.string({ required: true, description: 'plugin/agent.' }),
    delta: t.int({ required: true, description: 'From -100 to 100; 0 is as before.' }),
    reason: t.string({
      required: true,
      description: 'Why; it stands in the audit log, so nothing of a person belongs there.',
    }),
  }),
})

const SetAgentWeightPayload = builder
  .objectRef<Outcome<AgentView | null>>('SetAgentWeightPayload')
  .implement({
    fields: (t) => ({
      agent: t.field({ type: AgentType, nullable: true, resolve: ({ result }) => result }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const countPayload = (name: string) =>
  builder.objectRef<Outcome<number>>(name).implement({
    fields: (t) => ({
      count: t.exposeInt('result', { nullable: true, description: 'How many it were.' }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const RunAgentPayload = builder
  .objectRef<Outcome<ReactionView | null>>('RunAgentPayload')
  .implement({
    fields: (t) => ({
      reaction: t.field({
        type: ReactionType,
        nullable: true,
        description: 'As it stands now; null when it is done already.',
        resolve: ({ result }) => result,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.queryFields((t) => ({
  reactions: t.field({
    type: ReactionConnection,
    description: 'What is on the agenda, in the order in which it was put there.',
    args: { filter: t.arg({ type: ReactionFilter }), first: t.arg.int(), after: t.arg.string() },
    resolve: async (_, { filter, ...page }, { reader }) => {
      const profileId = filter?.profile == null ? null : idOf('Profile', filter.profile)
      const found = await listReactions(reader, { ...filter, profileId }, checked(page))
      return asConnection(found, ({ position }) => String(position), page.after)
    },
  }),
  agenda: t.field({
    type: AgendaType,
    description: 'Counts the agenda of the workspace: for a look now and then.',
    resolve: (_, __, { reader }) => countAgenda(reader),
  }),
}))

builder.mutationFields((t) => ({
  releaseReactions: t.field({
    type: countPayload('ReleaseReactionsPayload'),
    description: 'Puts parked reactions back into the order, as if for the first time.',
    args: { input: t.arg({ type: ReleaseReactionsInput, required: true }) },
    resolve: (_, { input }, { reader }) => outcome(() => releaseReactions(reader, choiceOf(input))),
  }),
  dropReactions: t.field({
    type: countPayload('DropReactionsPayload'),
    description: 'Takes reactions that wait or are parked off the agenda; none that runs.',
    args: { input: t.arg({ type: DropReactionsInput, required: true }) },
    resolve: (_, { input }, { reader }) =>
      outcome(() => dropReactions(reader, { ...choiceOf(input), reason: input.reason })),
  }),
  setAgentWeight: t.field({
    type: SetAgentWeightPayload,
    description:
      'Has the reactions of an agent come to their turn earlier, or later, than by their own priority.',
    args: { input: t.arg({ type: SetAgentWeightInput, required: true }) },
    resolve: (_, { input }, { reader }) =>
      outcome(async () => {
        await setAgentWeight(reader, input)
        return (await listAgents(reader)).find(({ id }) => id === input.agent) ?? null
      }),
  }),
  runAgent: t.field({
    type: RunAgentPayload,
    description: 'Has an agent look at one person; it takes its turn like everything else.',
    args: { input: t.arg({ type: RunAgentInput, required: true }) },
    resolve: (_, { input }, { reader, trace }) =>
      outcome(async () => findReaction(reader, await runAgent(reader, input, trace))),
  }),
}))

type Choice = typeof ReleaseReactionsInput.$inferInput

function choiceOf({ ids, agent, parked }: Choice) {
  const keys = ids?.map((each) => {
    const { profileId, id } = rowKeyOf(idOf('Reaction', each))
    return { profileId, agent: id }
  })
  return { keys, agent, parked }
}
