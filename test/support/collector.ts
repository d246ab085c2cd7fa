import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** A span as a collector of traces was told it. */
export interface ToldSpan {
  traceId: string
  spanId: string
  /** Empty where it began a trace. */
  parentId: string
  name: string
  attributes: Record<string, string | number>
  /** Ids of the traces that it is part of as well. */
  links: string[]
  isError: boolean
}

export interface Collector extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, as OTEL_EXPORTER_OTLP_ENDPOINT takes it. */
  url: string
  /** What came so far. */
  spans: ToldSpan[]
  /** `service.name` of what came. */
  services: Set<unknown>
  /** All that came, byte by byte. */
  bytes(): Buffer
}

/** Takes OTLP over HTTP on 127.0.0.1, as protobuf. */
export async function openCollector(): Promise<Collector> {
  const spans: ToldSpan[] = []
  const services = new Set<unknown>()
  const bodies: Buffer[] = []
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const body = await buffer(request)
      bodies.push(body)
      // By the field numbers of opentelemetry/proto/collector/trace/v1.
      for (const resourceSpans of messages(body, 1)) {
        for (const resource of messages(resourceSpans, 1)) {
          services.add(attributesOf(resource, 1)['service.name'])
        }
        for (const scope of messages(resourceSpans, 2)) {
          spans.push(...messages(scope, 2).map(spanOf))
        }
      }
      response.writeHead(request.url === '/v1/traces' ? 200 : 404).end()
    }
    void take()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server')
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    services,
    bytes: () => Buffer.concat(bodies),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const spanOf = (span: Buffer): ToldSpan => ({
  traceId: hexOf(span, 1),
  spanId: hexOf(span, 2),
  parentId: hexOf(span, 4),
  name: textOf(span, 5),
  attributes: attributesOf(span, 9),
  links: messages(span, 13).map((link) => hexOf(link, 1)),
  isError: messages(span, 15).some((status) => numberOf(status, 3) === 2),
})

function attributesOf(message: Buffer, field: number): ToldSpan['attributes'] {
  const pairs = messages(message, field).map((pair) => {
    const [value = Buffer.alloc(0)] = messages(pair, 2)
    return [textOf(pair, 1), numberOf(value, 3) ?? textOf(value, 1)] as const
  })
  return Object.fromEntries(pairs)
}

const messages = (message: Buffer, field: number): Buffer[] =>
  fieldsOf(message).flatMap(([number, value]) =>
    number === field && typeof value !== 'number' ? [value] : [],
  )

const hexOf = (message: Buffer, field: number): string =>
  messages(message, field)[0]?.toString('hex') ?? ''

const textOf = (message: Buffer, field: number): string =>
  messages(message, field)[0]?.toString('utf8') ?? ''

const numberOf = (message: Buffer, field: number): number | undefined => {
  const [, value] = fieldsOf(message).find(([number]) => number === field) ?? []
  return typeof value === 'number' ? value : undefined
}

/** The fields of a protobuf message in their order; those of a fixed width are passed over. */
function fieldsOf(message: Buffer): [number: number, value: number | Buffer][] {
  const fields: [number, number | Buffer][] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = message.readUInt8(at)
      at += 1
      value += (byte & 127) * shift
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = varint()
    const kind = tag & 7
    if (kind === 0) fields.push([tag >> 3, varint()])
    else if (kind === 2) {
      const end = varint() + at
      fields.push([tag >> 3, message.subarray(at, end)])
      at = end
    } else at += kind === 1 ? 8 : 4
  }
  return fields
}
