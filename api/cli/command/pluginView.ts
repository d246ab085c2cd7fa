/** A plugin as commands ask for it and show it. */
import { z } from 'zod'
import { fail } from '../../../core/errors.ts'
import { errorFields, refuseErrors, userErrors } from '../client.ts'
import type { Client } from '../client.ts'
import type { CommandTable } from '../context.ts'

const permissionFields = 'sentence capability'
const permissions = z.array(z.object({ sentence: z.string(), capability: z.string().nullable() }))
export const diffSchema = z.object({ gained: permissions, lost: permissions })
export const diffFields = `diff { gained { ${permissionFields} } lost { ${permissionFields} } }`

const versionFields = `version digest name trust publisher readme installedBy approvedBy
  permissions { ${permissionFields} }`
const versionSchema = z.object({
  version: z.string(),
  digest: z.string(),
  name: z.string(),
  trust: z.string(),
  publisher: z.string().nullable(),
  readme: z.string().nullable(),
  installedBy: z.string(),
  approvedBy: z.string().nullable(),
  permissions,
})
const purgeFields = 'purge { isOver profiles values changes holds reactions }'
const purgeSchema = z.object({
  isOver: z.boolean(),
  profiles: z.number(),
  values: z.number(),
  changes: z.number(),
  holds: z.number(),
  reactions: z.number(),
})
export const rolloutFields =
  'rollout { version share state items failures baseItems baseFailures startedBy startedAt reason }'
export const rolloutSchema = z.object({
  version: z.string(),
  share: z.number(),
  state: z.string(),
  items: z.number(),
  failures: z.number(),
  baseItems: z.number(),
  baseFailures: z.number(),
  startedBy: z.string(),
  startedAt: z.string(),
  reason: z.string().nullable(),
})
export type Rollout = z.infer<typeof rolloutSchema>

export const pluginFields = `id state reason phase waiting versions current { ${versionFields} }
  candidate { requestedBy reasons share version { ${versionFields} } ${diffFields} } ${purgeFields}
  previousVersion { version } ${rolloutFields}`
export const pluginSchema = z.object({
  id: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  phase: z.string().nullable(),
  waiting: z.number(),
  versions: z.number(),
  current: versionSchema.nullable(),
  candidate: z
    .object({
      requestedBy: z.string(),
      reasons: z.array(z.string()),
      share: z.number().nullable(),
      version: versionSchema,
      diff: diffSchema,
    })
    .nullable(),
  purge: purgeSchema.nullable(),
  previousVersion: z.object({ version: z.string() }).nullable(),
  rollout: rolloutSchema.nullable(),
})
type Plugin = z.infer<typeof pluginSchema>

export const lower = (word: string | null): string | null =>
  word?.toLowerCase().replaceAll('_', ' ') ?? null

/** What runs of a rollout that is under way, such as `2.0.0 on 10 %`; null where none is. */
export const shareText = (rollout: Pick<Rollout, 'state' | 'version' | 'share'> | null) =>
  rollout?.state === 'CANARY' ? `${rollout.version} on ${rollout.share} %` : null

export const rowOf = (plugin: Plugin) => {
  const { id, state, reason, phase, waiting, current, candidate, rollout } = plugin
  return {
    id,
    state: lower(state),
    reason,
    phase: lower(phase),
    version: current?.version ?? null,
    digest: current?.digest.slice(0, 16) ?? null,
    trust: lower(current?.trust ?? null),
    waiting,
    candidate: candidate?.version.version ?? null,
    canary: shareText(rollout),
  }
}

export function writeDiff(table: CommandTable, { gained, lost }: z.infer<typeof diffSchema>): void {
  for (const { sentence, capability } of gained) {
    table.write(`  + ${sentence}${capability === null ? '' : `  [${lower(capability) ?? ''}]`}`)
  }
  for (const { sentence } of lost) table.write(`  - ${sentence}`)
}

/** Does it, and answers with the plugin as it stands then. */
export async function moved(client: Client, operation: string, input: object): Promise<Plugin> {
  const inputType = `${operation.charAt(0).toUpperCase()}${operation.slice(1)}Input`
  const { done } = await client.ask(
    z.object({ done: z.object({ plugin: pluginSchema.nullable(), errors: userErrors }) }),
    `mutation ($input: ${inputType}!) {
      done: ${operation}(input: $input) { plugin { ${pluginFields} } ${errorFields} } }`,
    { input },
  )
  refuseErrors(done.errors)
  if (!done.plugin) throw fail('internal')
  return done.plugin
}
