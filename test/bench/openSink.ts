import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { z } from 'zod'
import type { Arrival } from './sink.ts'

const portSchema = z.object({ port: z.number() })
const arrivalsSchema = z.object({
  arrivals: z.array(
    z.object({ key: z.string(), type: z.string(), profile: z.string(), at: z.number() }),
  ),
})

export interface Sink extends AsyncDisposable {
  url: string
  /** What came since the last time it was asked. */
  take(): Promise<Arrival[]>
}

/** A webhook's far end in a process of its own, so that it does not share our event loop. */
export async function openSink(): Promise<Sink> {
  const child = fork(join(import.meta.dirname, 'sink.ts'))
  const [first]: unknown[] = await once(child, 'message')
  const { port } = portSchema.parse(first)
  return {
    url: `http://127.0.0.1:${port}`,
    async take() {
      child.send('take')
      const [message]: unknown[] = await once(child, 'message')
      return arrivalsSchema.parse(message).arrivals
    },
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
