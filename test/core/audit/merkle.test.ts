import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emptyTree, grow, inclusionPath, isIncluded, rootOf } from '../../../core/audit/merkle.ts'

// The inputs and roots that Certificate Transparency's own implementations are tested with (RFC 6962).
const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'))
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

const rootHex = (leaves: Uint8Array[]) => rootOf(grow(emptyTree, leaves)).toString('hex')

describe('a Merkle tree', () => {
  test('of nothing has the hash of nothing for its root', () => {
    expect(rootHex([])).toBe(createHash('sha256').digest('hex'))
  })

  test.each(roots.map((root, at) => [at + 1, root] as const))(
    'of %i leaves has the published root',
    (size, root) => expect(rootHex(inputs.slice(0, size))).toBe(root),
  )

  // Two equal leaves would prove each other's place.
  const leaves = fc.uniqueArray(fc.uint8Array({ maxLength: 40 }), {
    minLength: 1,
    maxLength: 70,
    selector: (leaf) => leaf.toString(),
  })

  test('is the same whether it grew at once or by and by', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), (all, at) => {
        const cut = at % (all.length + 1)
        const parts = grow(grow(emptyTree, all.slice(0, cut)), all.slice(cut))
        expect(parts).toEqual(grow(emptyTree, all))
        expect(parts.size).toBe(all.length)
      }),
    )
  })

  test('proves each of its leaves, and at no other place', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), fc.nat(), (all, at, other) => {
        const index = at % all.length
        const tree = { size: all.length, root: rootOf(grow(emptyTree, all)) }
        const leaf = all[index] ?? new Uint8Array()
        const path = inclusionPath(all, index)
        expect(isIncluded(leaf, index, path, tree)).toBe(true)
        const elsewhere = other % (all.length + 1)
        if (elsewhere !== index) expect(isIncluded(leaf, elsewhere, path, tree)).toBe(false)
        expect(isIncluded(Buffer.concat([leaf, Buffer.from('x')]), index, path, tree)).toBe(false)
        expect(isIncluded(leaf, index, [...path, tree.root], tree)).toBe(false)
        if (path.length > 0) expect(isIncluded(leaf, index, path.slice(1), tree)).toBe(false)
      }),
    )
  })

  test.each([-1, 1.5, Number.NaN, 8])('proves nothing at the place %s', (index) => {
    const tree = { size: 8, root: Buffer.from(roots[7] ?? '', 'hex') }
    expect(isIncluded(Buffer.alloc(0), index, inclusionPath(inputs, 0), tree)).toBe(false)
  })
})
