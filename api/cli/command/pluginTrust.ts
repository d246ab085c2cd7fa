import { Option, type Command } from 'commander'
import { z } from 'zod'
import { capabilities, publisherLevels, trustLevels } from '../../../core/model/pluginTrust.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'

interface Options {
  json?: boolean
}

const publisherFields = 'key name level addedBy addedAt'
const publisherSchema = z.object({
  key: z.string(),
  name: z.string(),
  level: z.string(),
  addedBy: z.string(),
  addedAt: z.string(),
})
const trustFields = 'pii network process'
const trustSchema = z.object({ pii: z.string(), network: z.string(), process: z.string() })

/** Whose signatures count, and how far a plugin has to be trusted for what. */
export function addPluginTrust(plugin: Command, table: CommandTable): void {
  const publisher = plugin.command('publisher').description('whose signatures are known')

  publisher
    .command('list')
    .description('list the publishers that are known')
    .option('--json', 'print JSON')
    .action((options: Options) => list(table, options))

  publisher
    .command('add <key> <name>')
    // One key in 64 begins with what looks like an option.
    .allowUnknownOption()
    .description('say whose Ed25519 public key (32 bytes in base64url) it is')
    .addOption(
      new Option('--level <level>', 'what its signature is worth')
        .choices(publisherLevels)
        .default('verified'),
    )
    .option('--json', 'print JSON')
    .action((key: string, name: string, { level, ...options }: Options & { level: string }) =>
      add(table, { key, name, level: level.toUpperCase() }, options),
    )

  publisher
    .command('remove <key>')
    .allowUnknownOption()
    .description('forget a publisher; what is installed stays')
    .option('--json', 'print JSON')
    .action((key: string, options: Options) => remove(table, key, options))

  plugin
    .command('trust [capability] [level]')
    .description(
      `show, or set, how far a plugin has to be trusted: ${capabilities.join(', ')}; ${trustLevels.join(', ')}`,
    )
    .option('--json', 'print JSON')
    .action((capability: string | undefined, level: string | undefined, options: Options) =>
      capability !== undefined && level !== undefined
        ? setTrust(table, { capability, level }, options)
        : showTrust(table, options),
    )
}

async function list(table: CommandTable, options: Options): Promise<void> {
  await using client = await table.openClient()
  const { pluginPublishers } = await client.ask(
    z.object({ pluginPublishers: z.array(publisherSchema) }),
    `{ pluginPublishers { ${publisherFields} } }`,
  )
  show(table, options, pluginPublishers)
}

async function add(table: CommandTable, input: object, options: Options): Promise<void> {
  await using client = await table.openClient()
  const { addPluginPublisher: done } = await client.ask(
    z.object({
      addPluginPublisher: z.object({ publisher: publisherSchema.nullable(), errors: userErrors }),
    }),
    `mutation ($input: AddPluginPublisherInput!) { addPluginPublisher(input: $input) {
      publisher { ${publisherFields} } ${errorFields} } }`,
    { input },
  )
  refuseErrors(done.errors)
  show(table, options, done.publisher ? [done.publisher] : [])
}

async function remove(table: CommandTable, key: string, options: Options): Promise<void> {
  await using client = await table.openClient()
  const { removePluginPublisher: done } = await client.ask(
    z.object({
      removePluginPublisher: z.object({ key: z.string().nullable(), errors: userErrors }),
    }),
    `mutation ($key: String!) { removePluginPublisher(input: { key: $key }) { key ${errorFields} } }`,
    { key },
  )
  refuseErrors(done.errors)
  show(table, options, [{ removed: done.key }])
}

async function showTrust(table: CommandTable, options: Options): Promise<void> {
  await using client = await table.openClient()
  const schema = z.object({ pluginTrust: trustSchema })
  const { pluginTrust } = await client.ask(schema, `{ pluginTrust { ${trustFields} } }`)
  show(table, options, rowsOf(pluginTrust))
}

async function setTrust(
  table: CommandTable,
  { capability, level }: { capability: string; level: string },
  options: Options,
): Promise<void> {
  await using client = await table.openClient()
  const { setPluginTrust: done } = await client.ask(
    z.object({ setPluginTrust: z.object({ trust: trustSchema.nullable(), errors: userErrors }) }),
    `mutation ($input: SetPluginTrustInput!) { setPluginTrust(input: $input) {
      trust { ${trustFields} } ${errorFields} } }`,
    { input: { capability: capability.toUpperCase(), level: level.toUpperCase() } },
  )
  refuseErrors(done.errors)
  show(table, options, done.trust ? rowsOf(done.trust) : [])
}

const rowsOf = (trust: z.infer<typeof trustSchema>) =>
  Object.entries(trust).map(([capability, level]) => ({ capability, level: level.toLowerCase() }))
