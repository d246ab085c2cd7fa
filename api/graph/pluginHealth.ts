/** How plugins fare. */
import { listPlugins } from '../../core/read/listPlugins.ts'
import { listHealth } from '../../core/read/pluginHealth.ts'
import { builder } from './builder.ts'
import { PluginHealthType } from './type/pluginHealth.ts'

builder.queryField('pluginHealth', (t) =>
  t.field({
    type: PluginHealthType,
    nullable: true,
    description: 'Null for a plugin that the workspace never had.',
    args: { plugin: t.arg.string({ required: true }) },
    resolve: async (_, { plugin }, { reader }) => {
      const [[known], [counted]] = await Promise.all([
        listPlugins(reader, [plugin]),
        listHealth(reader, [plugin]),
      ])
      return known ? { plugin, counted: counted ?? null } : null
    },
  }),
)
