import type { Writable } from 'node:stream'

/**
 * A reader that has seen enough, such as `head`, closes its end, and the next write fails. For a command that is
 * no failure, so `end` is called; any other failure of the stream is thrown as ever.
 */
export function endWithReader(stream: Writable, end: () => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    end()
  })
}
