/** The far end of webhooks, in a process of its own: takes all, and tells what came when. */
import { createServer } from 'node:http'

/** What came, in order; `at` in milliseconds since the epoch, with fractions. */
export interface Arrival {
  key: string
  /** Of a follow-up its kind, else `activation`. */
  type: string
  profile: string
  at: number
}

const arrivals: Arrival[] = []

const server = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => (text += chunk))
  request.on('end', () => {
    const { type = 'activation', profile = '' } = JSON.parse(text)
    const key = String(request.headers['idempotency-key'])
    arrivals.push({ key, type, profile, at: performance.timeOrigin + performance.now() })
    response.writeHead(200).end()
  })
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 })
})
process.on('message', () => process.send?.({ arrivals: arrivals.splice(0) }))
process.on('disconnect', () => process.exit())
