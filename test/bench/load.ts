import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { z } from 'zod'

/** What the load process is told, as JSON. */
export const loadSchema = z.object({
  bench: z.enum(['ingest', 'query']),
  url: z.string(),
  writeKey: z.string(),
  people: z.number(),
  batch: z.number(),
  connections: z.number(),
  seconds: z.number(),
})
export type Load = z.infer<typeof loadSchema>

const resultSchema = z.object({
  requests: z.number(),
  failures: z.number(),
  seconds: z.number(),
  p50: z.number(),
  p95: z.number(),
})

export interface LoadResult {
  perSecond: number
  p50: number
  p95: number
}

/** Sends load from a process of its own, so that clients and server do not share an event loop. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const child = fork(join(import.meta.dirname, 'loader.ts'), [JSON.stringify(load)])
  const [message]: unknown[] = await once(child, 'message')
  const { requests, failures, seconds, p50, p95 } = resultSchema.parse(message)
  if (failures > 0) process.stderr.write(`${failures} of ${requests + failures} requests failed\n`)
  return { perSecond: requests / seconds, p50, p95 }
}
