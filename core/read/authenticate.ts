import { timingSafeEqual } from 'node:crypto'
import { findPrincipal } from '../../blackboard/query/findPrincipal.ts'
import { findPrincipalByKeyHash } from '../../blackboard/query/findPrincipalByKeyHash.ts'
import { planProfile } from '../../policies/plan.ts'
import type { Definitions } from '../../policies/plan.ts'
import { hashKey } from '../admin/key.ts'
import type { ActivePolicies } from '../activePolicies.ts'
import type { Board } from '../board.ts'
import type { Principal } from '../model/principal.ts'
import { remember } from '../fresh.ts'
import { definitionReader } from '../trait/definition.ts'
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

// What bounds the time that a revoked key or a reclassified trait still counts.
const maxAgeMs = 1000
// A trait that stays undefined must not make every read ask for definitions again.
const relearnMs = 50
const keysMax = 10_000
const workspacesMax = 10_000
const keyLengthMax = 500

export function createDoorkeeper(board: Board, policies: ActivePolicies): Doorkeeper {
  const { db, clock } = board
  const lookup = createLookup(board)
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
  const definitions = remember(clock, { maxAgeMs, max: workspacesMax }, definitionReader(db))
  board.signals.on('trait', () => definitions.forget())

  async function read(principal: Principal): Promise<Reader> {
    const { workspaceId, id, name, role, purposes } = principal
    const [{ policy }, known] = await Promise.all([
      policies.of(workspaceId),
      definitions.get(workspaceId),
    ])
    const ability = policies.ability(policy, { kind: 'principal', role, id, name }, purposes)
    const reader: Reader = {
      board,
      principal,
      ability,
      lookup,
      definitions: known,
      profiles: planProfile(ability, purposes, known),
      async learn() {
        reader.definitions = await relearn(workspaceId)
        reader.profiles = planProfile(ability, purposes, reader.definitions)
      },
    }
    return reader
  }

  let learntAt = 0
  function relearn(workspaceId: number): Promise<Definitions> {
    const now = clock.now().getTime()
    if (now - learntAt >= relearnMs) {
      learntAt = now
      definitions.forget()
    }
    return definitions.get(workspaceId)
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
