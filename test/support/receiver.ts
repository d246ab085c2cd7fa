import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  path: string
  method: string
  /** The idempotency key. */
  key: string
  body: { activation: string; fields: Record<string, unknown>; content: Record<string, unknown> }
}

export interface Receiver extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`; every path is answered. */
  url: string
  requests: Received[]
  /** What came, as it came. */
  letters: { headers: IncomingHttpHeaders; text: string }[]
  /** The keys of all that came, in order. */
  keys(): string[]
}

/** A webhook's far end on 127.0.0.1. `answer` gives the status, or answers by itself and gives nothing. */
export async function openReceiver(
  answer: (received: Received, response: ServerResponse) => number | undefined = () => 200,
): Promise<Receiver> {
  const requests: Received[] = []
  const letters: Receiver['letters'] = []
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const text = await readBody(request)
      const received: Received = {
        path: request.url ?? '',
        method: request.method ?? '',
        key: String(request.headers['idempotency-key']),
        body: JSON.parse(text),
      }
      requests.push(received)
      letters.push({ headers: request.headers, text })
      const status = answer(received, response)
      if (status !== undefined) response.writeHead(status).end()
    }
    void take()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port }: AddressInfo = addressOf(server.address())
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    letters,
    keys: () => requests.map(({ key }) => key),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server')
  return address
}
