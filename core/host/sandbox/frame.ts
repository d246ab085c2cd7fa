/**
 * The frames between host and cell: one line of JSON (the head), then a body of the length that the head
 * names. The body of a batch passes through the cell unparsed, which a JSON message around it would not
 * allow, and both lengths are checked before anything is buffered.
 */
export interface Head {
  kind: string
  id: number
  [field: string]: string | number | boolean | string[]
}

export interface Frame {
  head: unknown
  body: string
}

export interface FrameLimits {
  headBytesMax: number
  bodyBytesMax: number
}

export function encodeFrame(head: Head, body = ''): Buffer {
  const bytes = Buffer.byteLength(body)
  const line = `${JSON.stringify({ ...head, bytes })}\n`
  const lineBytes = Buffer.byteLength(line)
  const frame = Buffer.allocUnsafe(lineBytes + bytes)
  frame.write(line, 0)
  frame.write(body, lineBytes)
  return frame
}

const newline = 10

/** Takes chunks as they come and hands over whole frames; false from then on once a limit is broken. */
export function frameReader(
  limits: FrameLimits,
  onFrame: (frame: Frame) => void,
): (chunk: Buffer) => boolean {
  let pending: Buffer[] = []
  let pendingBytes = 0
  let wantedBytes = 0
  let broken = false

  const refuse = () => {
    broken = true
    pending = []
    return false
  }

  return (chunk) => {
    if (broken) return false
    pending.push(chunk)
    pendingBytes += chunk.length
    // A body in many chunks is joined once, not once for each chunk.
    if (pendingBytes < wantedBytes) return true
    let rest = pending.length === 1 ? chunk : Buffer.concat(pending)
    wantedBytes = 0
    while (rest.length > 0) {
      const end = rest.subarray(0, limits.headBytesMax).indexOf(newline)
      if (end < 0) {
        if (rest.length >= limits.headBytesMax) return refuse()
        break
      }
      const head = parseHead(rest.subarray(0, end))
      if (head === undefined || head.bytes > limits.bodyBytesMax) return refuse()
      const stop = end + 1 + head.bytes
      if (rest.length < stop) {
        wantedBytes = stop
        break
      }
      onFrame({ head: head.value, body: rest.toString('utf8', end + 1, stop) })
      rest = rest.subarray(stop)
    }
    pending = rest.length === 0 ? [] : [rest]
    pendingBytes = rest.length
    return true
  }
}

function parseHead(line: Buffer): { value: object; bytes: number } | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'))
    if (typeof value !== 'object' || value === null || !('bytes' in value)) return undefined
    const { bytes } = value
    const usable = typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0
    return usable ? { value, bytes } : undefined
  } catch {
    return undefined
  }
}
