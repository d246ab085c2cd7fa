/** Symmetric matrices as their lower triangle, row by row: entry (i, j ≤ i) is at i(i + 1)/2 + j. */

export const triangleSize = (d: number): number => (d * (d + 1)) / 2

/** scale · matrix + vector · vectorᵀ, in O(d²). */
export function addOuter(
  matrix: readonly number[],
  scale: number,
  vector: readonly number[],
): number[] {
  const sum: number[] = []
  for (let row = 0; row < vector.length; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      sum.push(scale * (matrix[sum.length] ?? 0) + (vector[row] ?? 0) * (vector[column] ?? 0))
    }
  }
  return sum
}

/** The Cholesky factor L of a positive definite matrix L·Lᵀ. In O(d³). */
export function factor(matrix: readonly number[], d: number): Float64Array {
  const lower = Float64Array.from(matrix)
  for (let row = 0; row < d; row += 1) {
    const rowAt = triangleSize(row)
    for (let column = 0; column <= row; column += 1) {
      const columnAt = triangleSize(column)
      let rest = lower[rowAt + column] ?? 0
      for (let k = 0; k < column; k += 1) {
        rest -= (lower[rowAt + k] ?? 0) * (lower[columnAt + k] ?? 0)
      }
      lower[rowAt + column] =
        row === column ? Math.sqrt(rest) : rest / (lower[columnAt + column] ?? 1)
    }
  }
  return lower
}

/** L⁻¹ · vector, in O(d²). */
export function solveLower(lower: Float64Array, vector: ArrayLike<number>): Float64Array {
  const solved = Float64Array.from(vector)
  for (let row = 0; row < solved.length; row += 1) {
    const rowAt = triangleSize(row)
    let rest = solved[row] ?? 0
    for (let k = 0; k < row; k += 1) rest -= (lower[rowAt + k] ?? 0) * (solved[k] ?? 0)
    solved[row] = rest / (lower[rowAt + row] ?? 1)
  }
  return solved
}

/** L⁻ᵀ · vector, in O(d²). */
export function solveUpper(lower: Float64Array, vector: Float64Array): Float64Array {
  const solved = vector.slice()
  for (let row = solved.length - 1; row >= 0; row -= 1) {
    let rest = solved[row] ?? 0
    for (let k = row + 1; k < solved.length; k += 1) {
      rest -= (lower[triangleSize(k) + row] ?? 0) * (solved[k] ?? 0)
    }
    solved[row] = rest / (lower[triangleSize(row) + row] ?? 1)
  }
  return solved
}

export function dot(left: Float64Array, right: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < left.length; at += 1) sum += (left[at] ?? 0) * (right[at] ?? 0)
  return sum
}
