import { resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import type { Client } from '../client.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'
import { readHealth, writeHealth } from './pluginHealth.ts'
import { percentOf, writeRollout } from './pluginRollout.ts'
import {
  diffFields,
  diffSchema,
  lower,
  moved,
  pluginFields,
  pluginSchema,
  rowOf,
  writeDiff,
} from './pluginView.ts'

interface Options {
  json?: boolean
}

const inspectionSchema = z.object({
  plugin: z.string(),
  version: z.string(),
  digest: z.string(),
  replaces: z.string().nullable(),
  trust: z.string(),
  signer: z.string().nullable(),
  publisher: z.string().nullable(),
  diff: diffSchema,
  needsApproval: z.boolean(),
  reasons: z.array(z.string()),
  touchesPersonalData: z.boolean(),
  beyondTrust: z.array(z.string()),
  rings: z.array(z.string()),
})
type Inspection = z.infer<typeof inspectionSchema>
const inspectionFields = `plugin version digest replaces trust signer publisher needsApproval reasons
  touchesPersonalData beyondTrust rings ${diffFields}`

const holdingsFields =
  'versions subscriptions reactions traits profiles values changes holds states keys secrets'
const holdingsSchema = z.object({
  versions: z.number(),
  subscriptions: z.number(),
  reactions: z.number(),
  traits: z.array(z.string()),
  profiles: z.number(),
  values: z.number(),
  changes: z.number(),
  holds: z.number(),
  states: z.number(),
  keys: z.number(),
  secrets: z.number(),
})

/** How a plugin comes into service. */
export function addPluginLife(plugin: Command, table: CommandTable): void {
  plugin
    .command('inspect <folder-or-tgz>')
    .description('say what installing a package would permit, storing nothing')
    .option('--json', 'print JSON')
    .action((path: string, options: Options) => inspect(table, path, options))

  for (const [name, description] of installs) {
    plugin
      .command(`${name} <folder-or-tgz>`)
      .description(description)
      .option('--yes', 'agree to what it asks for as well, where that takes nobody else')
      .option('--canary <percent>', 'try it on so many percent of the profiles first')
      .option('--json', 'print JSON')
      .action((path: string, options: InstallOptions) =>
        install(table, path, { ...options, isUpgrade: name === 'upgrade' }),
      )
  }

  plugin
    .command('show <id>')
    .description('show a plugin: its state, what it may do, and what waits')
    .option('--json', 'print JSON')
    .action((id: string, options: Options) => showPlugin(table, id, options))

  for (const [name, description] of decisions) {
    const command = plugin
      .command(`${name} <id>`)
      .description(description)
      .option('--comment <text>', 'what you have to say')
      .option('--json', 'print JSON')
      .action((id: string, { comment, canary, ...options }: DecisionOptions) => {
        const share = canary === undefined ? {} : { canary: percentOf(canary) }
        return change(table, name, { plugin: id, comment, ...share }, options)
      })
    if (name === 'approve') {
      command.option('--canary <percent>', 'try it on so many percent first; else as was asked for')
    }
  }
  for (const [name, description] of changes) {
    plugin
      .command(`${name} <id>`)
      .description(description)
      .option('--json', 'print JSON')
      .action((id: string, options: Options) => change(table, name, { plugin: id }, options))
  }

  plugin
    .command('remove <id>')
    .description('take a plugin out of service; what it wrote stays')
    .option('--json', 'print JSON')
    .action((id: string, options: Options) => remove(table, id, options))

  plugin
    .command('purge <id>')
    .description('count all that a plugin left; with --yes, delete it for good')
    .option('--yes', 'delete it')
    .option('--json', 'print JSON')
    .action((id: string, options: Options & { yes?: boolean }) => purge(table, id, options))
}

interface DecisionOptions extends Options {
  comment?: string
  canary?: string
}

interface InstallOptions extends Options {
  yes?: boolean
  canary?: string
}

const installs = [
  ['install', 'install or upgrade a plugin, while the system runs'],
  ['upgrade', 'install the next version of a plugin that is in service'],
] as const

const decisions = [
  ['approve', 'agree to the version of a plugin that waits'],
  ['refuse', 'refuse the version that waits; the one in service goes on'],
] as const

const changes = [
  ['pause', 'stop a plugin; what wakes its agents waits'],
  ['resume', 'have a paused plugin go on with what waited'],
  ['release', 'let a plugin out of quarantine'],
] as const

function report(table: CommandTable, inspection: Inspection, options: Options): void {
  if (options.json) {
    const { diff, ...rest } = inspection
    show(table, options, [{ ...rest, ...wordsOf(diff) }])
    return
  }
  const { plugin, version, replaces, trust, publisher, digest, reasons } = inspection
  const by = publisher ?? (inspection.signer === null ? 'nobody' : 'an unknown key')
  table.write(`${plugin} ${version}${replaces === null ? '' : `, in place of ${replaces}`}`)
  table.write(`signed by ${by}, trusted as ${lower(trust) ?? ''}, digest ${digest.slice(0, 16)}`)
  writeDiff(table, inspection.diff)
  for (const reason of reasons) table.write(`Needs approval: ${reason}`)
  for (const ring of inspection.rings) {
    table.write(`Wakes itself again: ${ring}. It ends only where one writes what already stands.`)
  }
  if (inspection.touchesPersonalData) {
    table.write('It touches personal data: somebody else than the installer approves it.')
  }
  if (inspection.beyondTrust.length > 0) {
    table.write(`Trusted too little for: ${inspection.beyondTrust.map(lower).join(', ')}.`)
    table.write('Only an administrator may approve it.')
  }
}

const wordsOf = ({ gained, lost }: z.infer<typeof diffSchema>) => ({
  gained: gained.map(({ sentence }) => sentence),
  lost: lost.map(({ sentence }) => sentence),
})

async function inspect(table: CommandTable, path: string, options: Options): Promise<void> {
  await using client = await table.openClient()
  report(table, await inspected(client, path), options)
}

async function inspected(client: Client, path: string): Promise<Inspection> {
  const { inspectPlugin } = await client.ask(
    z.object({
      inspectPlugin: z.object({ inspection: inspectionSchema.nullable(), errors: userErrors }),
    }),
    `mutation ($path: String!) { inspectPlugin(input: { path: $path }) {
      inspection { ${inspectionFields} } ${errorFields} } }`,
    { path: resolve(path) },
  )
  refuseErrors(inspectPlugin.errors)
  if (!inspectPlugin.inspection) throw fail('internal')
  return inspectPlugin.inspection
}

async function install(
  table: CommandTable,
  path: string,
  { yes, canary, isUpgrade, ...options }: InstallOptions & { isUpgrade: boolean },
): Promise<void> {
  const share = canary === undefined ? null : percentOf(canary)
  await using client = await table.openClient()
  if (isUpgrade) await demandInService(client, path)
  const payload = z.object({
    plugin: pluginSchema.nullable(),
    inspection: inspectionSchema.nullable(),
    errors: userErrors,
  })
  const { installPlugin } = await client.ask(
    z.object({ installPlugin: payload }),
    `mutation ($path: String!, $share: Int) { installPlugin(input: { path: $path, canary: $share }) {
      plugin { ${pluginFields} } inspection { ${inspectionFields} } ${errorFields} } }`,
    { path: resolve(path), share },
  )
  refuseErrors(installPlugin.errors)
  const { plugin, inspection } = installPlugin
  if (!plugin || !inspection) return
  if (!options.json) report(table, inspection, options)
  if (yes && inspection.needsApproval) {
    const input = { plugin: plugin.id, digest: inspection.digest }
    show(table, options, [rowOf(await moved(client, 'approvePlugin', input))])
    return
  }
  show(table, options, [rowOf(plugin)])
  if (inspection.needsApproval && !options.json) {
    table.write(`Approve it with: slateboard plugin approve ${plugin.id}`)
  }
}

/** @throws plugin_not_found where the package is the first version of its plugin */
async function demandInService(client: Client, path: string): Promise<void> {
  const { plugin, replaces } = await inspected(client, path)
  if (replaces === null) throw fail('plugin_not_found', { plugin })
}

async function showPlugin(table: CommandTable, id: string, options: Options): Promise<void> {
  await using client = await table.openClient()
  const { plugin } = await client.ask(
    z.object({ plugin: pluginSchema.nullable() }),
    `query ($id: String!) { plugin(id: $id) { ${pluginFields} } }`,
    { id },
  )
  if (!plugin) throw fail('plugin_not_found', { plugin: id })
  const health = await readHealth(client, id)
  if (options.json) {
    table.write(JSON.stringify({ ...plugin, health }, null, 2))
    return
  }
  show(table, options, [rowOf(plugin)])
  if (health) writeHealth(table, health)
  const { rollout, previousVersion } = plugin
  if (rollout) writeRollout(table, rollout)
  if (previousVersion) table.write(`Before it: ${previousVersion.version}`)
  for (const { sentence } of plugin.current?.permissions ?? []) table.write(`  ${sentence}`)
  const { candidate, current, purge: deletion } = plugin
  if (candidate) {
    const place = candidate.share === null ? '' : ` for ${candidate.share} % of the profiles`
    table.write(
      `${candidate.version.version} waits${place}, asked for by ${candidate.requestedBy}:`,
    )
    writeDiff(table, candidate.diff)
    for (const reason of candidate.reasons) table.write(`Needs approval: ${reason}`)
  }
  if (deletion && !deletion.isOver) {
    table.write(`Being deleted: ${deletion.values} values of ${deletion.profiles} profiles so far.`)
  }
  if (current?.readme) table.write(`\n${current.readme.trimEnd()}`)
}

async function change(
  table: CommandTable,
  name: string,
  input: object,
  options: Options,
): Promise<void> {
  await using client = await table.openClient()
  show(table, options, [rowOf(await moved(client, `${name}Plugin`, input))])
}

async function remove(table: CommandTable, id: string, options: Options): Promise<void> {
  await using client = await table.openClient()
  const { removePlugin } = await client.ask(
    z.object({
      removePlugin: z.object({ kept: holdingsSchema.nullable(), errors: userErrors }),
    }),
    `mutation ($plugin: String!) { removePlugin(input: { plugin: $plugin }) {
      kept { ${holdingsFields} } ${errorFields} } }`,
    { plugin: id },
  )
  refuseErrors(removePlugin.errors)
  const { kept } = removePlugin
  show(table, options, [{ removed: id, ...kept }])
  if (!options.json) table.write(`That stays; delete it with: slateboard plugin purge ${id} --yes`)
}

async function purge(
  table: CommandTable,
  id: string,
  { yes, ...options }: Options & { yes?: boolean },
): Promise<void> {
  await using client = await table.openClient()
  if (!yes) {
    const { pluginHoldings } = await client.ask(
      z.object({ pluginHoldings: holdingsSchema }),
      `query ($plugin: String!) { pluginHoldings(plugin: $plugin) { ${holdingsFields} } }`,
      { plugin: id },
    )
    show(table, options, [{ plugin: id, ...pluginHoldings }])
    if (!options.json) {
      table.write(`Nothing was deleted. For good: slateboard plugin purge ${id} --yes`)
    }
    return
  }
  const { purgePlugin } = await client.ask(
    z.object({
      purgePlugin: z.object({ deletes: holdingsSchema.nullable(), errors: userErrors }),
    }),
    `mutation ($plugin: String!) { purgePlugin(input: { plugin: $plugin }) {
      deletes { ${holdingsFields} } ${errorFields} } }`,
    { plugin: id },
  )
  refuseErrors(purgePlugin.errors)
  show(table, options, [{ purging: id, ...purgePlugin.deletes }])
  if (!options.json) table.write(`A running server deletes it; see: slateboard plugin show ${id}`)
}
