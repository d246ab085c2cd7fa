import { findContributed } from '../../blackboard/query/findContributed.ts'
import { listPurposes } from '../../blackboard/query/listPurposes.ts'
import { lockDefinitions, type LockedDefinition } from '../../blackboard/query/lockDefinitions.ts'
import { lockDerivations } from '../../blackboard/query/lockDerivations.ts'
import { sampleTrait } from '../../blackboard/query/sampleTrait.ts'
import { transact } from '../../blackboard/transact.ts'
import { audit } from '../admin/audit.ts'
import { parseInput } from '../admin/parseInput.ts'
import { fail } from '../errors.ts'
import { covers } from '../model/purpose.ts'
import { isVaulted, stricter } from '../model/trait.ts'
import { compileTraitSchema } from '../model/traitCheck.ts'
import { traitDefinitionInputSchema, type TraitDefinitionInput } from '../model/traitDefinition.ts'
import { readTraitSchema, type TraitSchema } from '../model/traitSchema.ts'
import { demand, type Reader } from '../read/reader.ts'
import { deriveAll } from './deriveAll.ts'
import { refuseAsked } from './refuseAsked.ts'
import { storeDefinitions, type Definition } from './storeDefinitions.ts'

export interface DefinedTrait {
  key: string
  version: number
  /** Values that stand in the open and were looked at: at most a thousand, of the newest profiles. */
  examined: number
  /** Of these, how many the schema would refuse. They stay until they are written again. */
  contradicted: number
}

const sampleMax = 1000
const sampleAmong = 20_000

/**
 * Registers a trait, or the next version of its definition. It binds this node at once and the others within
 * a second; values that stood in the open of a trait that is sealed from now on are withheld from then, and
 * moved into the vault step by step.
 *
 * @throws forbidden, bad_input, trait_schema_invalid, trait_version_outdated; trait_class_too_open for less
 *   care than the owning plugin asks for; trait_in_policy when a condition in force would lose its value
 */
export async function defineTrait(reader: Reader, given: unknown): Promise<DefinedTrait> {
  demand(reader, 'administer', 'TraitDefinition')
  const input = parseInput(traitDefinitionInputSchema, given)
  const schema = schemaOf(input)
  const { board, principal } = reader
  const { workspaceId } = principal
  await checkPurposes(reader, input)
  await refuseAsked(board, workspaceId, [input])
  const sample = await examine(reader, input, schema)
  const at = board.clock.now().toISOString()
  const author = `principal:${principal.id}`
  const version = await transact(board.db, async (tx) => {
    await lockDerivations(tx, { workspaceId })
    const [before] = await lockDefinitions(tx, { workspaceId, keys: [input.key] })
    checkVersion(input, before)
    if (before?.owner) await checkOwner(tx, workspaceId, input, before.owner)
    const next = nextOf(input, schema, before, at)
    const { reason, key } = input
    await storeDefinitions(tx, { workspaceId, author, reason, at }, [{ before, next }])
    await deriveAll(tx, workspaceId)
    const version = (before?.version ?? 0) + 1
    await audit(tx, board, {
      workspaceId,
      actor: author,
      action: 'trait.define',
      object: `trait:${key}`,
      payload: { version, class: input.dataClass, was: before?.dataClass ?? null, reason },
    })
    return version
  })
  board.signals.send('trait')
  board.signals.send('audit')
  return { key: input.key, version, ...sample }
}

function schemaOf({ schema }: TraitDefinitionInput): TraitSchema | null {
  if (schema === undefined || schema === null) return null
  const read = readTraitSchema(schema)
  if ('schema' in read) return read.schema
  const { path, reason } = read.problem
  throw fail('trait_schema_invalid', {
    path: path === '' ? 'input.schema' : `input.schema.${path}`,
    reason,
  })
}

/** A misspelt purpose would keep the trait from everyone, so only such as there are may be named. */
async function checkPurposes(
  { board, principal: { workspaceId } }: Reader,
  { purposes }: TraitDefinitionInput,
): Promise<void> {
  const known = await listPurposes(board.db.sql, { workspaceId })
  for (const [at, purpose] of purposes.entries()) {
    if (known.some(({ key }) => covers(key, purpose))) continue
    throw fail('bad_input', {
      path: `input.purposes.${at}`,
      reason: `there is no purpose ${purpose}; there are ${known.map(({ key }) => key).join(', ')}`,
    })
  }
}

function checkVersion(
  { key, version: given }: TraitDefinitionInput,
  before: LockedDefinition | undefined,
): void {
  const current = before?.version ?? null
  if (current === given) return
  throw fail('trait_version_outdated', {
    key,
    current: current ?? 'none',
    given: given ?? 'none',
  })
}

async function checkOwner(
  tx: Parameters<typeof findContributed>[0],
  workspaceId: number,
  { key, dataClass }: TraitDefinitionInput,
  owner: string,
): Promise<void> {
  const [plugin = ''] = owner.split('/')
  const [contributed] = await findContributed(tx, { workspaceId, pluginId: plugin, key })
  if (!contributed || stricter(dataClass, contributed.dataClass) === dataClass) return
  throw fail('trait_class_too_open', {
    plugin,
    key,
    class: contributed.dataClass,
    given: dataClass,
  })
}

function nextOf(
  input: TraitDefinitionInput,
  schema: TraitSchema | null,
  before: LockedDefinition | undefined,
  at: string,
): Definition {
  const { version: _, reason: __, schema: ___, ...said } = input
  return {
    ...said,
    // Not to say anything of it is no statement that the values tell nothing.
    infers: input.infers ?? before?.infers ?? null,
    schema: schema === null ? null : asJson(schema),
    owner: before?.owner ?? null,
    // Whether others may write it is its plugin's to say.
    shares: before?.shares ?? null,
    openedAt: isVaulted(input.dataClass) ? null : new Date(at),
  }
}

const asJson = (schema: TraitSchema): Definition['schema'] => JSON.parse(JSON.stringify(schema))

/** What stands already is not written again by a new schema; the officer is told how much would not fit. */
async function examine(
  { board, principal: { workspaceId } }: Reader,
  { key }: TraitDefinitionInput,
  schema: TraitSchema | null,
): Promise<Pick<DefinedTrait, 'examined' | 'contradicted'>> {
  if (schema === null) return { examined: 0, contradicted: 0 }
  const check = compileTraitSchema(schema)
  const rows = await sampleTrait(board.db.sql, {
    workspaceId,
    key,
    among: sampleAmong,
    limit: sampleMax,
  })
  const contradicted = rows.filter(({ value }) => check(value) !== undefined).length
  return { examined: rows.length, contradicted }
}
