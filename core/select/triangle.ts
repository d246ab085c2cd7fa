/** Symmetric matrices as their lower triangle, row by row: entry (i, j ≤ i) is at i(i + 1)/2 + j. */

export const triangleSize = (d: number): number => (d * (d + 1)) / 2

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? 0

/** scale · matrix + vector · vectorᵀ, in O(d²). */
export function addOuter(
  matrix: readonly number[],
  scale: number,
  vector: readonly number[],
): number[] {
  const sum: number[] = []
  for (let row = 0; row < vector.length; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      sum.push(scale * at(matrix, sum.length) + at(vector, row) * at(vector, column))
    }
  }
  return sum
}

/** The Cholesky factor L of a positive definite matrix L·Lᵀ. */
export function factor(matrix: readonly number[], d: number): Float64Array {
  const lower = new Float64Array(triangleSize(d))
  for (let row = 0; row < d; row += 1) {
    const rowAt = triangleSize(row)
    for (let column = 0; column <= row; column += 1) {
      const columnAt = triangleSize(column)
      let rest = at(matrix, rowAt + column)
      for (let k = 0; k < column; k += 1) rest -= at(lower, rowAt + k) * at(lower, columnAt + k)
      lower[rowAt + column] = row === column ? Math.sqrt(rest) : rest / at(lower, columnAt + column)
    }
  }
  return lower
}

/** L⁻¹ · vector */
export function solveLower(lower: Float64Array, vector: readonly number[]): number[] {
  const solved: number[] = []
  for (let row = 0; row < vector.length; row += 1) {
    const rowAt = triangleSize(row)
    let rest = at(vector, row)
    for (let k = 0; k < row; k += 1) rest -= at(lower, rowAt + k) * at(solved, k)
    solved.push(rest / at(lower, rowAt + row))
  }
  return solved
}

/** L⁻ᵀ · vector */
export function solveUpper(lower: Float64Array, vector: readonly number[]): number[] {
  const solved = [...vector]
  for (let row = vector.length - 1; row >= 0; row -= 1) {
    let rest = at(solved, row)
    for (let k = row + 1; k < vector.length; k += 1) {
      rest -= at(lower, triangleSize(k) + row) * at(solved, k)
    }
    solved[row] = rest / at(lower, triangleSize(row) + row)
  }
  return solved
}

export const dot = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((sum, value, index) => sum + value * at(right, index), 0)
