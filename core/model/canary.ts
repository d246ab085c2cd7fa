/** Which profiles a version is tried on beside the one in service. Pure. */

/** Places that profiles are spread over: a share of n percent is the first n of them. */
const places = 100

/**
 * Whether a profile is among the share that goes to the new version. The same profile always is or is not while the
 * share stands, and a larger share keeps those already in. The version's digest goes into it, so that not every
 * version is tried on the same people.
 */
export const isInCanary = (profileId: string, digest: string, share: number): boolean =>
  placeOf(profileId, digest) < share

/** From 0 to 99, evenly: FNV-1a, finished as murmur3 does, since ids differ in their last characters alone. */
function placeOf(profileId: string, digest: string): number {
  const text = `${digest.slice(0, 16)} ${profileId}`
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) % places
}
