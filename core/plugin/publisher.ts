/** Whose signatures the workspace knows, and how far a plugin has to be trusted for what. */
import { deletePublisher } from '../../blackboard/query/deletePublisher.ts'
import { listPublishers as list } from '../../blackboard/query/listPublishers.ts'
import { storePublisher } from '../../blackboard/query/storePublisher.ts'
import { storeTrust } from '../../blackboard/query/storeTrust.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import type { JsonObject } from '../model/json.ts'
import {
  addPublisherInput,
  removePublisherInput,
  setTrustInput,
  type Publisher,
  type TrustNeeded,
} from '../model/pluginTrust.ts'
import { authorOf, nowOf } from '../policy/version.ts'
import { demand } from '../read/reader.ts'
import type { Reader } from '../read/reader.ts'
import { trustNeeded } from './assess.ts'

/** @throws forbidden */
export async function listPublishers(reader: Reader): Promise<Publisher[]> {
  demand(reader, 'read', 'Plugin')
  const { board, principal } = reader
  return list(board.db.sql, { workspaceId: principal.workspaceId })
}

/** What is installed already keeps the level that it was installed with. @throws forbidden, bad_input */
export async function addPublisher(reader: Reader, input: unknown): Promise<Publisher> {
  demand(reader, 'administer', 'Plugin')
  const { key, name, level } = parseInput(addPublisherInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  const by = authorOf(reader)
  const at = nowOf(board)
  await transact(board.db, async (tx) => {
    await storePublisher(tx, { workspaceId, key, name, level, by, at })
    await tell(tx, reader, 'plugin.publisher.add', `publisher:${key}`, { level })
  })
  return { key, name, level, addedBy: by, addedAt: new Date(at) }
}

/** From then on its signature is worth that of an unknown key. @throws forbidden, bad_input, not_found */
export async function removePublisher(reader: Reader, input: unknown): Promise<string> {
  demand(reader, 'administer', 'Plugin')
  const { key } = parseInput(removePublisherInput, input)
  const { board, principal } = reader
  await transact(board.db, async (tx) => {
    const [gone] = await deletePublisher(tx, { workspaceId: principal.workspaceId, key })
    if (!gone) throw fail('not_found', { what: `publisher with the key ${key}` })
    await tell(tx, reader, 'plugin.publisher.remove', `publisher:${key}`, {})
  })
  return key
}

/** @throws forbidden */
export async function readTrust(reader: Reader): Promise<TrustNeeded> {
  demand(reader, 'read', 'Plugin')
  const { board, principal } = reader
  return trustNeeded(board.db.sql, principal.workspaceId)
}

/**
 * Says how far a plugin has to be trusted for a capability; below that only an administrator may approve it.
 * @throws forbidden, bad_input
 */
export async function setTrust(reader: Reader, input: unknown): Promise<TrustNeeded> {
  demand(reader, 'administer', 'Plugin')
  const { capability, level } = parseInput(setTrustInput, input)
  const { board, principal } = reader
  const { workspaceId } = principal
  await transact(board.db, async (tx) => {
    const by = authorOf(reader)
    await storeTrust(tx, { workspaceId, capability, level, by, at: nowOf(board) })
    await tell(tx, reader, 'plugin.trust', `capability:${capability}`, { level })
  })
  return readTrust(reader)
}

async function tell(
  tx: Parameters<typeof audit>[0],
  reader: Reader,
  action: string,
  object: string,
  payload: JsonObject,
): Promise<void> {
  const { board, principal } = reader
  const { workspaceId } = principal
  await audit(tx, board, { workspaceId, actor: authorOf(reader), action, object, payload })
}
