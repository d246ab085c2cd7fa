import { createPrincipal } from '../../core/admin/createPrincipal.ts'
import { createSource } from '../../core/admin/createSource.ts'
import { parseInput } from '../../core/admin/parseInput.ts'
import { revokePrincipal } from '../../core/admin/revokePrincipal.ts'
import { fail } from '../../core/errors.ts'
import { proposalSchema } from '../../core/model/activation.ts'
import { identifierSchema } from '../../core/model/identifier.ts'
import { findActivations } from '../../core/read/listActivations.ts'
import { listAgents } from '../../core/read/listAgents.ts'
import { demand } from '../../core/read/reader.ts'
import { builder } from './builder.ts'
import { idOf } from './id.ts'
import { CreatePrincipalInput, CreateSourceInput, RevokePrincipalInput } from './type/access.ts'
import { ProposeActivationInput } from './type/activation.ts'
import {
  CreatePrincipalPayload,
  CreateSourcePayload,
  InstallPluginPayload,
  outcome,
  ProposeActivationPayload,
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
          }),
        })
        const [activation] = await findActivations(reader, [key])
        return activation ?? null
      }),
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
