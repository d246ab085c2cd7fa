import { hash, randomBytes } from 'node:crypto'

/**
 * SHA-256 in hex. Keys have 256 random bits, so nothing slower is needed, and being looked up by hash they
 * cannot be found out byte by byte from how long a comparison takes.
 */
export const hashKey = (key: string): string => hash('sha256', key, 'hex')

/** The id in the key tells which principal it belongs to without telling the secret. */
export const createPrincipalKey = (id: string): string => `sb_${id}_${secret()}`

export const createWriteKey = (): string => `wk_${secret()}`

const secret = (): string => randomBytes(32).toString('base64url')
