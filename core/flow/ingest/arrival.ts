import { hash } from 'node:crypto'
import type { Reading } from '../../consent/reading.ts'
import type { IncomingEvent } from '../../model/event.ts'
import { isContactNamespace } from '../../model/identifier.ts'
import type { Trace } from '../../model/trace.ts'
import type { Vault } from '../../vault.ts'
import { holdsAddress } from '../classify.ts'
import type { Claim, Keyed } from '../resolve.ts'

/** An event that was let in, with the keys it is known by. */
export interface Arrival {
  id: string
  sourceId: string
  messageKey: string
  event: IncomingEvent
  identifiers: Keyed[]
  /** Of the request that it came with, where that is traced. */
  trace?: Trace | undefined
  /** What it says about consent; absent when that is nothing, or was not read yet. */
  reading?: Reading
}

/** The first 128 bits of SHA-256, as uuid text: two message ids meet by chance never, by effort not either. */
export const messageKeyOf = (messageId: string): string => {
  const hex = hash('sha256', messageId, 'hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

export function arrive(
  vault: Vault,
  workspaceId: number,
  sourceId: string,
  id: string,
  event: IncomingEvent,
): Arrival {
  return {
    id,
    sourceId,
    event,
    messageKey: messageKeyOf(event.messageId),
    identifiers: event.identifiers.map((identifier) => keyed(vault, workspaceId, identifier)),
  }
}

/** An identifier under its blind index; no personal value is kept beside it. */
export function keyed(
  vault: Vault,
  workspaceId: number,
  { namespace, value }: { namespace: string; value: string },
): Keyed {
  return {
    namespace,
    hash: vault.blind(workspaceId, `identifier/${namespace}`, value),
    // Many shops use the address as user id.
    value: isContactNamespace(namespace) || holdsAddress(value) ? null : value,
  }
}

export const claimOf = ({ id, event, identifiers }: Arrival): Claim => ({
  eventId: id,
  rule: event.type,
  at: event.receivedAt,
  identifiers,
})
