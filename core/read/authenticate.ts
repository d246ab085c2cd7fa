import { timingSafeEqual } from 'node:crypto'
import { findActivePolicy } from '../../blackboard/query/findActivePolicy.ts'
import { findPrincipal } from '../../blackboard/query/findPrincipal.ts'
import { findPrincipalByKeyHash } from '../../blackboard/query/findPrincipalByKeyHash.ts'
import { listDefinitions } from '../../blackboard/query/listDefinitions.ts'
import { createAbilities } from '../../policies/ability.ts'
import { parsePolicy } from '../../policies/document.ts'
import type { Policy } from '../../policies/document.ts'
import { planProfile } from '../../policies/plan.ts'
import type { Definitions } from '../../policies/plan.ts'
import { hashKey } from '../admin/key.ts'
import type { Board } from '../board.ts'
import { fail } from '../errors.ts'
import type { Principal } from '../model/principal.ts'
import type { TraitDefinition } from '../model/trait.ts'
import { remember } from './fresh.ts'
import { createLookup } from './lookup.ts'
import type { Reader } from './reader.ts'

/** Turns keys into readers. */
export interface Doorkeeper {
  /** Undefined for a key that nobody holds; a revoked one stops within a second. */
  admit(key: string): Promise<Reader | undefined>
  /** A reader for a principal that is known already. @throws no_active_policy */
  read(principal: Principal): Promise<Reader>
  /** The same caller under today's policy; undefined once its key was revoked. Asks the database anew. */
  renew(reader: Reader): Promise<Reader | undefined>
}

// What bounds the time that a revoked key, a retired policy or a reclassified trait still counts.
const maxAgeMs = 1000
const keysMax = 10_000
const keyLengthMax = 500

export function createDoorkeeper(board: Board): Doorkeeper {
  const { db, clock, signals, log } = board
  const lookup = createLookup(board)
  const abilityOf = createAbilities((where, cause) =>
    log.error(
      { where, cause: cause instanceof Error ? cause.name : 'unknown' },
      'policy rule failed',
    ),
  )
  const holders = remember(
    clock,
    { maxAgeMs, max: keysMax },
    async (keyHash: string): Promise<{ principal?: Principal }> => {
      const [row] = await findPrincipalByKeyHash(db.sql, { keyHash })
      if (!row || !isSame(row.keyHash, keyHash)) return {}
      const { keyHash: _, ...principal } = row
      return { principal }
    },
  )
  const policies = remember(clock, { maxAgeMs, max: 1000 }, keepingEqual(readPolicy))
  const definitions = remember(clock, { maxAgeMs, max: 1000 }, keepingEqual(readDefinitions))
  signals.on('policy', () => policies.forget())

  async function readPolicy(workspaceId: number): Promise<Versioned<Policy>> {
    const [active] = await findActivePolicy(db.sql, { workspaceId })
    if (!active) throw fail('no_active_policy', { workspace: workspaceId })
    return { version: active.hash, load: () => parsePolicy(active.document) }
  }

  async function readDefinitions(workspaceId: number): Promise<Versioned<Definitions>> {
    const rows = await listDefinitions(db.sql, { workspaceId })
    const load = () => new Map(rows.map((row) => [row.key, asDefinition(row)]))
    return { version: JSON.stringify(rows), load }
  }

  async function read(principal: Principal): Promise<Reader> {
    const { workspaceId, role, purposes } = principal
    const [policy, known] = await Promise.all([
      policies.get(workspaceId),
      definitions.get(workspaceId),
    ])
    const ability = abilityOf(policy, { kind: 'principal', role }, purposes)
    const profiles = planProfile(ability, purposes, known)
    return { board, principal, ability, profiles, definitions: known, lookup }
  }

  return {
    read,
    async admit(key) {
      if (key === '' || key.length > keyLengthMax) return undefined
      const { principal } = await holders.get(hashKey(key))
      return principal && read(principal)
    },
    async renew({ principal: { workspaceId, id } }) {
      const [principal] = await findPrincipal(db.sql, { workspaceId, id })
      return principal && read(principal)
    },
  }
}

// Found by an index on the hash already; the comparison only makes sure that no collation was kind.
const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

function asDefinition(row: Awaited<ReturnType<typeof listDefinitions>>[number]): TraitDefinition {
  const { schema, registered, ...definition } = row
  return {
    ...definition,
    ...(schema === null ? {} : { schema }),
    ...(registered ? {} : { guessed: true }),
  }
}

interface Versioned<T> {
  version: string
  load: () => T
}

/** Gives the same object while its version is the same, so that what was compiled from it is kept. */
function keepingEqual<T extends object>(read: (workspaceId: number) => Promise<Versioned<T>>) {
  const last = new Map<number, { version: string; value: T }>()
  return async (workspaceId: number): Promise<T> => {
    const { version, load } = await read(workspaceId)
    const known = last.get(workspaceId)
    if (known?.version === version) return known.value
    const value = load()
    last.set(workspaceId, { version, value })
    return value
  }
}
