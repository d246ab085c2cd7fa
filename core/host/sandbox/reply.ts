import { z } from 'zod'
import { migrateAgent, performerAgent, selfTestAgent, type BatchResult } from '../engine.ts'

/** What a cell may send. It hosts strangers' code, so each frame is checked as any outside input is. */
export const frameLimits = { headBytesMax: 1024, bodyBytesMax: 1_048_576 } as const

const idSchema = z.int().min(0)
const bytes = z.int()

const headSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready'), id: idSchema, bytes }),
  z.strictObject({ kind: z.literal('loaded'), id: idSchema, bytes }),
  z.strictObject({ kind: z.literal('failed'), id: idSchema, bytes }),
  z.strictObject({
    kind: z.literal('part'),
    id: idSchema,
    bytes,
    count: z.int().min(1),
    cpuUs: z.int().min(0),
  }),
  z.strictObject({
    kind: z.literal('call'),
    id: idSchema,
    bytes,
    number: z.int().min(1),
    item: z.int().min(0),
    name: z.string().regex(/^[a-z]{1,20}$/),
  }),
])
export type Reply = z.infer<typeof headSchema>

export function readReply(head: unknown): Reply | undefined {
  const read = headSchema.safeParse(head)
  return read.success ? read.data : undefined
}

const text = z.string().max(1000)

const partSchema = z.strictObject({
  outcomes: z.array(
    z.union([
      z.strictObject({ returned: z.unknown() }),
      z.strictObject({ threw: text }),
      z.strictObject({ unusable: text }),
      z.strictObject({
        stopped: z.enum(['plugin_timeout', 'plugin_out_of_memory', 'plugin_not_run']),
      }),
    ]),
  ),
  logs: z.array(
    z.strictObject({
      item: z.int().min(0),
      level: z.enum(['debug', 'info', 'warn', 'error']).catch('info'),
      message: text,
    }),
  ),
})

/** A part with exactly `count` outcomes, or undefined when the cell broke its word. */
export function readPart(
  body: string,
  count: number,
): Pick<BatchResult, 'outcomes' | 'logs'> | undefined {
  const read = partSchema.safeParse(parsed(body))
  return read.success && read.data.outcomes.length === count ? read.data : undefined
}

/** The agents that have a handler, or undefined when that is not what came. */
export function readAgents(body: string): string[] | undefined {
  const read = z.array(z.string().max(200)).max(200).safeParse(parsed(body))
  return read.success ? read.data : undefined
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

const named = (id: string): string => id.replace(performerAgent(''), 'the performer ')

/** How the handlers found differ from the agents declared, or undefined. */
export function describeMismatch(
  declared: readonly string[],
  found: readonly string[] | undefined,
): string | undefined {
  if (found === undefined) return 'its main file has no usable default export'
  const missing = declared.filter((id) => !found.includes(id))
  if (missing.includes(migrateAgent))
    return 'state.version is above 1, so main must export definePlugin({ agents, migrate })'
  if (missing.length > 0)
    return `no handler for ${missing.map(named).join(', ')}; main must export definePlugin({ agents, performers })`
  const known = new Set([...declared, migrateAgent, selfTestAgent])
  const extra = found.filter((id) => !known.has(id))
  return extra.length > 0
    ? `plugin.json does not declare the agents ${extra.map(named).join(', ')}`.slice(0, 300)
    : undefined
}
