/**
 * Merkle trees as in RFC 6962 §2.1: the hash of a leaf begins with 0x00 and that of a node with 0x01, so that
 * neither can pass for the other. A tree that only grows is kept as its peaks, the roots of its perfect
 * subtrees from left to right: at most 53 hashes, whatever its size.
 */
import { createHash } from 'node:crypto'

export interface Tree {
  readonly size: number
  /** Roots of the perfect subtrees that `size` is made of, largest first. */
  readonly peaks: readonly Buffer[]
}

export const emptyTree: Tree = { size: 0, peaks: [] }

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const leafMark = Buffer.from([0])
const nodeMark = Buffer.from([1])

export const leafHash = (data: Uint8Array): Buffer => sha256(leafMark, data)
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(nodeMark, left, right)

/** The tree with these leaves appended. */
export function grow(tree: Tree, leaves: Iterable<Uint8Array>): Tree {
  const peaks = [...tree.peaks]
  let { size } = tree
  for (const leaf of leaves) {
    let merged = leafHash(leaf)
    // Each trailing 1 of the size is a peak as high as what has just been merged.
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = peaks.pop()
      if (left !== undefined) merged = nodeHash(left, merged)
    }
    peaks.push(merged)
    size += 1
  }
  return { size, peaks }
}

/** MTH(D[n]); of no leaves the hash of nothing. */
export function rootOf({ peaks }: Tree): Buffer {
  const [last, ...before] = peaks.toReversed()
  return last === undefined ? sha256() : before.reduce((right, left) => nodeHash(left, right), last)
}

/**
 * PATH(m, D[n]): the hashes that lead from the leaf at `index` to the root, nearest first. Takes all leaves;
 * n log n in time.
 */
export function inclusionPath(leaves: readonly Uint8Array[], index: number): Buffer[] {
  if (leaves.length <= 1) return []
  const split = largestPowerBelow(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return index < split
    ? [...inclusionPath(left, index), rootOf(grow(emptyTree, right))]
    : [...inclusionPath(right, index - split), rootOf(grow(emptyTree, left))]
}

function largestPowerBelow(size: number): number {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}

/** Whether the leaf stands at `index` in the tree of that size and root; RFC 9162 §2.1.3.2. */
export function isIncluded(
  leaf: Uint8Array,
  index: number,
  path: readonly Uint8Array[],
  { size, root }: { size: number; root: Uint8Array },
): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false
  let [first, second] = [index, size - 1]
  let hash = leafHash(leaf)
  for (const step of path) {
    if (second === 0) return false
    if (first % 2 === 1 || first === second) {
      hash = nodeHash(step, hash)
      while (first % 2 === 0 && first !== 0) {
        first /= 2
        second = Math.floor(second / 2)
      }
    } else hash = nodeHash(hash, step)
    first = Math.floor(first / 2)
    second = Math.floor(second / 2)
  }
  return second === 0 && hash.equals(root)
}
