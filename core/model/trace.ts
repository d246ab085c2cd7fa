/**
 * W3C Trace Context (https://www.w3.org/TR/trace-context/): one header says which piece of work another one is a part
 * of. Pure. Kept and passed on as the header's own text, so that nothing has to be joined to it.
 */

/** A `traceparent` that was checked. */
export type Trace = string

const bare = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]$/
// Of a later version the beginning reads as that of this one, and more may follow it.
const header =
  /^(?!ff)(?<version>[0-9a-f]{2})-(?<ids>(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<more>-.*)?$/
const length = 55
/** Sampled, and that the id is random; others mean nothing yet and are not passed on. */
const knownFlags = 0b11

/** What a `traceparent` header says; undefined for none and for what is no valid one: then a trace begins anew. */
export function readTrace(text: string | null | undefined): Trace | undefined {
  const { version, ids, flags, more } = header.exec(text ?? '')?.groups ?? {}
  if (ids === undefined || (version === '00' && more !== undefined)) return undefined
  return `00-${ids}-0${Number.parseInt(flags ?? '', 16) & knownFlags}`
}

export interface TraceParts {
  traceId: string
  spanId: string
  flags: number
}

export const partsOf = (trace: Trace): TraceParts => ({
  traceId: traceIdOf(trace),
  spanId: trace.slice(36, 52),
  flags: Number(trace.slice(53)),
})

export const traceOf = ({ traceId, spanId, flags }: TraceParts): Trace =>
  `00-${traceId}-${spanId}-0${flags & knownFlags}`

export const traceIdOf = (trace: Trace): string => trace.slice(3, 35)

/** Whether what is part of it is to be told. */
export const isSampled = (trace: Trace): boolean => (partsOf(trace).flags & 1) === 1

/** A reference with the trace that it is part of in front. */
export const withTrace = (trace: Trace | undefined, reference: string): string =>
  trace === undefined ? reference : `${trace};${reference}`

/** Takes apart what `withTrace` put together. */
export function splitTrace(text: string): { trace: Trace | undefined; reference: string } {
  const trace = text[length] === ';' ? text.slice(0, length) : ''
  return bare.test(trace)
    ? { trace, reference: text.slice(length + 1) }
    : { trace: undefined, reference: text }
}
