/**
 * postgres.js, with a defect of its version 3.4.9 mended as it is loaded.
 *
 * When the server closes a connection between two statements, the driver writes to a socket that is gone,
 * in a callback that no caller can catch, and the process ends; or it forgets that a write was pending or a
 * statement waiting, and nobody ever hears of it again. Mended, the statement is refused with CONNECTION_CLOSED and the pool
 * connects anew. Install scripts may be off, so the file on disk cannot be changed. A release of the driver
 * without these lines is loaded as it is.
 */
import { registerHooks } from 'node:module'

const unguarded = 'const x = socket.write(chunk, fn)'
const guarded = `if (socket === null) {
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options, socket))
      return false
    }
    ${unguarded}`

const forgetful = /async function closed\(hadError\) \{/
const mindful =
  '$&\n    const pending = nextWriteTimer\n    chunk = nextWriteTimer = null\n    clearImmediate(pending)'

// After an error of the socket, what was asked between the error and the close would wait for ever.
const choosy = '!hadError && (query || sent.length)'
const thorough = '(query || sent.length)'

/** The text of the driver's connection.js, mended. */
export const mend = (source: string): string =>
  source.replace(unguarded, guarded).replace(forgetful, mindful).replace(choosy, thorough)

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith('/node_modules/postgres/src/connection.js') || !loaded.source) return loaded
    const { source } = loaded
    const text = typeof source === 'string' ? source : new TextDecoder().decode(source)
    return { ...loaded, source: mend(text) }
  },
})

export const { default: postgres } = await import('postgres')
