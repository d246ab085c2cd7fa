import type { Command } from 'commander'
import { z } from 'zod'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'
import { addPluginHealth } from './pluginHealth.ts'
import { addPluginKit } from './pluginKit.ts'
import { addPluginConfig } from './pluginConfig.ts'
import { addPluginLife } from './pluginLife.ts'
import { addPluginRehearsal } from './pluginRehearse.ts'
import { addPluginRollout } from './pluginRollout.ts'
import { addPluginTrust } from './pluginTrust.ts'
import { rolloutFields, rolloutSchema, shareText } from './pluginView.ts'

const agentSchema = z.object({
  id: z.string(),
  plugin: z.string(),
  version: z.string(),
  state: z.string(),
  purpose: z.string(),
  triggers: z.array(z.string()),
  reads: z.array(z.string()),
  writes: z.array(z.string()),
})

const agentFields = 'id plugin version state purpose triggers reads writes'

interface Options {
  json?: boolean
}

export function addPlugin(program: Command, table: CommandTable): void {
  const plugin = program.command('plugin').description('agents that react to profiles')

  plugin
    .command('list')
    .description('list the agents of installed plugins')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const agents = await listAgents(table)
      const brief = agents.map(({ id, version, state, purpose, canary }) => ({
        id,
        version,
        state,
        purpose,
        canary,
      }))
      show(table, options, options.json ? agents : brief)
    })

  addPluginLife(plugin, table)
  addPluginRehearsal(plugin, table)
  addPluginRollout(plugin, table)
  addPluginTrust(plugin, table)
  addPluginHealth(plugin, table)
  addPluginKit(plugin, table)
  addPluginConfig(plugin, table)
}

/** With what is tried of its plugin beside the version in service. */
async function listAgents(
  table: CommandTable,
): Promise<(z.infer<typeof agentSchema> & { canary: string | null })[]> {
  await using client = await table.openClient()
  const schema = z.object({
    agents: z.array(agentSchema),
    plugins: z.array(z.object({ id: z.string(), rollout: rolloutSchema.nullable() })),
  })
  const query = `{ agents { ${agentFields} } plugins { id ${rolloutFields} } }`
  const { agents, plugins } = await client.ask(schema, query)
  const tried = new Map(plugins.map(({ id, rollout }) => [id, shareText(rollout)]))
  return agents.map((agent) => ({ ...agent, canary: tried.get(agent.plugin) ?? null }))
}
