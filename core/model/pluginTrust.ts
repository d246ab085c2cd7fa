import { z } from 'zod'

/**
 * How far a plugin is trusted, from the most to the least.
 *
 *   core       signed by who makes this product
 *   verified   signed by a publisher whom an administrator has verified
 *   community  signed by somebody; an unknown key counts as this
 *   local      unsigned, from a folder on the server's own disk
 *   unsigned   unsigned, and sent from elsewhere
 */
export const trustLevels = ['core', 'verified', 'community', 'local', 'unsigned'] as const
export type TrustLevel = (typeof trustLevels)[number]

/** What a signature by a known publisher is worth. */
export const publisherLevels = ['core', 'verified', 'community'] as const
export type PublisherLevel = (typeof publisherLevels)[number]

/** What a plugin needs more trust for. */
export const capabilities = ['pii', 'network', 'process'] as const
export type Capability = (typeof capabilities)[number]

/** The least level that may use a capability without an administrator's word. */
export type TrustNeeded = Readonly<Record<Capability, TrustLevel>>

/** As shipped: what nobody signed reads no personal data, and what runs beside the sandbox is by somebody known. */
export const shippedTrust = {
  pii: 'community',
  network: 'community',
  process: 'verified',
} as const satisfies TrustNeeded

export const reachesTrust = (level: TrustLevel, needed: TrustLevel): boolean =>
  trustLevels.indexOf(level) <= trustLevels.indexOf(needed)

/** The capabilities among `used` for which the level is too low. */
export const beyondTrust = (
  level: TrustLevel,
  used: readonly Capability[],
  needed: TrustNeeded,
): Capability[] => used.filter((capability) => !reachesTrust(level, needed[capability]))

/** A raw Ed25519 public key of 32 bytes, in base64url. */
export const publicKeySchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, 'it is not an Ed25519 public key: 32 bytes in base64url')

export const addPublisherInput = z.object({
  key: publicKeySchema,
  name: z.string().trim().min(1).max(120),
  level: z.enum(publisherLevels),
})
export const removePublisherInput = z.object({ key: publicKeySchema })
export const setTrustInput = z.object({
  capability: z.enum(capabilities),
  level: z.enum(trustLevels),
})

export interface Publisher {
  key: string
  name: string
  level: PublisherLevel
  addedBy: string
  addedAt: Date
}
