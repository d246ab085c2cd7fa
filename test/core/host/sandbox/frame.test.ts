import { expect, test } from 'vitest'
import { encodeFrame, frameReader, type Frame } from '../../../../core/host/sandbox/frame.ts'

function reader(limits = { headBytesMax: 200, bodyBytesMax: 1000 }) {
  const frames: Frame[] = []
  return { frames, read: frameReader(limits, (frame) => frames.push(frame)) }
}

test('hands over whole frames however the bytes are cut', () => {
  const bytes = Buffer.concat([
    encodeFrame({ kind: 'part', id: 1 }, '{"a":"Zoë ☂"}'),
    encodeFrame({ kind: 'ready', id: 2 }),
    encodeFrame({ kind: 'part', id: 3 }, 'x'.repeat(900)),
  ])
  for (const step of [1, 7, 64, bytes.length]) {
    const { frames, read } = reader()
    for (let at = 0; at < bytes.length; at += step) {
      expect(read(bytes.subarray(at, at + step))).toBe(true)
    }
    expect(frames.map(({ body }) => body)).toEqual(['{"a":"Zoë ☂"}', '', 'x'.repeat(900)])
    expect(frames[1]?.head).toMatchObject({ kind: 'ready', id: 2 })
  }
})

test.each([
  ['a body above the limit, before it arrives', '{"kind":"part","id":1,"bytes":1001}\n'],
  ['a head without end', '{'.repeat(300)],
  ['a head that is not JSON', 'hello\n'],
  ['a head that is no object', '17\n'],
  ['a head without a length', '{"kind":"part","id":1}\n'],
  ['a negative length', '{"kind":"part","id":1,"bytes":-5}\n'],
  ['a length that is not whole', '{"kind":"part","id":1,"bytes":1.5}\n'],
])('refuses %s, and everything after it', (_what, text) => {
  const { frames, read } = reader()
  expect(read(Buffer.from(text))).toBe(false)
  expect(read(encodeFrame({ kind: 'ready', id: 1 }))).toBe(false)
  expect(frames).toEqual([])
})
