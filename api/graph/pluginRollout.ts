/** How a new version of a plugin is tried on some of the profiles, put in service and taken back. */
import { builder } from './builder.ts'
import { moved, pluginInputType, pluginPayload } from './plugin.ts'

const SetPluginShareInput = builder.inputType('SetPluginShareInput', {
  fields: (t) => ({
    plugin: t.string({ required: true }),
    share: t.int({ required: true, description: 'Percent of the profiles, 1 to 99.' }),
  }),
})

const RollbackPluginInput = builder.inputType('RollbackPluginInput', {
  fields: (t) => ({ plugin: t.string({ required: true }), comment: t.string() }),
})

builder.mutationFields((t) => ({
  setPluginShare: t.field({
    type: pluginPayload('SetPluginSharePayload'),
    description:
      'Says on how many profiles the version beside the one in service runs; more keep those that it has.',
    args: { input: t.arg({ type: SetPluginShareInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      moved(reader, () => actions.setPluginShare(reader, input)),
  }),
  promotePlugin: t.field({
    type: pluginPayload('PromotePluginPayload'),
    description: 'Puts the version that runs on a share of the profiles in service for all.',
    args: { input: t.arg({ type: pluginInputType('PromotePluginInput'), required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      moved(reader, () => actions.promotePlugin(reader, input)),
  }),
  rollbackPlugin: t.field({
    type: pluginPayload('RollbackPluginPayload'),
    description:
      'One step back: ends the trial on a share of the profiles, or else returns to the version before.',
    args: { input: t.arg({ type: RollbackPluginInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      moved(reader, () => actions.rollbackPlugin(reader, input)),
  }),
}))
