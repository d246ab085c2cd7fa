import type {
  PluginError,
  PluginLine,
  Quarantine,
  Strike,
} from '../../../core/model/pluginHealth.ts'
import { listHealth, type PluginHealthView } from '../../../core/read/pluginHealth.ts'
import type { Reader } from '../../../core/read/reader.ts'
import { builder } from '../builder.ts'
import { AgentType } from './agent.ts'
import { PluginPhaseType, PluginType } from './plugin.ts'

const PluginErrorType = builder.objectRef<PluginError>('PluginError').implement({
  description: 'How an item of a plugin failed.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: ({ at }) => new Date(at) }),
    code: t.exposeString('code'),
    message: t.exposeString('message', { description: 'Values of the input are masked in it.' }),
    agent: t.exposeString('agent'),
    digest: t.exposeString('digest', { description: 'The version that failed.' }),
    profileId: t.exposeID('profileId'),
    eventId: t.exposeID('eventId', { nullable: true }),
    input: t.expose('input', {
      type: 'Json',
      description: 'What it was given: types and lengths instead of values.',
    }),
  }),
})

const PluginStrikeType = builder.objectRef<Strike>('PluginStrike').implement({
  description: 'A failure that counts towards quarantine: 5 within 10 minutes.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: ({ at }) => new Date(at) }),
    code: t.exposeString('code'),
    profileId: t.exposeID('profileId'),
    eventId: t.exposeID('eventId', { nullable: true }),
  }),
})

const PluginLineType = builder.objectRef<PluginLine>('PluginLine').implement({
  description: 'A line that a plugin wrote; values of its input are masked.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: ({ at }) => new Date(at) }),
    level: t.exposeString('level'),
    agent: t.exposeString('agent', { nullable: true }),
    message: t.exposeString('message'),
  }),
})

const PluginQuarantineType = builder.objectRef<Quarantine>('PluginQuarantine').implement({
  description: 'Why a plugin was quarantined last.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: ({ at }) => new Date(at) }),
    code: t.exposeString('code', { description: 'What the last strike was for.' }),
    digest: t.exposeString('digest'),
    profileId: t.exposeID('profileId', { description: 'What it failed on.' }),
    eventId: t.exposeID('eventId', { nullable: true }),
    strikes: t.exposeInt('strikes'),
    lines: t.expose('lines', {
      type: [PluginLineType],
      description: 'The last that it wrote on the node that saw the last strike.',
    }),
  }),
})

/** One that was never called has no counts yet. */
interface Health {
  plugin: string
  counted: PluginHealthView | null
}

const count = (pick: (counted: PluginHealthView) => number) => ({
  resolve: ({ counted }: Health): number => (counted ? pick(counted) : 0),
})

export const PluginHealthType = builder.objectRef<Health>('PluginHealth').implement({
  description: 'How a plugin fares, summed over all nodes but where it says otherwise.',
  fields: (t) => ({
    plugin: t.exposeString('plugin'),
    calls: t.float({ ...count(({ calls }) => calls), description: 'Batches.' }),
    items: t.float(count(({ items }) => items)),
    failures: t.float({ ...count(({ failures }) => failures), description: 'Items that failed.' }),
    denials: t.float({
      ...count(({ denials }) => denials),
      description: 'Items whose effects policies refused, and requests that were denied.',
    }),
    bytesOut: t.float({
      ...count(({ bytesOut }) => bytesOut),
      description: 'Sent by its requests.',
    }),
    busyMs: t.float({ ...count(({ busyMs }) => busyMs), description: 'Time its calls took.' }),
    cpuMs: t.float({
      ...count(({ cpuMs }) => cpuMs),
      description: 'Processor time its calls took.',
    }),
    latencyP50Ms: t.float({
      nullable: true,
      description: 'Half of the calls took at most this.',
      resolve: ({ counted }) => counted?.latencyP50Ms,
    }),
    latencyP99Ms: t.float({ nullable: true, resolve: ({ counted }) => counted?.latencyP99Ms }),
    lastError: t.field({
      type: PluginErrorType,
      nullable: true,
      resolve: ({ counted }) => counted?.lastError,
    }),
    strikes: t.field({
      type: [PluginStrikeType],
      resolve: ({ counted }) => counted?.strikes ?? [],
    }),
    quarantine: t.field({
      type: PluginQuarantineType,
      nullable: true,
      resolve: ({ counted }) => counted?.quarantine,
    }),
    okAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When a reaction of it last succeeded.',
      resolve: ({ counted }) => counted?.okAt,
    }),
    activeAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last called.',
      resolve: ({ counted }) => counted?.activeAt,
    }),
    phase: t.field({
      type: PluginPhaseType,
      nullable: true,
      resolve: ({ plugin }, _, { reader, actions }) => actions.nodeHealthOf(reader, plugin).phase,
    }),
    memoryShare: t.float({
      description: 'Part of the memory for plugins on the node that answers, 0 to 1; an estimate.',
      resolve: ({ plugin }, _, { reader, actions }) =>
        actions.nodeHealthOf(reader, plugin).memoryShare,
    }),
    lines: t.field({
      type: [PluginLineType],
      description: 'The last that it wrote on the node that answers, oldest first.',
      resolve: ({ plugin }, _, { reader, actions }) => actions.nodeHealthOf(reader, plugin).lines,
    }),
  }),
})

builder.objectFields(PluginHealthType, (t) => ({
  writes: t.float({
    ...count(({ writes }) => writes),
    description: 'Traits that its agents wrote or would have written.',
  }),
  conflicts: t.float({
    ...count(({ conflicts }) => conflicts),
    description: "Of these, those that met another agent's word or a commitment.",
  }),
  conflictRate: t.float({
    nullable: true,
    description: 'Conflicts by writes, 0 to 1; null before the first write.',
    resolve: ({ counted }) =>
      counted && counted.writes > 0 ? counted.conflicts / counted.writes : null,
  }),
}))

async function healths(ids: readonly string[], reader: Reader): Promise<Health[]> {
  const found = await listHealth(reader, [...new Set(ids)])
  const byId = new Map(found.map((counted) => [counted.plugin, counted]))
  return ids.map((plugin) => ({ plugin, counted: byId.get(plugin) ?? null }))
}

builder.objectField(PluginType, 'health', (t) =>
  t.loadable({
    type: PluginHealthType,
    load: (ids: string[], { reader }) => healths(ids, reader),
    resolve: ({ id }) => id,
  }),
)

builder.objectField(AgentType, 'health', (t) =>
  t.loadable({
    type: PluginHealthType,
    description: 'Of its plugin.',
    load: (ids: string[], { reader }) => healths(ids, reader),
    resolve: ({ plugin }) => plugin,
  }),
)
