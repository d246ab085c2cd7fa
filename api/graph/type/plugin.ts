import { glossary } from '../../../core/model/glossary.ts'
import type { Permission, PermissionDiff } from '../../../core/model/pluginPermission.ts'
import type { Publisher, TrustNeeded } from '../../../core/model/pluginTrust.ts'
import type { Holdings } from '../../../core/plugin/removePlugin.ts'
import type {
  PluginCandidateView,
  PluginRolloutView,
  PluginVersionView,
  PluginView,
} from '../../../core/read/listPlugins.ts'
import { builder } from '../builder.ts'

export const PluginStateType = builder.enumType('PluginState', {
  values: {
    AWAITING_APPROVAL: {
      value: 'awaiting_approval',
      description: 'No version is in service, and one waits for somebody to agree to it.',
    },
    ACTIVE: { value: 'active' },
    PAUSED: { value: 'paused', description: 'Stopped by somebody; what wakes it waits.' },
    QUARANTINED: { value: 'quarantined', description: 'Stopped by the platform after it failed.' },
    INCOMPATIBLE: {
      value: 'incompatible',
      description: 'Not made for this version of the product; what wakes it waits.',
    },
    REMOVED: { value: 'removed', description: 'Uninstalled; what it wrote is kept.' },
    PURGED: { value: 'purged', description: 'All that it left is deleted.' },
  } as const,
})

export const PluginPhaseType = builder.enumType('PluginPhase', {
  description: 'What the node that answers does with a version at the moment.',
  values: {
    STARTING: { value: 'starting' },
    RUNNING: { value: 'running' },
    SLEEPING: { value: 'sleeping', description: 'Loaded again with its next call.' },
    DRAINING: { value: 'draining', description: 'Finishes what is under way.' },
    FAILED: { value: 'failed', description: 'Could not be loaded; tried again by and by.' },
  } as const,
})

export const TrustLevelType = builder.enumType('TrustLevel', {
  description: 'How far a plugin is trusted, by who signed it and where it came from.',
  values: {
    CORE: { value: 'core', description: 'Signed by who makes the product.' },
    VERIFIED: { value: 'verified', description: 'Signed by a publisher that was verified.' },
    COMMUNITY: { value: 'community', description: 'Signed; an unknown key counts as this.' },
    LOCAL: { value: 'local', description: "Unsigned, from a folder on the server's disk." },
    UNSIGNED: { value: 'unsigned', description: 'Unsigned, and sent from elsewhere.' },
  } as const,
})

export const PublisherLevelType = builder.enumType('PublisherLevel', {
  description: 'What the signature of a known publisher is worth.',
  values: {
    CORE: { value: 'core' },
    VERIFIED: { value: 'verified' },
    COMMUNITY: { value: 'community' },
  } as const,
})

export const CapabilityType = builder.enumType('PluginCapability', {
  description: 'What a plugin has to be trusted and approved for.',
  values: {
    PII: { value: 'pii', description: 'Reads personal data.' },
    NETWORK: { value: 'network', description: 'Sends requests.' },
    PROCESS: { value: 'process', description: 'Runs outside the sandbox.' },
  } as const,
})

const PermissionType = builder.objectRef<Permission>('PluginPermission').implement({
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Equal keys mean the same permission.' }),
    sentence: t.exposeString('sentence'),
    capability: t.expose('capability', { type: CapabilityType, nullable: true }),
  }),
})

export const PermissionDiffType = builder
  .objectRef<PermissionDiff>('PluginPermissionDiff')
  .implement({
    description: 'What a version may do beside the one in service.',
    fields: (t) => ({
      gained: t.expose('gained', { type: [PermissionType] }),
      lost: t.expose('lost', { type: [PermissionType] }),
    }),
  })

export const PluginVersionType = builder.objectRef<PluginVersionView>('PluginVersion').implement({
  fields: (t) => ({
    version: t.exposeString('version'),
    digest: t.exposeString('digest', {
      description: 'SHA-256 over the RFC 8785 form of the manifest and the bundled code.',
    }),
    name: t.exposeString('name'),
    description: t.exposeString('description', { nullable: true }),
    readme: t.exposeString('readme', { nullable: true }),
    trust: t.expose('trust', { type: TrustLevelType }),
    signer: t.exposeString('signer', { nullable: true, description: 'The key it is signed with.' }),
    publisher: t.exposeString('publisher', {
      nullable: true,
      description: 'Who is known by that key.',
    }),
    permissions: t.expose('permissions', { type: [PermissionType] }),
    installedBy: t.exposeString('installedBy'),
    installedAt: t.expose('installedAt', { type: 'DateTime' }),
    approvedBy: t.exposeString('approvedBy', {
      nullable: true,
      description: 'Who agreed to it; the installer where it took nobody else.',
    }),
    approvedAt: t.expose('approvedAt', { type: 'DateTime', nullable: true }),
  }),
})

const CandidateType = builder.objectRef<PluginCandidateView>('PluginCandidate').implement({
  description: 'A version that waits for approval; the one in service goes on.',
  fields: (t) => ({
    version: t.expose('version', { type: PluginVersionType }),
    requestedBy: t.exposeString('requestedBy'),
    requestedAt: t.expose('requestedAt', { type: 'DateTime' }),
    diff: t.expose('diff', { type: PermissionDiffType }),
    reasons: t.exposeStringList('reasons', { description: 'Why somebody has to agree.' }),
    share: t.exposeInt('share', {
      nullable: true,
      description: 'Percent of the profiles that it is to be tried on; null for all.',
    }),
    touchesPersonalData: t.boolean({
      description: 'Then it is not approved by who asked for it.',
      resolve: ({ touchesPii }) => touchesPii,
    }),
    beyondTrust: t.expose('beyond', {
      type: [CapabilityType],
      description: 'What it is trusted too little for: only an administrator may approve it.',
    }),
  }),
})

