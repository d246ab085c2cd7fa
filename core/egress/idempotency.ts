import { createHash } from 'node:crypto'
import type { ReactInput } from '../host/contract.ts'
import type { RunnableAgent } from '../host/registry.ts'
import type { Asked } from './request.ts'

/** The same for the same request about the same causes, whichever node makes it and however often. */
export function idempotencyKey(
  { workspaceId, name }: RunnableAgent,
  { profile, causes }: ReactInput,
  asked: Asked,
): string {
  // Handles differ from call to call.
  const said = JSON.stringify([asked.method, asked.url, asked.body]).replaceAll(
    /h_[\w-]{22}/g,
    'h_',
  )
  const whole = JSON.stringify([workspaceId, name, profile.id, causes, said])
  return createHash('sha256').update(whole).digest('hex').slice(0, 32)
}
