import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { fail } from '../../core/errors.ts'

/** Carries operations to Slateboard, whichever way it can be reached. */
export interface Client extends AsyncDisposable {
  /** The text of a page that is not GraphQL. @throws command_failed */
  read(path: string): Promise<string>
  /** @throws command_failed with the words and the remedy of the failure */
  ask<Data>(schema: z.ZodType<Data>, query: string, variables?: object): Promise<Data>
}

/** A door opened for one command: the same HTTP surface, called without a socket. */
export interface Local extends AsyncDisposable {
  fetch(request: Request): Response | Promise<Response>
  adminKey: string
}

export interface ClientOptions {
  dataDir: string
  /** Given by the environment; else read from the data folder. */
  adminKey?: string | undefined
  /** Opens the database in this process. */
  openLocal(): Promise<Local>
}

const serverSchema = z.object({ url: z.url(), pid: z.int().positive() })

/**
 * The embedded database has one process that may open it. While a server runs on the data folder (it says so
 * in server.json) commands go through it; otherwise they open the database themselves.
 */
export async function openClient(options: ClientOptions): Promise<Client> {
  const url = runningServer(options.dataDir)
  if (url === undefined) {
    const local = await options.openLocal()
    return clientOf((request) => local.fetch(request), 'http://localhost', local.adminKey, local)
  }
  const key = options.adminKey ?? readFileSync(join(options.dataDir, 'admin.key'), 'utf8').trim()
  const send = (request: Request) =>
    fetch(request).catch(() => {
      throw failed(
        `The server at ${url} did not answer.`,
        'Look whether it still starts or hangs; once it is stopped, commands open the database themselves.',
      )
    })
  return clientOf(send, url, key)
}

/** The address of the server that runs on the data folder, if one does. */
export function runningServer(dataDir: string): string | undefined {
  try {
    const text = readFileSync(join(dataDir, 'server.json'), 'utf8')
    const { url, pid } = serverSchema.parse(JSON.parse(text))
    process.kill(pid, 0)
    return url
  } catch {
    // No file, a torn one, or one that a crash left behind: nobody serves.
    return undefined
  }
}

const answerSchema = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ remedy: z.string() }) }))
    .optional(),
})

function clientOf(
  send: (request: Request) => Response | Promise<Response>,
  url: string,
  key: string,
  held?: AsyncDisposable,
): Client {
  return {
    async read(path) {
      const request = new Request(new URL(path, url), { headers: { Authorization: `Bearer ${key}` } })
      const response = await send(request)
      if (!response.ok) throw failed(`${path} answered ${response.status}.`, 'See the log of the server.')
      return response.text()
    },
    async ask(schema, query, variables = {}) {
      const request = new Request(new URL('/graphql', url), {
        method: 'POST',
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      })
      const { data, errors } = answerSchema.parse(await (await send(request)).json())
      const [first] = errors ?? []
      if (first) throw failed(first.message, first.extensions.remedy)
      return schema.parse(data)
    },
    [Symbol.asyncDispose]: async () => held?.[Symbol.asyncDispose](),
  }
}

export const userErrors = z.array(
  z.object({ code: z.string(), message: z.string(), remedy: z.string() }),
)

/** Asked for beside every mutation's result. */
export const errorFields = 'errors { code message remedy }'

const failed = (reason: string, remedy: string) => fail('command_failed', { reason, remedy })

/** @throws with the first error's own words */
export function refuseErrors([first]: z.infer<typeof userErrors>): void {
  if (first) throw failed(first.message, first.remedy)
}
