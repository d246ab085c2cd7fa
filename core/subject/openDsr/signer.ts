import { createPrivateKey, generateKeyPair, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { findOpenDsrKey } from '../../../blackboard/query/findOpenDsrKey.ts'
import { insertOpenDsrKey } from '../../../blackboard/query/insertOpenDsrKey.ts'
import type { Board } from '../../board.ts'
import { fail } from '../../errors.ts'
import { open, seal } from '../../vault.ts'
import { selfSigned } from './certificate.ts'

export interface SignerOptions {
  /** The domain that controllers send requests to. */
  domain: string
  /** PEM files that were configured; absent: a key and a self-signed certificate are made once and kept. */
  keyPem: string | undefined
  certificatePem: string | undefined
}

export interface Signer {
  certificate(): Promise<string>
  /** The headers of an answer or a callback, under their names of today and of before. */
  headers(body: string): Promise<Record<string, string>>
}

const keyBits = 2048
const certificateYears = 10

/** Made or read with the first answer: the first start is not held up by a key that few need. */
export function createSigner(board: Board, workspaceId: number, options: SignerOptions): Signer {
  let loaded: Promise<Pair> | undefined
  const load = (): Promise<Pair> => {
    loaded ??= loadPair(board, workspaceId, options).catch((thrown: unknown) => {
      loaded = undefined
      throw thrown
    })
    return loaded
  }
  return {
    certificate: async () => (await load()).certificate,
    async headers(body) {
      const { key } = await load()
      const signature = sign('sha256', Buffer.from(body, 'utf8'), key).toString('base64')
      return {
        'X-OpenDSR-Processor-Domain': options.domain,
        'X-OpenDSR-Signature': signature,
        'X-OpenGDPR-Processor-Domain': options.domain,
        'X-OpenGDPR-Signature': signature,
      }
    },
  }
}

interface Pair {
  key: KeyObject
  certificate: string
}

async function loadPair(
  board: Board,
  workspaceId: number,
  { domain, keyPem, certificatePem }: SignerOptions,
): Promise<Pair> {
  if (keyPem !== undefined && certificatePem !== undefined) {
    return { key: createPrivateKey(keyPem), certificate: certificatePem }
  }
  const kept = await findPair(board, workspaceId, domain)
  if (kept) return kept
  await makePair(board, workspaceId, domain)
  const made = await findPair(board, workspaceId, domain)
  if (!made) throw fail('internal')
  return made
}

/** Its own place in the vault: no profile is called like this. */
const home = 'open-dsr'
const placeOf = (workspaceId: number, domain: string) => ({
  workspaceId,
  profileId: home,
  field: `open-dsr/${domain}`,
})

async function findPair(
  { db, vault }: Board,
  workspaceId: number,
  domain: string,
): Promise<Pair | undefined> {
  const [row] = await findOpenDsrKey(db.sql, { workspaceId, domain })
  if (!row) return undefined
  const dataKey = vault.unwrap(workspaceId, home, row.wrapped)
  const pem = open(dataKey, placeOf(workspaceId, domain), row.sealed).toString('utf8')
  return { key: createPrivateKey(pem), certificate: row.certificate }
}

async function makePair(
  { db, vault, clock }: Board,
  workspaceId: number,
  domain: string,
): Promise<void> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: keyBits })
  const now = clock.now()
  const { key, wrapped } = vault.createKey(workspaceId, home)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  await insertOpenDsrKey(db.sql, {
    workspaceId,
    domain,
    wrapped,
    sealed: seal(key, placeOf(workspaceId, domain), pem),
    certificate: selfSigned(privateKey, domain, now, certificateYears),
    at: now.toISOString(),
  })
}