export const HoldingsType = builder.objectRef<Holdings>('PluginHoldings').implement({
  description: 'All that a plugin has in the workspace, counted exactly.',
  fields: (t) => ({
    versions: t.exposeInt('versions'),
    subscriptions: t.exposeInt('subscriptions'),
    reactions: t.exposeInt('reactions', { description: 'Those that wait.' }),
    traits: t.exposeStringList('traits', { description: 'Keys of the traits that it owns.' }),
    profiles: t.exposeInt('profiles', { description: 'Profiles with a value that it wrote.' }),
    values: t.exposeInt('values'),
    changes: t.exposeInt('changes', { description: 'Entries of the change log.' }),
    holds: t.exposeInt('holds'),
    states: t.exposeInt('states', { description: 'Profiles of which it remembers something.' }),
    keys: t.exposeInt('keys', { description: 'What it remembers for itself.' }),
    secrets: t.exposeInt('secrets'),
  }),
})

const PurgeType = builder.objectRef<NonNullable<PluginView['purge']>>('PluginPurge').implement({
  description: 'How far the deletion of what a plugin left is.',
  fields: (t) => ({
    isOver: t.boolean({ resolve: ({ state }) => state === 'done' }),
    profiles: t.exposeInt('profiles'),
    values: t.exposeInt('values'),
    changes: t.exposeInt('changes'),
    holds: t.exposeInt('holds'),
    reactions: t.exposeInt('reactions'),
  }),
})

const RolloutStateType = builder.enumType('PluginRolloutState', {
  values: {
    CANARY: {
      value: 'canary',
      description: 'Runs on a share of the profiles, beside the version in service.',
    },
    WATCHING: { value: 'watching', description: 'In service; its first items are looked at.' },
    COMPLETED: { value: 'completed', description: 'Over; the version stood.' },
    ROLLED_BACK: { value: 'rolled_back', description: 'Over; the version before goes on.' },
  } as const,
})

const RolloutType = builder.objectRef<PluginRolloutView>('PluginRollout').implement({
  description:
    'How a new version is tried, summed over all nodes. One that fails too much is taken back.',
  fields: (t) => ({
    version: t.exposeString('version'),
    digest: t.exposeString('digest'),
    share: t.exposeInt('share', { description: 'Percent of the profiles; 100 in service.' }),
    state: t.expose('state', { type: RolloutStateType }),
    items: t.exposeFloat('items', {
      description: 'What it was handed, each item once however often it was tried.',
    }),
    failures: t.exposeFloat('failures', { description: 'Items that it failed by its own doing.' }),
    baseItems: t.exposeFloat('baseItems', {
      description: 'Of the version beside it, or before it.',
    }),
    baseFailures: t.exposeFloat('baseFailures'),
    startedBy: t.exposeString('startedBy'),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it is over.' }),
  }),
})

export const PluginType = builder.objectRef<PluginView>('Plugin').implement({
  description: glossary.plugin,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'As its manifest names it.' }),
    state: t.expose('state', { type: PluginStateType }),
    reason: t.exposeString('reason', { nullable: true, description: 'A code: why it is so.' }),
    phase: t.field({
      type: PluginPhaseType,
      nullable: true,
      resolve: ({ id, current }, _, { reader, actions }) =>
        actions
          .phasesOf(reader)
          .find(({ pluginId, digest }) => pluginId === id && digest === current?.digest)?.phase,
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    current: t.expose('current', {
      type: PluginVersionType,
      nullable: true,
      description: 'The version in service, or that was last.',
    }),
    candidate: t.expose('candidate', { type: CandidateType, nullable: true }),
    previousDigest: t.string({
      nullable: true,
      resolve: ({ previous }) => previous?.digest ?? null,
    }),
    previousVersion: t.expose('previous', {
      type: PluginVersionType,
      nullable: true,
      description: 'What `rollbackPlugin` returns to; after that, the version that was left.',
    }),
    rollout: t.expose('rollout', {
      type: RolloutType,
      nullable: true,
      description: 'The newest: under way, or how the last one ended.',
    }),
    waiting: t.exposeInt('waiting', { description: 'Reactions that wait for its agents.' }),
    versions: t.exposeInt('versions', { description: 'How many versions are kept.' }),
    purge: t.expose('purge', { type: PurgeType, nullable: true }),
  }),
})

export const PublisherType = builder.objectRef<Publisher>('PluginPublisher').implement({
  description: 'Somebody whose signature the workspace knows.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'An Ed25519 public key in base64url.' }),
    name: t.exposeString('name'),
    level: t.expose('level', { type: PublisherLevelType }),
    addedBy: t.exposeString('addedBy'),
    addedAt: t.expose('addedAt', { type: 'DateTime' }),
  }),
})

export const TrustNeededType = builder.objectRef<TrustNeeded>('PluginTrust').implement({
  description:
    'How far a plugin has to be trusted for what; below that only an administrator may approve it.',
  fields: (t) => ({
    pii: t.expose('pii', { type: TrustLevelType }),
    network: t.expose('network', { type: TrustLevelType }),
    process: t.expose('process', { type: TrustLevelType }),
  }),
})
