import { listDefinitions, type DefinitionRow } from '../../blackboard/query/listDefinitions.ts'
import type { Database } from '../../blackboard/connect.ts'
import type { Json } from '../model/json.ts'
import { noPurpose } from '../model/purpose.ts'
import type { TraitDefinition } from '../model/trait.ts'
import { compileTraitSchema, type TraitCheck } from '../model/traitCheck.ts'
import { readTraitSchema } from '../model/traitSchema.ts'

/** Compiles schemas and keeps what it made, by text: definitions are read anew each second. */
const checksMax = 5000
const checks = new Map<string, TraitCheck>()

/** The check of a stored schema. */
export function checkOf(schema: Json): TraitCheck {
  const text = JSON.stringify(schema)
  const known = checks.get(text)
  if (known) return known
  const read = readTraitSchema(schema)
  // One that was stored before schemas were restricted: what cannot be checked is not let in.
  const check = 'schema' in read ? compileTraitSchema(read.schema) : () => '/'
  if (checks.size >= checksMax) checks.clear()
  checks.set(text, check)
  return check
}

/** A stored definition as the flow and the policies take it. */
export function asDefinition(row: DefinitionRow): TraitDefinition {
  const { key, version, dataClass, owner, owners, conflictRule, mergeRule, specialBy } = row
  return {
    key,
    version,
    dataClass,
    purposes: usableFor(row),
    owner,
    owners,
    conflictRule,
    mergeRule,
    ...(row.schema === null ? {} : { schema: row.schema, check: checkOf(row.schema) }),
    ...(row.freshnessMs === null ? {} : { freshnessMs: row.freshnessMs }),
    ...(row.shares === null ? {} : { shares: row.shares }),
    ...(row.ttlMs === null ? {} : { ttlMs: row.ttlMs }),
    ...(row.neededMs === null ? {} : { neededMs: row.neededMs }),
    ...(row.openedAt === null ? {} : { openedAt: row.openedAt.toISOString() }),
    ...(row.registered ? {} : { guessed: true }),
    ...(specialBy.length === 0 ? {} : { specialBy }),
  }
}

function usableFor({ purposes, effectivePurposes }: DefinitionRow): string[] {
  if (effectivePurposes === null) return purposes
  return effectivePurposes.length === 0 ? [noPurpose] : effectivePurposes
}

export type DefinitionMap = ReadonlyMap<string, TraitDefinition>

/** Gives the same map while nothing in it changed, so that the plans made from it are kept. */
export function definitionReader({
  sql,
}: Pick<Database, 'sql'>): (workspaceId: number) => Promise<DefinitionMap> {
  const last = new Map<number, { text: string; definitions: DefinitionMap }>()
  return async (workspaceId) => {
    const rows = await listDefinitions(sql, { workspaceId })
    const text = JSON.stringify(rows)
    const known = last.get(workspaceId)
    if (known?.text === text) return known.definitions
    const definitions = new Map(rows.map((row) => [row.key, asDefinition(row)]))
    last.set(workspaceId, { text, definitions })
    return definitions
  }
}
