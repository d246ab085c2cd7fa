import { createPrincipal } from '../../core/admin/createPrincipal.ts'
import { createSource } from '../../core/admin/createSource.ts'
import { parseInput } from '../../core/admin/parseInput.ts'
import { revokePrincipal } from '../../core/admin/revokePrincipal.ts'
import { activationAnswerSchema, proposalSchema } from '../../core/model/activation.ts'
import type { ActivationAnswer } from '../../core/model/activation.ts'
import { identifierSchema } from '../../core/model/identifier.ts'
import { findActivations } from '../../core/read/listActivations.ts'
import { builder } from './builder.ts'
import type { GraphContext } from './context.ts'
import { idOf, rowKeyOf } from './id.ts'
import { CreatePrincipalInput, CreateSourceInput, RevokePrincipalInput } from './type/access.ts'
import {
  ApproveActivationInput,
  ProposeActivationInput,
  RefuseActivationInput,
} from './type/activation.ts'
import {
  ApproveActivationPayload,
  CreatePrincipalPayload,
  CreateSourcePayload,
  outcome,
  ProposeActivationPayload,
  RefuseActivationPayload,
  RevokePrincipalPayload,
} from './type/payload.ts'

builder.mutationType({})

builder.mutationFields((t) => ({
  createSource: t.field({
    type: CreateSourcePayload,
    args: { input: t.arg({ type: CreateSourceInput, required: true }) },
    resolve: (_, { input }, { reader }) => outcome(() => createSource(reader, input)),
  }),
  createPrincipal: t.field({
    type: CreatePrincipalPayload,
    args: { input: t.arg({ type: CreatePrincipalInput, required: true }) },
    resolve: (_, { input }, { reader }) =>
      outcome(() => createPrincipal(reader, { ...input, purposes: input.purposes ?? [] })),
  }),
  revokePrincipal: t.field({
    type: RevokePrincipalPayload,
    args: { input: t.arg({ type: RevokePrincipalInput, required: true }) },
    resolve: (_, { input }, { reader }) =>
      outcome(async () => revokePrincipal(reader, idOf('Principal', input.id))),
  }),
}))

builder.mutationFields((t) => ({
  proposeActivation: t.field({
    type: ProposeActivationPayload,
    description: 'Answers once the proposal is stored; its state then tells what the gate decides.',
    args: { input: t.arg({ type: ProposeActivationInput, required: true }) },
    resolve: (_, { input: { subject, ...proposal } }, { reader, actions, trace }) =>
      outcome(async () => {
        const key = await actions.propose(reader, {
          trace,
          subject: parseInput(identifierSchema, subject),
          proposal: parseInput(proposalSchema, {
            ...proposal,
            content: proposal.content ?? {},
            fields: proposal.fields ?? [],
            requires: proposal.requires ?? undefined,
            risk: proposal.risk ?? undefined,
            cost: proposal.cost ?? undefined,
          }),
        })
        const [activation] = await findActivations(reader, [key])
        return activation ?? null
      }),
  }),
}))

const answered = (
  { reader, actions }: Pick<GraphContext, 'reader' | 'actions'>,
  input: { id: string; reason: string },
  verdict: ActivationAnswer['verdict'],
) =>
  outcome(async () => {
    const key = rowKeyOf(idOf('Activation', input.id))
    const answer = parseInput(activationAnswerSchema, { verdict, reason: input.reason })
    await actions.answer(reader, key, answer)
    const [activation] = await findActivations(reader, [key])
    return activation ?? null
  })

builder.mutationFields((t) => ({
  approveActivation: t.field({
    type: ApproveActivationPayload,
    description:
      'Lets a held activation that was too risky, or weighs too much, for a machine alone go before the gate again. Refused to who proposed it.',
    args: { input: t.arg({ type: ApproveActivationInput, required: true }) },
    resolve: (_, { input }, context) => answered(context, input, 'approved'),
  }),
  refuseActivation: t.field({
    type: RefuseActivationPayload,
    description: 'Refuses a held activation for good.',
    args: { input: t.arg({ type: RefuseActivationInput, required: true }) },
    resolve: (_, { input }, context) => answered(context, input, 'refused'),
  }),
}))
