import type { Handle } from '../statement.ts'
import { fixSnapshot } from './fixSnapshot.ts'

/** A name under which another transaction may see what this one sees, while this one is open. */
export async function shareSnapshot(tx: Handle): Promise<string> {
  const [row] = await tx.unsafe<{ name: string }[]>('select pg_export_snapshot() as name')
  return row?.name ?? ''
}

/** Lets the transaction see what the other one sees. Must be its first statement. */
export async function takeSnapshot(tx: Handle, name: string): Promise<void> {
  await fixSnapshot(tx)
  await tx.unsafe(`set transaction snapshot '${name.replaceAll("'", "''")}'`)
}
