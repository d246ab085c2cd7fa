import { hash } from 'node:crypto'
import { findCanonical } from '../../../blackboard/query/findCanonical.ts'
import { pageIdentifiers } from '../../../blackboard/query/pageIdentifiers.ts'
import type { Board } from '../../board.ts'
import { identityNamespaces, type OpenDsrIdentity } from '../../model/openDsr.ts'
import { open } from '../../vault.ts'
import { findKnown } from '../openRequest.ts'

const pageMax = 1000
const first = '00000000-0000-0000-0000-000000000000'

/**
 * The canonical profiles that identities lead to. A raw one is looked up. Of a hashed one nothing is kept that it
 * could be looked up by, since a plain hash of an address can be guessed by anybody who has the table; so the
 * namespace is read through, each value opened, hashed and compared: 10,000 addresses take 0.9 s on the embedded engine.
 */
export async function findByIdentities(
  board: Board,
  workspaceId: number,
  identities: readonly OpenDsrIdentity[],
): Promise<string[]> {
  const found = new Set<string>()
  const hashed = new Map<string, OpenDsrIdentity[]>()
  for (const identity of identities) {
    const namespace = identityNamespaces[identity.identity_type]
    if (identity.identity_format === 'raw') {
      const subject = { namespace, value: identity.identity_value }
      const id = await findKnown(board, workspaceId, subject)
      if (id !== undefined) found.add(id)
    } else hashed.set(namespace, [...(hashed.get(namespace) ?? []), identity])
  }
  for (const [namespace, wanted] of hashed) {
    for (const id of await scan(board, workspaceId, namespace, wanted)) found.add(id)
  }
  return [...found].toSorted()
}

async function scan(
  board: Board,
  workspaceId: number,
  namespace: string,
  wanted: readonly OpenDsrIdentity[],
): Promise<string[]> {
  const { db } = board
  const isWanted = matcher(wanted)
  const found: string[] = []
  let after = first
  for (;;) {
    const page = { workspaceId, namespace, after, limit: pageMax }
    const rows = await pageIdentifiers(db.sql, page)
    for (const row of rows) {
      const value = valueOf(board, workspaceId, namespace, row)
      if (value === undefined || !isWanted(value)) continue
      const [home] = await findCanonical(db.sql, { workspaceId, id: row.profileId })
      if (home) found.push(home.canonical)
    }
    after = rows.at(-1)?.hash ?? after
    if (rows.length < pageMax) return found
  }
}

type Row = Awaited<ReturnType<typeof pageIdentifiers>>[number]

function valueOf(
  { vault }: Board,
  workspaceId: number,
  namespace: string,
  { profileId, hash: blind, value, sealed, wrapped }: Row,
): string | undefined {
  if (value !== null) return value
  if (!sealed || !wrapped) return undefined
  const key = vault.unwrap(workspaceId, profileId, wrapped)
  const field = `identifier/${namespace}/${blind}`
  return open(key, { workspaceId, profileId, field }, sealed).toString('utf8')
}

/** Hex or base64, in either case: the specification does not say which. */
function matcher(wanted: readonly OpenDsrIdentity[]): (value: string) => boolean {
  const formats = new Set(wanted.map(({ identity_format: format }) => format))
  const digests = new Set(
    wanted.flatMap(({ identity_value: value }) => [value.toLowerCase(), hexOf(value)]),
  )
  return (value) =>
    [...formats].some((format) => format !== 'raw' && digests.has(hash(format, value)))
}

const hexOf = (value: string): string => Buffer.from(value, 'base64').toString('hex')
