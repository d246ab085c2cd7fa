import { createServer } from 'node:http'
import { fail } from '../../core/errors.ts'

/** Stands in for the system that would take webhooks: answers 204 and keeps nothing of what it is sent. */
export interface Receiver extends AsyncDisposable {
  url: string
  /** `127.0.0.1:<port>`, all that has to be allowed to reach it. */
  host: string
}

/** Listens on a free port of this machine, which nobody outside can reach. */
export async function openReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    request.resume()
    request.once('end', () => response.writeHead(request.method === 'POST' ? 204 : 405).end())
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', resolve)
  await promise
  // Only a server should keep a process alive, not its stand-in.
  server.unref()
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw fail('internal')
  const host = `127.0.0.1:${address.port}`
  return {
    host,
    url: `http://${host}/demo`,
    async [Symbol.asyncDispose]() {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>()
      server.close(() => done())
      server.closeAllConnections()
      await closed
    },
  }
}
