import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'

const jsonObject = z.record(z.string(), z.json())

const configSchema = z.object({
  plugin: z.string(),
  version: z.string(),
  number: z.number(),
  schema: jsonObject.nullable(),
  values: jsonObject,
  effective: jsonObject,
  secrets: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      required: z.boolean(),
      isSet: z.boolean(),
      setBy: z.string().nullable(),
      setAt: z.string().nullable(),
    }),
  ),
  waitsFor: z.string().nullable(),
  history: z.array(
    z.object({
      number: z.number(),
      values: jsonObject,
      secrets: z.array(z.string()),
      returnsTo: z.number().nullable(),
      author: z.string(),
      reason: z.string().nullable(),
      setAt: z.string(),
    }),
  ),
})
type Config = z.infer<typeof configSchema>

const fields = `plugin version number schema values effective
  secrets { name description required isSet setBy setAt } waitsFor
  history { number values secrets returnsTo author reason setAt }`

interface Options {
  set?: string[]
  unset?: string[]
  secret?: string[]
  dropSecret?: string[]
  rollback?: string
  reason?: string
  json?: boolean
}

/** Adds `config` to the command `plugin`. */
export function addPluginConfig(plugin: Command, table: CommandTable): void {
  plugin
    .command('config <id>')
    .description('show what is set for a plugin, or set it; it counts at once')
    .option('--set <key=value...>', 'values; JSON, or text where the plugin takes text')
    .option('--unset <key...>', 'keys that go back to their default')
    .option('--secret <NAME=value...>', 'secrets, which nobody can read again')
    .option('--drop-secret <NAME...>', 'secrets to take away')
    .option('--rollback <number>', 'set the values of an earlier version again')
    .option('--reason <text>', 'why, for those who read the history')
    .option('--json', 'print JSON')
    .action((id: string, options: Options) => config(table, id, options))
}

async function config(table: CommandTable, plugin: string, options: Options): Promise<void> {
  await using client = await table.openClient()
  const { pluginConfig } = await client.ask(
    z.object({ pluginConfig: configSchema }),
    `query ($plugin: String!) { pluginConfig(plugin: $plugin) { ${fields} } }`,
    { plugin },
  )
  const { reason } = options
  if (options.rollback !== undefined) {
    const input = { plugin, number: Number(options.rollback), reason }
    const { rollbackPluginConfig } = await client.ask(
      z.object({ rollbackPluginConfig: payload }),
      `mutation ($input: RollbackPluginConfigInput!) { rollbackPluginConfig(input: $input) {
        config { ${fields} } ${errorFields} } }`,
      { input },
    )
    return print(table, options, accepted(rollbackPluginConfig))
  }
  const given = inputOf(pluginConfig, options)
  if (given === undefined) return print(table, options, pluginConfig)
  const { configurePlugin } = await client.ask(
    z.object({ configurePlugin: payload }),
    `mutation ($input: ConfigurePluginInput!) { configurePlugin(input: $input) {
      config { ${fields} } ${errorFields} } }`,
    { input: { plugin, reason, ...given } },
  )
  print(table, options, accepted(configurePlugin))
}

const payload = z.object({ config: configSchema.nullable(), errors: userErrors })

function accepted({ config: made, errors }: z.infer<typeof payload>): Config {
  refuseErrors(errors)
  if (!made) throw fail('internal')
  return made
}

function inputOf(
  { schema }: Config,
  { set = [], unset = [], secret = [], dropSecret = [] }: Options,
) {
  if (set.length + unset.length + secret.length + dropSecret.length === 0) return undefined
  const values = [
    ...set
      .map((pair) => pairOf('--set', pair))
      .map(([key, text]) => [key, valueOf(schema, key, text)]),
    ...unset.map((key) => [key, null]),
  ]
  const secrets = [
    ...secret.map((pair) => pairOf('--secret', pair)).map(([name, value]) => ({ name, value })),
    ...dropSecret.map((name) => ({ name, value: null })),
  ]
  return {
    ...(values.length > 0 ? { values: Object.fromEntries(values) } : {}),
    ...(secrets.length > 0 ? { secrets } : {}),
  }
}

/** @throws bad_input; without what stands behind the sign, which may be a secret */
function pairOf(option: string, pair: string): [string, string] {
  const at = pair.indexOf('=')
  if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
  throw fail('bad_input', { path: option, reason: 'it is not of the form key=value' })
}

/** `1.10` is a number for most keys, and a text for one that takes text. */
function valueOf(schema: Config['schema'], key: string, text: string): unknown {
  const properties = z.record(z.string(), jsonObject).safeParse(schema?.['properties'])
  const property = properties.success ? properties.data[key] : undefined
  if (property?.['type'] === 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    // A text that is no JSON is meant as it stands; the schema says whether it fits.
    return text
  }
}

function print(table: CommandTable, options: Options, found: Config): void {
  if (options.json) {
    table.write(JSON.stringify(found, null, 2))
    return
  }
  const { effective, values, secrets, waitsFor, number } = found
  table.write(`config ${number === 0 ? 'was never set' : `version ${number}`}`)
  show(table, options, [
    ...Object.entries(effective).map(([key, value]) => ({
      key,
      value: JSON.stringify(value),
      set: Object.hasOwn(values, key) ? 'yes' : 'default',
    })),
    ...secrets.map(({ name, isSet, setBy, setAt }) => ({
      key: name,
      value: isSet ? `secret, by ${setBy} at ${setAt}` : 'secret',
      set: isSet ? 'yes' : 'no',
    })),
  ])
  if (waitsFor !== null) table.write(`Its agents do not run: ${waitsFor}.`)
}
