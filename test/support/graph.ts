import { Registry } from 'prom-client'
import type { Actions } from '../../api/graph/context.ts'
import { subjectRoutes } from '../../api/route/subject.ts'
import { createApp } from '../../api/server.ts'
import { fail } from '../../core/errors.ts'
import { configurePlugin, rollbackPluginConfig } from '../../core/plugin/configure.ts'
import { shippedPolicy } from '../../policies/shipped.ts'
import { openReading } from './reading.ts'

interface Options {
  actions?: Partial<Actions>
  production?: boolean
}

interface Answer {
  status: number
  requestId: string | null
  data: unknown
  errors: { message: string; extensions: Record<string, unknown> }[] | undefined
  error: { code: string } | undefined
}

const refuse = () => Promise.reject(fail('internal'))

/** The whole HTTP surface over a seeded workspace, called without a socket. */
export async function openGraph({ actions, production = false }: Options = {}) {
  const reading = await openReading(shippedPolicy().document)
  const app = createApp({
    board: reading.board,
    door: reading.door,
    actions: {
      recordConsent: refuse,
      confirmConsent: refuse,
      setJurisdiction: refuse,
      propose: refuse,
      answer: refuse,
      gateAudience: refuse,
      installPlugin: refuse,
      removePlugin: refuse,
      configurePlugin,
      rollbackPluginConfig,
      inspectPlugin: refuse,
      approvePlugin: refuse,
      rehearsePlugin: refuse,
      setPluginShare: refuse,
      promotePlugin: refuse,
      rollbackPlugin: refuse,
      pausePlugin: refuse,
      resumePlugin: refuse,
      releasePlugin: refuse,
      purgePlugin: refuse,
      phasesOf: () => [],
      nodeHealthOf: () => ({ phase: null, memoryShare: 0, lines: [] }),
      simulatePolicy: refuse,
      cancelSimulation: refuse,
      ...actions,
    },
    metrics: new Registry(),
    unready: () => [],
    routes: [subjectRoutes(reading.door)],
    production,
  })

  /** Sends one operation; without a key, anonymously. */
  async function ask(key: string | undefined, query: string, variables = {}): Promise<Answer> {
    const text = JSON.stringify({ query, variables })
    const response = await app.request('/graphql', {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        // As every client sends it; the way of a request without it is tested by the uploads.
        'Content-Length': String(Buffer.byteLength(text)),
        ...(key ? { Authorization: `Bearer ${key}` } : {}),
      },
      body: text,
    })
    const body: Omit<Answer, 'status' | 'requestId'> = await response.json()
    return { ...body, status: response.status, requestId: response.headers.get('x-request-id') }
  }

  return { ...reading, app, ask, [Symbol.asyncDispose]: () => reading[Symbol.asyncDispose]() }
}
