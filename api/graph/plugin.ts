/** The life of a plugin: looked at, installed, approved, paused, removed and purged. */
import type { InstalledPlugin } from '../../core/actions.ts'
import { fail } from '../../core/errors.ts'
import type { Inspection } from '../../core/plugin/inspectPlugin.ts'
import { packedBytesMax, type Origin } from '../../core/plugin/origin.ts'
import {
  addPublisher,
  listPublishers,
  readTrust,
  removePublisher,
  setTrust,
} from '../../core/plugin/publisher.ts'
import { refusePlugin } from '../../core/plugin/refusePlugin.ts'
import { holdingsOf } from '../../core/plugin/removePlugin.ts'
import type { Holdings } from '../../core/plugin/removePlugin.ts'
import { listAgents, type AgentView } from '../../core/read/listAgents.ts'
import { listPlugins, type PluginView } from '../../core/read/listPlugins.ts'
import { demand } from '../../core/read/reader.ts'
import type { Reader } from '../../core/read/reader.ts'
import { builder } from './builder.ts'
import { AgentType } from './type/agent.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'
import {
  CapabilityType,
  HoldingsType,
  PermissionDiffType,
  PluginType,
  PublisherLevelType,
  PublisherType,
  TrustLevelType,
  TrustNeededType,
} from './type/plugin.ts'

const packageFields = {
  path: { description: 'A folder or .tgz on the server.' },
  package: { type: 'Upload', description: 'A packed plugin.' },
} as const
const canaryField = {
  description:
    'Percent of the profiles, 1 to 99, that it is tried on beside the version in service.',
} as const

const InstallPluginInput = builder.inputType('InstallPluginInput', {
  fields: (t) => ({
    path: t.string(packageFields.path),
    package: t.field(packageFields.package),
    canary: t.int(canaryField),
  }),
})
const InspectPluginInput = builder.inputType('InspectPluginInput', {
  fields: (t) => ({ path: t.string(packageFields.path), package: t.field(packageFields.package) }),
})

export const pluginInputType = (name: string) =>
  builder.inputType(name, { fields: (t) => ({ plugin: t.string({ required: true }) }) })

const decisionFields = {
  plugin: { required: true },
  digest: { description: 'Which version is meant; refused when another waits.' },
} as const
const ApprovePluginInput = builder.inputType('ApprovePluginInput', {
  fields: (t) => ({
    plugin: t.string(decisionFields.plugin),
    digest: t.string(decisionFields.digest),
    comment: t.string(),
    canary: t.int({ description: 'As when installing; absent: as was asked for.' }),
  }),
})
const RefusePluginInput = builder.inputType('RefusePluginInput', {
  fields: (t) => ({
    plugin: t.string(decisionFields.plugin),
    digest: t.string(decisionFields.digest),
    comment: t.string(),
  }),
})

const InspectionType = builder.objectRef<Inspection>('PluginInspection').implement({
  description: 'What installing a package would mean.',
  fields: (t) => ({
    plugin: t.string({ resolve: ({ pkg }) => pkg.manifest.id }),
    version: t.string({ resolve: ({ pkg }) => pkg.manifest.version }),
    digest: t.string({ resolve: ({ pkg }) => pkg.digest }),
    replaces: t.string({
      nullable: true,
      description: 'The version in service.',
      resolve: ({ base }) => base?.version ?? null,
    }),
    trust: t.expose('trust', { type: TrustLevelType }),
    signer: t.string({ nullable: true, resolve: ({ pkg }) => pkg.signer ?? null }),
    publisher: t.string({ nullable: true, resolve: ({ publisher }) => publisher?.name ?? null }),
    readme: t.string({ nullable: true, resolve: ({ pkg }) => pkg.readme ?? null }),
    diff: t.expose('diff', { type: PermissionDiffType }),
    needsApproval: t.boolean({ resolve: ({ reasons }) => reasons.length > 0 }),
    reasons: t.exposeStringList('reasons', { description: 'Why somebody has to agree.' }),
    touchesPersonalData: t.boolean({
      description: 'Then it is not approved by who asks for it.',
      resolve: ({ touchesPii }) => touchesPii,
    }),
    rings: t.field({
      type: ['String'],
      description:
        'Agents that would wake each other in a circle, such as a/one → b/two → a/one; it ends only where one writes what already stands.',
      resolve: ({ rings }) => rings.map((ring) => [...ring, ring[0]].join(' → ')),
    }),
    beyondTrust: t.expose('beyond', {
      type: [CapabilityType],
      description: 'What it is trusted too little for: only an administrator may approve it.',
    }),
  }),
})

