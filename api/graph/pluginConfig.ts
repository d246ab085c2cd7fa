/** What operators set for plugins: values that agents are handed, and secrets that nobody is shown. */
import {
  findConfig,
  type ConfigView,
  type ConfigVersionView,
  type SecretView,
} from '../../core/read/findConfig.ts'
import { builder } from './builder.ts'
import { outcome, UserErrorType, type Outcome } from './type/payload.ts'

const PluginSecretType = builder.objectRef<SecretView>('PluginSecret').implement({
  description: 'A value that can be set and never read: only the platform uses it.',
  fields: (t) => ({
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    required: t.exposeBoolean('required', { description: 'Without it the agents do not run.' }),
    isSet: t.exposeBoolean('isSet'),
    setBy: t.exposeString('setBy', { nullable: true }),
    setAt: t.expose('setAt', { type: 'DateTime', nullable: true }),
  }),
})

const PluginConfigVersionType = builder
  .objectRef<ConfigVersionView>('PluginConfigVersion')
  .implement({
    fields: (t) => ({
      number: t.exposeInt('number'),
      values: t.expose('config', { type: 'Json' }),
      secrets: t.exposeStringList('secrets', {
        description: 'Names of the secrets that were set or taken away with it.',
      }),
      returnsTo: t.exposeInt('returnsTo', {
        nullable: true,
        description: 'The version that it brought back.',
      }),
      author: t.exposeString('author'),
      reason: t.exposeString('reason', { nullable: true }),
      setAt: t.expose('setAt', { type: 'DateTime' }),
    }),
  })

const PluginConfigType = builder.objectRef<ConfigView>('PluginConfig').implement({
  fields: (t) => ({
    plugin: t.exposeString('plugin'),
    version: t.exposeString('version', { description: 'Of the plugin that is installed.' }),
    number: t.exposeInt('number', { description: '0 where nothing was ever set.' }),
    schema: t.expose('schema', {
      type: 'Json',
      nullable: true,
      description: 'JSON Schema of the values.',
    }),
    values: t.expose('config', { type: 'Json', description: 'What was set.' }),
    effective: t.expose('effective', {
      type: 'Json',
      description: 'What agents are handed: defaults filled in.',
    }),
    secrets: t.expose('secrets', { type: [PluginSecretType] }),
    waitsFor: t.exposeString('waitsFor', {
      nullable: true,
      description: 'Why its agents do not run: a required value or secret that is not set.',
    }),
    history: t.expose('history', {
      type: [PluginConfigVersionType],
      description: 'The newest first, 100 at most.',
    }),
  }),
})

const PluginConfigPayload = builder
  .objectRef<Outcome<ConfigView>>('PluginConfigPayload')
  .implement({
    fields: (t) => ({
      config: t.expose('result', { type: PluginConfigType, nullable: true }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const PluginSecretInput = builder.inputType('PluginSecretInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    value: t.string({ description: 'Null takes the secret away.' }),
  }),
})

const ConfigurePluginInput = builder.inputType('ConfigurePluginInput', {
  fields: (t) => ({
    plugin: t.string({ required: true }),
    values: t.field({
      type: 'Json',
      description: 'By key; null takes a key back to its default, and what is not named stays.',
    }),
    secrets: t.field({ type: [PluginSecretInput] }),
    reason: t.string(),
  }),
})

const RollbackPluginConfigInput = builder.inputType('RollbackPluginConfigInput', {
  fields: (t) => ({
    plugin: t.string({ required: true }),
    number: t.int({ required: true, description: 'The version whose values are to count again.' }),
    reason: t.string(),
  }),
})

builder.queryFields((t) => ({
  pluginConfig: t.field({
    type: PluginConfigType,
    args: { plugin: t.arg.string({ required: true }) },
    resolve: (_, { plugin }, { reader }) => findConfig(reader, plugin),
  }),
}))

builder.mutationFields((t) => ({
  configurePlugin: t.field({
    type: PluginConfigPayload,
    description:
      'Sets values and secrets of a plugin. They count from the next batch on, without a restart.',
    args: { input: t.arg({ type: ConfigurePluginInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(async () => {
        await actions.configurePlugin(reader, input)
        return findConfig(reader, input.plugin)
      }),
  }),
  rollbackPluginConfig: t.field({
    type: PluginConfigPayload,
    description: 'Sets the values of an earlier version again; secrets stay as they are.',
    args: { input: t.arg({ type: RollbackPluginConfigInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(async () => {
        await actions.rollbackPluginConfig(reader, input)
        return findConfig(reader, input.plugin)
      }),
  }),
}))
