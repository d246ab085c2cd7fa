/** The items of one call, parted as the frames to a cell take them. */
import type { HostCalls } from './engine.ts'

/** One frame to a cell: at most so many items, and so many characters of JSON. */
const frameItemsMax = 50
export const frameCharsMax = 524_288

/** The calls of a frame's items, under their positions in the whole. */
export const placed = (calls: HostCalls, positions: readonly number[]): HostCalls => ({
  call: (item, name, body) => calls.call(positions[item] ?? -1, name, body),
})

/** Positions of the items of each frame. Items too large for any frame are in none. */
export function split(texts: readonly string[]): number[][] {
  const frames: number[][] = []
  let chars = 0
  for (const [at, { length }] of texts.entries()) {
    if (length > frameCharsMax) continue
    const frame = frames.at(-1)
    if (frame === undefined || frame.length >= frameItemsMax || chars + length > frameCharsMax) {
      frames.push([at])
      chars = length
    } else {
      frame.push(at)
      chars += length
    }
  }
  return frames
}
