import type { KeyObject } from 'node:crypto'
import { verifyJwt } from '../../consent/signature.ts'
import { fail, type SlateboardError } from '../../errors.ts'
import type { IncomingEvent, ItemResult } from '../../model/event.ts'

type Checked = { event: IncomingEvent } | { error: SlateboardError }

/**
 * An event whose receipt, if it has one that can be signed, is as its signature says. Without a key nothing in the
 * signed part is looked at; with one, a receipt that it did not sign is refused as a whole, so that who set the
 * wrong key hears of it instead of losing what people said.
 */
function check(event: IncomingEvent, keys: readonly KeyObject[]): Checked {
  const { receipt } = event
  if (receipt?.dialect !== 'onetrust') return { event }
  const { requestInformation: token, ...body } = receipt.body
  if (keys.length === 0) return { event: { ...event, receipt: { ...receipt, body } } }
  if (typeof token !== 'string') return invalid('it has no requestInformation')
  const claims = verifyJwt(token, keys)
  if (!claims) return invalid('none of the keys signed its requestInformation by RS256 or ES256')
  const signed = { ...body, requestInformation: claims }
  return { event: { ...event, receipt: { ...receipt, body: signed } } }
}

/** The events of a request that may be stored, and how to tell of the others among the results of those. */
export function checkSignatures(
  given: readonly IncomingEvent[],
  keys: readonly KeyObject[],
): { events: IncomingEvent[]; weave(results: readonly ItemResult[]): ItemResult[] } {
  const checked = given.map((event) => check(event, keys))
  return {
    events: checked.flatMap((each) => ('event' in each ? [each.event] : [])),
    weave(results) {
      const stored = results.values()
      return checked.flatMap((each, at): ItemResult[] => {
        const messageId = given[at]?.messageId ?? null
        if ('error' in each) return [{ status: 'rejected', messageId, ...each.error.body() }]
        const result = stored.next().value
        return result ? [result] : []
      })
    },
  }
}

const invalid = (reason: string): Checked => ({
  error: fail('receipt_signature_invalid', { reason }),
})
