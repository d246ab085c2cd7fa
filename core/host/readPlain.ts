import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { fail } from '../errors.ts'

/** The bytes of a plain file inside the folder; links of both kinds are refused. @throws plugin_file_refused */
export async function readPlain(root: string, file: string, bytesMax: number): Promise<Buffer> {
  const refuse = (reason: string, cause?: unknown) =>
    fail('plugin_file_refused', { file, reason }, cause)
  const path = resolve(root, file)
  if (!path.startsWith(root + sep)) throw refuse('it lies outside the plugin folder')
  const parent = await realpath(dirname(path)).catch(() => undefined)
  if (parent === undefined) throw refuse('it does not exist')
  if (parent !== dirname(path)) throw refuse('it lies behind a symbolic link')
  // O_NOFOLLOW and a check on the open handle leave no moment in which the file could be exchanged.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(
    (cause: unknown) => {
      const code = cause instanceof Error && 'code' in cause ? cause.code : ''
      throw refuse(
        code === 'ELOOP' ? 'it is a symbolic link' : 'it does not exist or cannot be read',
        cause,
      )
    },
  )
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw refuse('it is not a plain file')
    if (stat.nlink > 1) throw refuse('it is a hard link')
    if (stat.size > bytesMax) throw refuse(`it has ${stat.size} bytes, the limit is ${bytesMax}`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}
