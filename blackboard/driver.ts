/**
 * postgres.js, with defects of its version 3.4.9 mended as it is loaded.
 *
 * When a connection takes no more for now, a `begin` that comes just then is sent without the connection
 * being kept for it: the transaction is nobody's, and everybody's statements end up in it.
 *
 * When the server closes a connection, the driver
 * - writes to a socket that is gone, in a callback that no caller can catch, and the process ends;
 * - forgets that a write was pending or a statement waiting, and nobody ever hears of it again;
 * - lets a transaction, or who reserved a connection, go on with one that was lost, be it closed (it then never
 *   opens again, and the pool is one smaller) or open anew (a late `rollback` then ends the transaction of
 *   somebody else).
 *
 * Mended, every statement of a lost connection is refused with CONNECTION_CLOSED or the server's own reason,
 * and the pool connects anew. Install scripts may be off, so the files on disk cannot be changed. A release
 * of the driver without these lines is loaded as it is.
 */
import { registerHooks } from 'node:module'

interface Mending {
  /** Occurs once in the file. */
  line: string
  mended: string
}

const connection: readonly Mending[] = [
  {
    line: 'return write(toBuffer(q))',
    mended: `const isRoomy = write(toBuffer(q))
      q.options.onexecute && q.options.onexecute(connection)
      return isRoomy`,
  },
  {
    line: '&& (!q.options.onexecute || q.options.onexecute(connection))',
    mended: '&& !q.options.onexecute',
  },
  {
    line: 'const x = socket.write(chunk, fn)',
    mended: `if (socket === null) {
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options, socket))
      query = null
      return false
    }
    const x = socket.write(chunk, fn)`,
  },
  {
    line: 'async function closed(hadError) {',
    mended: `async function closed(hadError) {
    const unwritten = nextWriteTimer
    chunk = nextWriteTimer = null
    clearImmediate(unwritten)
    const lost = Errors.connection('CONNECTION_CLOSED', options, socket)
    query && queryError(query, errorResponse || lost)
    while (sent.length)
      queryError(sent.shift(), lost)
    query = results = errorResponse = null
    result = new Result()`,
  },
  {
    // The statement that made it connect is told, or tried again; nobody waits for this one.
    line: 'return fetchArrayTypes()',
    mended: 'return fetchArrayTypes().catch(() => {})',
  },
  {
    line: 'initial && !initial.reserve && execute(initial)',
    mended: `if (initial && initial.reserve) {
        options.shared.retries = retries = 0
        initial = null
        return onopen(connection)
      }
      initial && execute(initial)`,
  },
]

const index: readonly Mending[] = [
  { line: ', prepare = null', mended: ', prepare = null, lost = null' },
  {
    line: 'connection.onclose = reject',
    mended: `connection.onclose = (e) => {
          lost = e
          while (queries.length)
            queries.shift().reject(e)
          reject(e)
        }`,
  },
  {
    line: 'q.catch(e => uncaughtError || (uncaughtError = e))',
    mended: `q.catch(e => uncaughtError || (uncaughtError = e))
        if (lost)
          return q.reject(lost)`,
  },
  {
    line: 'const query = { reserve: resolve, reject }',
    mended: `const query = {
          reserve: resolve,
          reject: (e) => {
            queries.remove(query)
            reject(e)
          }
        }`,
  },
  {
    line: 'queries.length && connect(c, queries.shift())',
    mended: `if (queries.length === 0)
      return
    const next = queries.shift()
    next.reserve && queries.push(next)
    connect(c, next)`,
  },
  {
    line: 'c.reserved.release = true',
    mended: `c.reserved.release = true
    let lost = null
    c.onclose = (e) => {
      lost = e
      while (queue.length)
        queue.shift().reject(e)
    }`,
  },
  {
    line: `sql.release = () => {`,
    mended: `sql.release = () => {
      if (lost)
        return
      c.onclose = null
      if (ending)
        return c.terminate()`,
  },
  {
    line: `      c.queue === full
        ? queue.push(q)`,
    mended: `      if (lost)
        return q.reject(lost)
      c.queue === full
        ? queue.push(q)`,
  },
]

/** What is mended in each file of the driver. */
export const mendings: ReadonlyMap<string, readonly Mending[]> = new Map([
  ['connection.js', connection],
  ['index.js', index],
])

const mend = (source: string, file: string): string =>
  (mendings.get(file) ?? []).reduce(
    (text, { line, mended }) => text.replace(line, () => mended),
    source,
  )

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const file = /\/node_modules\/postgres\/src\/(\w+\.js)$/.exec(url)?.[1]
    if (!file || !mendings.has(file) || !loaded.source) return loaded
    const { source } = loaded
    const text = typeof source === 'string' ? source : new TextDecoder().decode(source)
    return { ...loaded, source: mend(text, file) }
  },
})

export const { default: postgres } = await import('postgres')
