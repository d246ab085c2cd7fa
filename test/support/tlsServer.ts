import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { text } from 'node:stream/consumers'
import { selfSigned } from '../../core/subject/openDsr/certificate.ts'

export interface TlsRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

export interface TlsServer extends AsyncDisposable {
  port: number
  /** What clients have to trust. */
  ca: string
  requests: TlsRequest[]
}

/** An https server on 127.0.0.1 under one name. */
export async function openTlsServer(
  name: string,
  answer: (request: TlsRequest, response: ServerResponse) => void,
): Promise<TlsServer> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ca = selfSigned(privateKey, name, new Date(Date.now() - 86_400_000), 1)
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
  const requests: TlsRequest[] = []
  const server = createServer({ key, cert: ca }, (incoming, response) => {
    const take = async (): Promise<void> => {
      const { method = '', url = '', headers } = incoming
      const request = { method, url, headers, body: await text(incoming) }
      requests.push(request)
      answer(request, response)
    }
    void take()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server')
  return {
    port: address.port,
    ca,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
