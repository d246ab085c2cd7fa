import { createPrincipal } from '../../core/admin/createPrincipal.ts'
import { createSource } from '../../core/admin/createSource.ts'
import { parseInput } from '../../core/admin/parseInput.ts'
import { revokePrincipal } from '../../core/admin/revokePrincipal.ts'
import { fail } from '../../core/errors.ts'
import { activationAnswerSchema, proposalSchema } from '../../core/model/activation.ts'
import type { ActivationAnswer } from '../../core/model/activation.ts'
import { identifierSchema } from '../../core/model/identifier.ts'
import { findActivations } from '../../core/read/listActivations.ts'
import { listAgents } from '../../core/read/listAgents.ts'
import { demand } from '../../core/read/reader.ts'
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
  InstallPluginPayload,
  outcome,
  ProposeActivationPayload,
  RefuseActivationPayload,
  RemovePluginPayload,
  RevokePrincipalPayload,
} from './type/payload.ts'

const packageBytesMax = 5_000_000

const InstallPluginInput = builder.inputType('InstallPluginInput', {
  fields: (t) => ({
    path: t.string({ description: 'A folder on the server.' }),
    package: t.field({ type: 'Upload', description: 'A packed plugin.' }),
  }),
})

const RemovePluginInput = builder.inputType('RemovePluginInput', {
  fields: (t) => ({ plugin: t.string({ required: true }) }),
})

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
    resolve: (_, { input: { subject, ...proposal } }, { reader, actions }) =>
      outcome(async () => {
        const key = await actions.propose(reader, {
          subject: parseInput(identifierSchema, subject),
          proposal: parseInput(proposalSchema, {
            ...proposal,
            content: proposal.content ?? {},
            fields: proposal.fields ?? [],
            requires: proposal.requires ?? undefined,
            risk: proposal.risk ?? undefined,
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

builder.mutationFields((t) => ({
  removePlugin: t.field({
    type: RemovePluginPayload,
    description: 'What waits for its agents is dropped; the traits they wrote stay.',
    args: { input: t.arg({ type: RemovePluginInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(async () => {
        demand(reader, 'administer', 'Plugin')
        await actions.removePlugin(reader, input.plugin)
        return { plugin: input.plugin }
      }),
  }),
  installPlugin: t.field({
    type: InstallPluginPayload,
    args: { input: t.arg({ type: InstallPluginInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(async () => {
        demand(reader, 'administer', 'Plugin')
        const { agents } = await actions.installPlugin(reader, await originOf(input))
        const names = new Set(agents)
        return (await listAgents(reader)).filter(({ id }) => names.has(id))
      }),
  }),
}))

async function originOf(input: {
  path?: string | null | undefined
  package?: File | null | undefined
}) {
  if (input.package && input.path == null) {
    if (input.package.size <= packageBytesMax) {
      return { package: new Uint8Array(await input.package.arrayBuffer()) }
    }
    throw fail('bad_input', {
      path: 'input.package',
      reason: `it is larger than ${packageBytesMax} bytes`,
    })
  }
  if (input.path && !input.package) return { path: input.path }
  throw fail('bad_input', { path: 'input', reason: 'give either path or package' })
}
