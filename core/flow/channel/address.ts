import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Ranges that a message may go to. Everything else is refused, not a list of known bad ranges: private,
 * loopback, link-local (which holds the metadata services of clouds), carrier NAT, multicast, reserved,
 * and every form of IPv4 inside IPv6 that would lead back to one of them.
 */
export const isPublic = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast'

export type Resolved =
  | { address: string; family: 4 | 6 }
  | { refused: 'destination_private' | 'destination_unknown' }

/** Every address of a name; none when nobody knows it. */
export type Lookup = (host: string) => Promise<readonly { address: string }[]>

/**
 * Resolves a host once. The caller connects to the address that was checked and never asks again, so that a
 * name cannot point elsewhere a moment later.
 */
export async function resolveHost(
  host: string,
  allowPrivate: boolean,
  addressesOf: Lookup = addressesFromDns,
): Promise<Resolved> {
  const bare = host.replace(/^\[|\]$/g, '')
  const found = isIP(bare) ? [{ address: bare }] : await addressesOf(bare)
  const usable = found.find(({ address }) => allowPrivate || isPublic(address))
  if (!usable)
    return { refused: found.length === 0 ? 'destination_unknown' : 'destination_private' }
  return { address: usable.address, family: isIP(usable.address) === 6 ? 6 : 4 }
}

async function addressesFromDns(host: string): Promise<{ address: string }[]> {
  try {
    return await lookup(host, { all: true, verbatim: true })
  } catch {
    // An unknown name is an answer, told apart by the empty list.
    return []
  }
}