const InspectPluginPayload = builder
  .objectRef<Outcome<Inspection>>('InspectPluginPayload')
  .implement({
    fields: (t) => ({
      inspection: t.expose('result', { type: InspectionType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

interface Installed extends Pick<InstalledPlugin, 'inspection'> {
  agents: AgentView[]
  plugin: PluginView | null
}

const InstallPluginPayload = builder
  .objectRef<Outcome<Installed>>('InstallPluginPayload')
  .implement({
    fields: (t) => ({
      agents: t.field({
        type: [AgentType],
        nullable: true,
        description: 'Those that react from now on; none while the version waits for approval.',
        resolve: ({ result }) => result?.agents ?? null,
      }),
      plugin: t.field({
        type: PluginType,
        nullable: true,
        resolve: ({ result }) => result?.plugin ?? null,
      }),
      inspection: t.field({
        type: InspectionType,
        nullable: true,
        resolve: ({ result }) => result?.inspection ?? null,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

export const pluginPayload = (name: string) =>
  builder.objectRef<Outcome<PluginView | null>>(name).implement({
    fields: (t) => ({
      plugin: t.expose('result', { type: PluginType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const RemovePluginPayload = builder
  .objectRef<Outcome<{ plugin: string; kept: Holdings }>>('RemovePluginPayload')
  .implement({
    fields: (t) => ({
      plugin: t.string({ nullable: true, resolve: ({ result }) => result?.plugin ?? null }),
      kept: t.field({
        type: HoldingsType,
        nullable: true,
        description: 'What stays, for when it comes back.',
        resolve: ({ result }) => result?.kept ?? null,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const PurgePluginPayload = builder
  .objectRef<Outcome<{ plugin: string; deletes: Holdings }>>('PurgePluginPayload')
  .implement({
    fields: (t) => ({
      plugin: t.string({ nullable: true, resolve: ({ result }) => result?.plugin ?? null }),
      deletes: t.field({
        type: HoldingsType,
        nullable: true,
        description: 'What was there when it began; `Plugin.purge` tells how far it is.',
        resolve: ({ result }) => result?.deletes ?? null,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.queryFields((t) => ({
  plugins: t.field({
    type: [PluginType],
    description: 'Every plugin that the workspace ever had.',
    resolve: (_, __, { reader }) => listPlugins(reader),
  }),
  plugin: t.field({
    type: PluginType,
    nullable: true,
    args: { id: t.arg.string({ required: true }) },
    resolve: async (_, { id }, { reader }) => (await listPlugins(reader, [id]))[0],
  }),
  pluginHoldings: t.field({
    type: HoldingsType,
    description: 'What `purgePlugin` would delete. Reads every profile.',
    args: { plugin: t.arg.string({ required: true }) },
    resolve: (_, { plugin }, { reader }) => holdingsOf(reader, plugin),
  }),
  pluginPublishers: t.field({
    type: [PublisherType],
    resolve: (_, __, { reader }) => listPublishers(reader),
  }),
  pluginTrust: t.field({
    type: TrustNeededType,
    resolve: (_, __, { reader }) => readTrust(reader),
  }),
}))

builder.mutationFields((t) => ({
  inspectPlugin: t.field({
    type: InspectPluginPayload,
    description: 'What installing a package would mean; stores nothing and runs nothing of it.',
    args: { input: t.arg({ type: InspectPluginInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(async () => {
        demand(reader, 'administer', 'Plugin')
        return actions.inspectPlugin(reader, await originOf(input))
      }),
  }),
  installPlugin: t.field({
    type: InstallPluginPayload,
    description:
      'What asks for nothing that somebody has to agree to takes effect at once; other versions wait for approvePlugin.',
    args: { input: t.arg({ type: InstallPluginInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(async () => {
        demand(reader, 'administer', 'Plugin')
        const { canary } = input
        const origin = await originOf(input)
        return installed(reader, await actions.installPlugin(reader, origin, { canary }))
      }),
  }),
  approvePlugin: t.field({
    type: InstallPluginPayload,
    description: 'Puts a version that waits in service.',
    args: { input: t.arg({ type: ApprovePluginInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(async () => installed(reader, await actions.approvePlugin(reader, input))),
  }),
  refusePlugin: t.field({
    type: pluginPayload('RefusePluginPayload'),
    description: 'Refuses a version that waits; the one in service goes on.',
    args: { input: t.arg({ type: RefusePluginInput, required: true }) },
    resolve: (_, { input }, { reader }) => moved(reader, () => refusePlugin(reader, input)),
  }),
}))

builder.mutationFields((t) => ({
  pausePlugin: t.field({
    type: pluginPayload('PausePluginPayload'),
    description: 'Stops its agents; what wakes them waits until it is resumed.',
    args: { input: t.arg({ type: pluginInputType('PausePluginInput'), required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      moved(reader, () => actions.pausePlugin(reader, input)),
  }),
  resumePlugin: t.field({
    type: pluginPayload('ResumePluginPayload'),
    args: { input: t.arg({ type: pluginInputType('ResumePluginInput'), required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      moved(reader, () => actions.resumePlugin(reader, input)),
  }),
  releasePlugin: t.field({
    type: pluginPayload('ReleasePluginPayload'),
    description: 'Lets it out of quarantine.',
    args: { input: t.arg({ type: pluginInputType('ReleasePluginInput'), required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      moved(reader, () => actions.releasePlugin(reader, input)),
  }),
  removePlugin: t.field({
    type: RemovePluginPayload,
    description: 'Takes it out of service; what it wrote and what waits for it stay.',
    args: { input: t.arg({ type: pluginInputType('RemovePluginInput'), required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(() => actions.removePlugin(reader, input)),
  }),
  purgePlugin: t.field({
    type: PurgePluginPayload,
    description:
      'Deletes for good all that it has in the workspace; `pluginHoldings` tells before what that is.',
    args: { input: t.arg({ type: pluginInputType('PurgePluginInput'), required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(() => actions.purgePlugin(reader, input)),
  }),
}))

const AddPublisherInput = builder.inputType('AddPluginPublisherInput', {
  fields: (t) => ({
    key: t.string({ required: true }),
    name: t.string({ required: true }),
    level: t.field({ type: PublisherLevelType, required: true }),
  }),
})

const RemovePublisherInput = builder.inputType('RemovePluginPublisherInput', {
  fields: (t) => ({ key: t.string({ required: true }) }),
})

const SetTrustInput = builder.inputType('SetPluginTrustInput', {
  fields: (t) => ({
    capability: t.field({ type: CapabilityType, required: true }),
    level: t.field({ type: TrustLevelType, required: true }),
  }),
})

const AddPublisherPayload = builder
  .objectRef<Outcome<typeof PublisherType.$inferType>>('AddPluginPublisherPayload')
  .implement({
    fields: (t) => ({
      publisher: t.expose('result', { type: PublisherType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const RemovePublisherPayload = builder
  .objectRef<Outcome<string>>('RemovePluginPublisherPayload')
  .implement({
    fields: (t) => ({
      key: t.exposeString('result', { nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const SetTrustPayload = builder
  .objectRef<Outcome<typeof TrustNeededType.$inferType>>('SetPluginTrustPayload')
  .implement({
    fields: (t) => ({
      trust: t.expose('result', { type: TrustNeededType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

builder.mutationFields((t) => ({
  addPluginPublisher: t.field({
    type: AddPublisherPayload,
    description: 'Says whose key it is and what its signature is worth from now on.',
    args: { input: t.arg({ type: AddPublisherInput, required: true }) },
    resolve: (_, { input }, { reader }) => outcome(() => addPublisher(reader, input)),
  }),
  removePluginPublisher: t.field({
    type: RemovePublisherPayload,
    args: { input: t.arg({ type: RemovePublisherInput, required: true }) },
    resolve: (_, { input }, { reader }) => outcome(() => removePublisher(reader, input)),
  }),
  setPluginTrust: t.field({
    type: SetTrustPayload,
    args: { input: t.arg({ type: SetTrustInput, required: true }) },
    resolve: (_, { input }, { reader }) => outcome(() => setTrust(reader, input)),
  }),
}))

async function installed(
  reader: Reader,
  { plugin: id, agents, inspection }: InstalledPlugin,
): Promise<Installed> {
  const names = new Set(agents)
  const [views, [plugin]] = await Promise.all([listAgents(reader), listPlugins(reader, [id])])
  return {
    agents: views.filter((agent) => names.has(agent.id)),
    plugin: plugin ?? null,
    ...(inspection ? { inspection } : {}),
  }
}

/** Does it, and answers with the plugin as it stands then. */
export const moved = (reader: Reader, act: () => Promise<string>) =>
  outcome(async () => {
    const [plugin] = await listPlugins(reader, [await act()])
    return plugin ?? null
  })

export async function originOf(input: {
  path?: string | null | undefined
  package?: File | null | undefined
}): Promise<Origin> {
  if (input.package && input.path == null) {
    if (input.package.size <= packedBytesMax) {
      return { package: new Uint8Array(await input.package.arrayBuffer()) }
    }
    throw fail('bad_input', {
      path: 'input.package',
      reason: `it is larger than ${packedBytesMax} bytes`,
    })
  }
  if (input.path && !input.package) return { path: input.path }
  throw fail('bad_input', { path: 'input', reason: 'give either path or package' })
}
