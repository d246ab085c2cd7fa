import { randomBytes } from 'node:crypto'
import { pino, type Logger } from 'pino'
import { ensurePurposes } from '../../blackboard/query/ensurePurposes.ts'
import { insertPrincipal } from '../../blackboard/query/insertPrincipal.ts'
import { createActivePolicies } from '../../core/activePolicies.ts'
import { hashKey } from '../../core/admin/key.ts'
import type { Board } from '../../core/board.ts'
import type { JsonObject } from '../../core/model/json.ts'
import type { PolicyDocument } from '../../core/model/policy.ts'
import type { Role } from '../../core/model/principal.ts'
import type { DataClass } from '../../core/model/trait.ts'
import { createDoorkeeper } from '../../core/read/authenticate.ts'
import { createSignals } from '../../core/signal.ts'
import { noTracing } from '../../core/tracing/tracing.ts'
import { openVault, seal } from '../../core/vault.ts'
import { shippedPurposes } from '../../policies/shipped.ts'
import { openTestDatabase } from './database.ts'
import { putInForce } from './putInForce.ts'

interface Seed {
  id: string
  canonical?: string
  /** Values in the open. */
  traits?: JsonObject
  /** Values in the vault. */
  sealed?: JsonObject
  identifiers?: Record<string, string>
  expired?: string[]
  restricted?: boolean
}

/**
 * A workspace with one source of truth per test: rows are written by SQL, as the flow would have left
 * them, and read through the doors that the API uses. Time stands still until moved.
 */
export async function openReading(
  document: PolicyDocument,
  { log = pino({ level: 'silent' }) }: { log?: Logger } = {},
) {
  const db = await openTestDatabase()
  let now = new Date('2026-11-21T12:00:00.000Z')
  let ids = 0
  const clock = {
    now: () => now,
    id: () => `01T${String((ids += 1)).padStart(23, '0')}`,
  }
  const board: Board = {
    db,
    clock,
    vault: openVault(randomBytes(32)),
    signals: createSignals(),
    tracing: noTracing,
    log,
    engine: 'test',
  }
  const { sql } = db
  const [workspace] = await sql<{ id: number }[]>`
    insert into workspace (name) values ('test') on conflict (name) do update set name = 'test'
    returning id`
  const workspaceId = workspace?.id ?? 0

  async function activate(policy: PolicyDocument, number: number): Promise<void> {
    await putInForce(sql, { workspaceId, number, document: policy, at: now })
    board.signals.send('policy')
  }

  async function define(key: string, dataClass: DataClass, purposes: string[] = []): Promise<void> {
    await sql`
      insert into trait_definition (workspace_id, key, data_class, purposes, registered, created_at)
      values (${workspaceId}, ${key}, ${dataClass}, ${purposes}, true, ${now})`
  }

  async function principal(
    role: Role,
    purposes: string[] = [],
  ): Promise<{ id: string; key: string }> {
    const id = clock.id()
    const key = `sb_${id}_test`
    const at = now.toISOString()
    const keyHash = hashKey(key)
    await insertPrincipal(sql, { workspaceId, id, name: role, role, purposes, keyHash, at })
    return { id, key }
  }

  async function profile(seed: Seed): Promise<void> {
    const { id, traits = {}, sealed = {}, identifiers = {} } = seed
    const base = {
      revision: 1,
      author: { kind: 'source', id: 'shop' },
      writtenAt: now.toISOString(),
      confidence: 1,
      cause: 'test',
    }
    const expiresAt = new Date(now.getTime() - 1000).toISOString()
    const provenance = Object.fromEntries([
      ...Object.keys(traits).map((key) => [
        key,
        seed.expired?.includes(key) ? { ...base, expiresAt } : base,
      ]),
      ...Object.keys(sealed).map((key) => [key, { ...base, vault: id }]),
    ])
    await sql`
      insert into profile (workspace_id, id, canonical_id, traits, provenance, created_at, updated_at)
      values (${workspaceId}, ${id}, ${seed.canonical ?? id}, ${JSON.stringify(traits)}::text::jsonb,
        ${JSON.stringify(provenance)}::text::jsonb, ${now}, ${now})`
    await sql`
      insert into legal_state (workspace_id, profile_id, restricted, updated_at)
      values (${workspaceId}, ${id}, ${seed.restricted ?? false}, ${now})`
    const { key, wrapped } = board.vault.createKey(workspaceId, id)
    await sql`
      insert into profile_key (workspace_id, profile_id, wrapped, created_at)
      values (${workspaceId}, ${id}, ${wrapped}, ${now})`
    const keep = async (field: string, plain: string): Promise<void> => {
      const place = { workspaceId, profileId: id, field }
      await sql`
        insert into vault (workspace_id, profile_id, key, sealed, written_at)
        values (${workspaceId}, ${id}, ${field}, ${seal(key, place, plain)}, ${now})`
    }
    for (const [trait, value] of Object.entries(sealed)) {
      await keep(`trait/${trait}`, JSON.stringify(value))
    }
    for (const [namespace, value] of Object.entries(identifiers)) {
      const hash = board.vault.blind(workspaceId, `identifier/${namespace}`, value)
      const isContact = namespace === 'email' || namespace === 'phone'
      await sql`
        insert into identifier (workspace_id, namespace, hash, profile_id, value, event_id, first_seen_at)
        values (${workspaceId}, ${namespace}, ${hash}, ${id}, ${isContact ? null : value}, 'e', ${now})`
      if (isContact) await keep(`identifier/${namespace}/${hash}`, value)
    }
  }

  await ensurePurposes(sql, { workspaceId, purposes: JSON.stringify(shippedPurposes) })
  await activate(document, 1)
  const policies = createActivePolicies(board, () => {})
  const door = createDoorkeeper(board, policies)
  return {
    board,
    sql,
    workspaceId,
    door,
    policies,
    activate,
    define,
    principal,
    profile,
    /** A reader for a fresh principal of that role. */
    async reader(role: Role, purposes: string[] = []) {
      const { key } = await principal(role, purposes)
      const reader = await door.admit(key)
      if (!reader) throw new TypeError('the seeded principal was not admitted')
      return reader
    },
    now: () => now,
    advance(ms: number): void {
      now = new Date(now.getTime() + ms)
    },
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}
