import { readFile } from 'node:fs/promises'
import type { CellStats } from '../../../core/host/engine.ts'

/** Proportional set size of a process in MB: what it has for itself and its part of what it shares. Linux only. */
export async function pssMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? Number.NaN) / 1024
}

export async function cellsMb(cells: readonly CellStats[]): Promise<number> {
  const pids = cells.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
  const each = await Promise.all(pids.map(pssMb))
  return each.reduce((sum, mb) => sum + mb, 0)
}
