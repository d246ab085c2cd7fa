import fc from 'fast-check'
import { expect, test } from 'vitest'
import { zip } from '../../../../core/subject/package/zip.ts'
import { unzip } from '../../../support/unzip.ts'

const at = new Date('2026-11-21T12:34:56Z')

async function* partsOf(text: string): AsyncGenerator<string> {
  for (let from = 0; from < text.length; from += 1000) yield text.slice(from, from + 1000)
}

async function* filesOf(files: readonly [string, string][]) {
  for (const [name, text] of files) yield { name, text: partsOf(text) }
}

async function pack(files: readonly [string, string][]): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(zip(filesOf(files), at)))
}

test('what is packed is read again, empty files and long ones as well', async () => {
  const long = 'añ€'.repeat(100_000)
  const files: [string, string][] = [
    ['empty.csv', ''],
    ['long.json', long],
    ['näme.json', '{}'],
  ]
  expect([...unzip(await pack(files))]).toEqual(files)
})

test('any text is read again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string()), async (texts) => {
      const files = texts.map((text, nth): [string, string] => [`${nth}.txt`, text])
      expect([...unzip(await pack(files))]).toEqual(files)
    }),
  )
})

test('an archive that stops early opens nowhere', async () => {
  async function* failing() {
    yield { name: 'a.json', text: partsOf('[1]') }
    throw new TypeError('the database went away')
  }
  const chunks: Buffer[] = []
  const read = async () => {
    for await (const chunk of zip(failing(), at)) chunks.push(chunk)
  }
  await expect(read()).rejects.toThrow('went away')
  expect(() => unzip(Buffer.concat(chunks))).toThrow('no end')
})
