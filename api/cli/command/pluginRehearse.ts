import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import type { CommandTable } from '../context.ts'

interface Options {
  last: string
  json?: boolean
}

const countsSchema = z.object({
  reactions: z.number(),
  compared: z.number(),
  same: z.number(),
  changed: z.number(),
  onlyNewFailed: z.number(),
  onlyOldFailed: z.number(),
  bothFailed: z.number(),
  denied: z.number(),
})
const countFields = 'reactions compared same changed onlyNewFailed onlyOldFailed bothFailed denied'

const placeFields = 'part key kind'
const placeSchema = z.object({ part: z.string(), key: z.string(), kind: z.string() })

const agentSchema = countsSchema.extend({
  agent: z.string(),
  isNew: z.boolean(),
  isCut: z.boolean(),
  differences: z.array(placeSchema.extend({ count: z.number() })),
})

const exampleSchema = z.object({
  agent: z.string(),
  profileId: z.string(),
  verdict: z.string(),
  oldFailure: z.string().nullable(),
  newFailure: z.string().nullable(),
  differences: z.array(
    placeSchema.extend({
      old: z.string().nullable(),
      new: z.string().nullable(),
      isShown: z.boolean(),
    }),
  ),
})

const rehearsalSchema = countsSchema.extend({
  plugin: z.string(),
  version: z.string(),
  digest: z.string(),
  base: z.string().nullable(),
  agents: z.array(agentSchema),
  gone: z.array(z.string()),
  examples: z.array(exampleSchema),
})
export type Rehearsal = z.infer<typeof rehearsalSchema>
const rehearsalFields = `plugin version digest base ${countFields} gone
  agents { agent isNew isCut ${countFields} differences { ${placeFields} count } }
  examples { agent profileId verdict oldFailure newFailure
    differences { ${placeFields} old new isShown } }`

/** What the next version would have done otherwise, before anybody agrees to it. */
export function addPluginRehearsal(plugin: Command, table: CommandTable): void {
  plugin
    .command('rehearse <folder-or-tgz-or-id>')
    .description(
      'hand what lately woke the agents to a package, or to the version that waits, and say what it would have changed',
    )
    .option('--last <reactions>', 'how many of each agent, at most 2000', '500')
    .option('--json', 'print JSON')
    .action((what: string, options: Options) => rehearse(table, what, options))
}

async function rehearse(table: CommandTable, what: string, options: Options): Promise<void> {
  const last = Number(options.last)
  if (!Number.isInteger(last) || last < 1 || last > 2000)
    throw fail('bad_input', {
      path: '--last',
      reason: `"${options.last}" is not from 1 to 2000`,
    })
  // An id says nothing of a place; a folder that is called like it is most likely that plugin's.
  const isPlace = /[./\\]/.test(what) || existsSync(what)
  await using client = await table.openClient()
  const { rehearsePlugin } = await client.ask(
    z.object({
      rehearsePlugin: z.object({ rehearsal: rehearsalSchema.nullable(), errors: userErrors }),
    }),
    `mutation ($input: RehearsePluginInput!) { rehearsePlugin(input: $input) {
      rehearsal { ${rehearsalFields} } ${errorFields} } }`,
    { input: { ...(isPlace ? { path: resolve(what) } : { plugin: what }), last } },
  )
  refuseErrors(rehearsePlugin.errors)
  const { rehearsal } = rehearsePlugin
  if (!rehearsal) throw fail('internal')
  if (options.json) table.write(JSON.stringify(rehearsal, null, 2))
  else for (const line of linesOf(rehearsal)) table.write(line)
}

/** For people: what it comes to in one sentence, then by agent, then the examples. */
export function linesOf(rehearsal: Rehearsal): string[] {
  const { agents, gone, examples } = rehearsal
  return [
    headline(rehearsal),
    ...agents.flatMap((agent) => agentLines(rehearsal, agent)),
    ...gone.map((agent) => `${agent}: gone in ${rehearsal.version}.`),
    ...(examples.length > 0
      ? ['', ...examples.flatMap((one) => exampleLines(rehearsal, one))]
      : []),
  ]
}

function headline({ plugin, version, base, ...counts }: Rehearsal): string {
  const { compared, changed, onlyNewFailed, onlyOldFailed } = counts
  if (compared === 0) {
    return counts.reactions === 0
      ? `Nothing woke the agents of ${plugin} in the last 31 days, so there is nothing to compare.`
      : `${plugin} ${version} came to its end in none of ${counts.reactions} reactions.`
  }
  const other = changed + onlyNewFailed + onlyOldFailed
  const reactions = `the last ${compared} reactions`
  const beside = base === null ? '' : ` of ${base}`
  if (other === 0) return `${plugin} ${version} would have changed none of ${reactions}${beside}.`
  const here = counts.examples.length === other ? 'here they are' : 'here are some'
  return `${plugin} ${version} would have changed ${other} of ${reactions}${beside}; ${here}.`
}

function agentLines({ version, base }: Rehearsal, agent: Rehearsal['agents'][number]): string[] {
  const { isNew, compared, reactions, isCut, bothFailed, denied } = agent
  const counts = [
    isNew ? `${agent.same} without effect` : `${agent.same} as before`,
    ...(agent.changed > 0 ? [`${agent.changed} ${isNew ? 'with effects' : 'changed'}`] : []),
    ...(agent.onlyNewFailed > 0 ? [`${agent.onlyNewFailed} fail only in ${version}`] : []),
    ...(agent.onlyOldFailed > 0 ? [`${agent.onlyOldFailed} failed only in ${base ?? ''}`] : []),
  ]
  return [
    `${agent.agent}${isNew ? ' (new)' : ''}: ${compared} reactions, ${counts.join(', ')}.`,
    ...agent.differences.map(
      ({ count, ...place }) => `  ${count} times ${placeOf(place)} ${place.kind.toLowerCase()}`,
    ),
    ...(bothFailed > 0 ? [`  ${bothFailed} failed in both versions alike.`] : []),
    ...(denied > 0
      ? [`  ${denied} asked for something outside, which a rehearsal denies to both versions.`]
      : []),
    ...(isCut
      ? [
          `  Stopped early: a version hung or ran out of memory too often, or half a minute was over.`,
        ]
      : []),
    ...(compared < reactions
      ? [`  ${reactions - compared} of ${reactions} could not be compared.`]
      : []),
  ]
}

const placeOf = ({ part, key }: { part: string; key: string }): string =>
  `${part.toLowerCase().replaceAll('_', ' ')} ${key}`

function exampleLines(
  { version, base }: Rehearsal,
  { agent, profileId, oldFailure, newFailure, verdict, differences }: Rehearsal['examples'][number],
): string[] {
  return [
    `profile ${profileId} (${agent}):`,
    ...(verdict === 'ONLY_NEW_FAILED' ? [`  ${version} fails: ${newFailure ?? ''}`] : []),
    ...(verdict === 'ONLY_OLD_FAILED' ? [`  ${base ?? ''} failed: ${oldFailure ?? ''}`] : []),
    ...differences.map((difference) => {
      const { kind, isShown } = difference
      const values = isShown
        ? `: ${difference.old ?? 'nothing'} → ${difference.new ?? 'nothing'}`
        : ''
      return `  ${placeOf(difference)} ${kind.toLowerCase()}${values}`
    }),
  ]
}
