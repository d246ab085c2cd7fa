import { resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'
import { addPluginKit } from './pluginKit.ts'
import { addPluginConfig } from './pluginConfig.ts'

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
    .command('install <folder>')
    .description('install or upgrade the plugin in a folder, while the system runs')
    .option('--json', 'print JSON')
    .action((folder: string, options: Options) => install(table, folder, options))

  plugin
    .command('list')
    .description('list the agents of installed plugins')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const agents = await listAgents(table)
      const brief = agents.map(({ id, version, state, purpose }) => ({
        id,
        version,
        state,
        purpose,
      }))
      show(table, options, options.json ? agents : brief)
    })

  plugin
    .command('show <id>')
    .description('show what the agents of one plugin read, write and wait for')
    .option('--json', 'print JSON')
    .action(async (id: string, options: Options) => {
      const agents = (await listAgents(table)).filter(({ plugin: name }) => name === id)
      if (agents.length === 0) throw fail('plugin_not_found', { plugin: id })
      show(table, options, agents)
    })

  plugin
    .command('remove <id>')
    .description('remove a plugin; what waits for its agents is dropped')
    .option('--json', 'print JSON')
    .action((id: string, options: Options) => remove(table, id, options))

  addPluginKit(plugin, table)
  addPluginConfig(plugin, table)
}

async function listAgents(table: CommandTable): Promise<z.infer<typeof agentSchema>[]> {
  await using client = await table.openClient()
  const schema = z.object({ agents: z.array(agentSchema) })
  return (await client.ask(schema, `{ agents { ${agentFields} } }`)).agents
}

async function install(table: CommandTable, folder: string, options: Options): Promise<void> {
  await using client = await table.openClient()
  const { installPlugin } = await client.ask(
    z.object({
      installPlugin: z.object({ agents: z.array(agentSchema).nullable(), errors: userErrors }),
    }),
    `mutation ($path: String!) { installPlugin(input: { path: $path }) {
      agents { ${agentFields} } ${errorFields} } }`,
    { path: resolve(folder) },
  )
  refuseErrors(installPlugin.errors)
  show(table, options, installPlugin.agents ?? [])
}

async function remove(table: CommandTable, id: string, options: Options): Promise<void> {
  await using client = await table.openClient()
  const { removePlugin } = await client.ask(
    z.object({ removePlugin: z.object({ plugin: z.string().nullable(), errors: userErrors }) }),
    `mutation ($plugin: String!) { removePlugin(input: { plugin: $plugin }) { plugin ${errorFields} } }`,
    { plugin: id },
  )
  refuseErrors(removePlugin.errors)
  show(table, options, [{ removed: id }])
}
