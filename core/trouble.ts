import { SlateboardError } from './errors.ts'

/**
 * What may be logged of a thrown value: its codes and where it was thrown, never its text, which for a
 * database error can quote a row.
 */
export function trouble(thrown: unknown): { code: string; sqlstate?: string; at: string[] } {
  const root = rootOf(thrown)
  const code = thrown instanceof SlateboardError ? thrown.code : nameOf(thrown)
  const sqlstate =
    typeof root === 'object' && root !== null && 'code' in root ? root.code : undefined
  return {
    code,
    ...(typeof sqlstate === 'string' && root !== thrown ? { sqlstate } : {}),
    at: framesOf(root),
  }
}

function rootOf(thrown: unknown): unknown {
  let root = thrown
  while (root instanceof Error && root.cause !== undefined) root = root.cause
  return root
}

const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : typeof thrown)

const framesOf = (thrown: unknown): string[] =>
  thrown instanceof Error
    ? (thrown.stack ?? '')
        .split('\n')
        .filter((line) => line.trimStart().startsWith('at '))
        .slice(0, 6)
        .map((line) => line.trim())
    : []
