import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { mendings } from '../../blackboard/driver.ts'

const folder = dirname(fileURLToPath(import.meta.resolve('postgres')))

test.each([...mendings])(
  'the installed %s still has each line that is mended once, or the mending can go',
  (file, lines) => {
    const source = readFileSync(join(folder, file), 'utf8')
    for (const { line } of lines) expect([line, source.split(line).length - 1]).toEqual([line, 1])
  },
)
