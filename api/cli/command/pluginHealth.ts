/** How a plugin fares: its counts, its last failure and what it wrote. */
import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import type { Client } from '../client.ts'
import { show } from '../context.ts'
import type { CommandTable } from '../context.ts'

interface Options {
  json?: boolean
}

const lineFields = 'at level agent message'
const lineSchema = z.object({
  at: z.string(),
  level: z.string(),
  agent: z.string().nullable(),
  message: z.string(),
})
type Line = z.infer<typeof lineSchema>

const healthFields = `calls items failures denials bytesOut writes conflicts conflictRate busyMs cpuMs latencyP50Ms latencyP99Ms memoryShare activeAt
  strikes { code } lastError { at code message agent profileId eventId input }
  quarantine { at code profileId eventId strikes }`
const healthSchema = z.object({
  calls: z.number(),
  items: z.number(),
  failures: z.number(),
  denials: z.number(),
  bytesOut: z.number(),
  writes: z.number(),
  conflicts: z.number(),
  conflictRate: z.number().nullable(),
  busyMs: z.number(),
  cpuMs: z.number(),
  latencyP50Ms: z.number().nullable(),
  latencyP99Ms: z.number().nullable(),
  memoryShare: z.number(),
  activeAt: z.string().nullable(),
  strikes: z.array(z.object({ code: z.string() })),
  lastError: z
    .object({
      at: z.string(),
      code: z.string(),
      message: z.string(),
      agent: z.string(),
      profileId: z.string(),
      eventId: z.string().nullable(),
      input: z.json(),
    })
    .nullable(),
  quarantine: z
    .object({
      at: z.string(),
      code: z.string(),
      profileId: z.string(),
      eventId: z.string().nullable(),
      strikes: z.number(),
    })
    .nullable(),
})
type Health = z.infer<typeof healthSchema>

export function addPluginHealth(plugin: Command, table: CommandTable): void {
  plugin
    .command('logs <id>')
    .description('show what a plugin wrote last, and before it was quarantined')
    .option('--json', 'print JSON')
    .action((id: string, options: Options) => showLines(table, id, options))
}

async function showLines(table: CommandTable, id: string, options: Options): Promise<void> {
  await using client = await table.openClient()
  const { pluginHealth } = await client.ask(
    z.object({
      pluginHealth: z
        .object({
          lines: z.array(lineSchema),
          quarantine: z.object({ lines: z.array(lineSchema) }).nullable(),
        })
        .nullable(),
    }),
    `query ($plugin: String!) { pluginHealth(plugin: $plugin) {
      lines { ${lineFields} } quarantine { lines { ${lineFields} } } } }`,
    { plugin: id },
  )
  if (!pluginHealth) throw fail('plugin_not_found', { plugin: id })
  show(table, options, together(pluginHealth.quarantine?.lines ?? [], pluginHealth.lines))
}

/** Each line once, oldest first: what was kept at the quarantine may be in memory still. */
function together(kept: readonly Line[], lines: readonly Line[]): Line[] {
  const known = new Set(lines.map((line) => JSON.stringify(line)))
  return [...kept.filter((line) => !known.has(JSON.stringify(line))), ...lines]
}

/** Undefined for a plugin that is not known. */
export async function readHealth(client: Client, plugin: string): Promise<Health | undefined> {
  const { pluginHealth } = await client.ask(
    z.object({ pluginHealth: healthSchema.nullable() }),
    `query ($plugin: String!) { pluginHealth(plugin: $plugin) { ${healthFields} } }`,
    { plugin },
  )
  return pluginHealth ?? undefined
}

export function writeHealth(table: CommandTable, health: Health): void {
  const { calls, items, failures, strikes, lastError, quarantine, activeAt } = health
  if (activeAt === null) {
    table.write('Not called yet.')
    return
  }
  table.write(`${items} items in ${calls} calls, ${failures} failed; last called ${activeAt}`)
  table.write(
    `half of the calls within ${health.latencyP50Ms ?? 0} ms, 99 of 100 within ${health.latencyP99Ms ?? 0} ms; ` +
      `${Math.round(health.busyMs)} ms together, ${Math.round(health.cpuMs)} ms of a processor`,
  )
  table.write(`${health.denials} effects and requests refused, ${health.bytesOut} bytes sent`)
  if (health.conflictRate !== null && health.conflicts > 0) {
    table.write(
      `${health.conflicts} of ${health.writes} writes met another agent's word or a commitment (${(health.conflictRate * 100).toFixed(1)} %)`,
    )
  }
  if (strikes.length > 0) {
    table.write(`${strikes.length} strikes of 5: ${strikes.map(({ code }) => code).join(', ')}`)
  }
  if (lastError) {
    table.write(`Last failure ${lastError.at}: ${lastError.message}`)
    table.write(`  ${lastError.code}, ${placeOf(lastError)}`)
    table.write(`  input ${JSON.stringify(lastError.input)}`)
  }
  if (quarantine) {
    table.write(
      `Quarantined ${quarantine.at} after ${quarantine.strikes} strikes, the last ${quarantine.code}, ${placeOf(quarantine)}`,
    )
  }
}

const placeOf = ({ profileId, eventId }: { profileId: string; eventId: string | null }): string =>
  `profile ${profileId}${eventId === null ? '' : `, event ${eventId}`}`
