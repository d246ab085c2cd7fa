import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fail } from '../errors.ts'
import { manifestSchema } from '../model/manifest.ts'
import { scaffold } from './scaffold.ts'

/**
 * Writes a new plugin into a folder of its own below `parent`. Nothing that is there is touched.
 *
 * @returns the folder and the names of the files in it
 * @throws plugin_name_invalid, plugin_name_taken
 */
export async function createPlugin(
  parent: string,
  id: string,
  productVersion: string,
): Promise<{ folder: string; files: string[] }> {
  if (!manifestSchema.shape.id.safeParse(id).success)
    throw fail('plugin_name_invalid', { name: id })
  const folder = join(parent, id)
  await mkdir(parent, { recursive: true })
  await mkdir(folder).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw fail('plugin_name_taken', { path: folder }, cause)
    throw cause
  })
  const files = scaffold({ id, productVersion })
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text, { flag: 'wx' })
  }
  return { folder, files: Object.keys(files) }
}
