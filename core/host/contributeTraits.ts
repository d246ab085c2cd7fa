import type { TransactionSql } from 'postgres'
import { lockDefinitions, type LockedDefinition } from '../../blackboard/query/lockDefinitions.ts'
import type { Handle } from '../../blackboard/statement.ts'
import { fail } from '../errors.ts'
import { jsonEqual, type JsonObject } from '../model/json.ts'
import type { Manifest } from '../model/manifest.ts'
import { stricter } from '../model/trait.ts'
import {
  storeDefinitions,
  type Definition,
  type NextDefinition,
} from '../trait/storeDefinitions.ts'

/** Registers the traits that the plugin brings, each as a new version when something in it is new. */
export async function contributeTraits(
  tx: TransactionSql,
  workspaceId: number,
  manifest: Manifest,
  at: string,
): Promise<void> {
  const definitions = await nextDefinitions(tx, workspaceId, manifest)
  const reason = `brought by ${manifest.id} ${manifest.version}`
  const author = `plugin:${manifest.id}`
  await storeDefinitions(tx, { workspaceId, author, reason, at }, definitions)
}

/** The definitions that the plugin would bring or change. @throws trait_owned, trait_not_shared */
export async function nextDefinitions(
  handle: Handle,
  workspaceId: number,
  manifest: Manifest,
): Promise<NextDefinition[]> {
  const keys = [...manifest.traits.map(({ key }) => key), ...manifest.sharedTraits]
  const locked = await lockDefinitions(handle, { workspaceId, keys })
  const known = new Map(locked.map((row) => [row.key, row]))
  for (const key of manifest.sharedTraits) {
    const before = known.get(key)
    if (!before?.shares) {
      throw fail('trait_not_shared', { plugin: manifest.id, key, owner: before?.owner ?? 'nobody' })
    }
  }
  return manifest.traits.flatMap((trait): NextDefinition[] => {
    const before = known.get(trait.key)
    if (before && !mayTake(before, manifest.id)) {
      throw fail('trait_owned', { key: trait.key, owner: 'another agent or the workspace' })
    }
    const next = contributed(manifest, trait, before)
    return before && isSame(before, next) ? [] : [{ before, next }]
  })
}

/** A trait that nobody registered, an older version of this plugin did or a removed plugin left. */
const mayTake = ({ registered, owner, isOrphan }: LockedDefinition, pluginId: string): boolean =>
  !registered || owner?.split('/')[0] === pluginId || isOrphan

/**
 * What the manifest says, as far as no officer has spoken: what she wrote outlives an upgrade, save that the
 * class is never less strict than the manifest's.
 */
function contributed(
  manifest: Manifest,
  { key, class: dataClass, schema, purposes, infers, shares }: Manifest['traits'][number],
  before: LockedDefinition | undefined,
): Definition {
  const writer = manifest.agents.find(({ writes }) => writes.includes(key))
  const owner = `${manifest.id}/${writer?.id ?? ''}`
  const { rule = 'latest', ...sharing } = shares ?? {}
  if (before?.registered && !before.isOrphan && before.author.startsWith('principal:')) {
    const { version: _, registered: __, author: ___, isOrphan: ____, ...rest } = before
    const { effectivePurposes: _____, specialBy: ______, ...kept } = rest
    const strictest = stricter(before.dataClass, dataClass)
    const openedAt = strictest === before.dataClass ? before.openedAt : null
    return {
      ...kept,
      owner,
      shares: shares ? sharing : null,
      dataClass: strictest,
      openedAt,
      infers: before.infers ?? infers ?? null,
    }
  }
  return {
    key,
    dataClass,
    schema: schema ?? null,
    purposes,
    owner,
    owners: [],
    description: '',
    conflictRule: rule,
    mergeRule: 'latest',
    shares: shares ? sharing : null,
    freshnessMs: null,
    ttlMs: null,
    openedAt: null,
    infers: infers ?? null,
  }
}

const isSame = (before: LockedDefinition, next: Definition): boolean =>
  before.registered && jsonEqual(asJson({ ...before, ...next }), asJson({ ...before }))

const asJson = (row: LockedDefinition): JsonObject => ({
  ...row,
  openedAt: row.openedAt?.toISOString() ?? null,
})
