import type { ConsentMapping, MappedDialect } from '../model/consentMapping.ts'
import { covers, purposeSchema } from '../model/purpose.ts'

/** What a free id stands for. */
export interface Target {
  readonly purpose: string
  /** `*` for every channel. */
  readonly channel: string
}

/** What ids stand for; data, so that it can be another one per workspace and source. */
export interface Mapping {
  /** Purposes of the workspace. */
  readonly purposes: readonly { readonly key: string; readonly needsGrant: boolean }[]
  /** What the free ids of a dialect mean. One that is not here means the purpose that it is spelt like, if any. */
  readonly ids: ReadonlyMap<MappedDialect, ReadonlyMap<string, readonly Target[]>>
}

const none: ReadonlyMap<string, readonly Target[]> = new Map()

/** The ids of a dialect that somebody gave a meaning. */
export const idsOf = (dialect: MappedDialect, { ids }: Mapping) => ids.get(dialect) ?? none

/** What a free id stands for: nothing when nobody said so and it is not the name of a purpose of ours. */
export function targetsOf(dialect: MappedDialect, id: string, mapping: Mapping): readonly Target[] {
  const named = idsOf(dialect, mapping).get(id)
  if (named) return named.filter(({ purpose }) => isKnown(purpose, mapping))
  return isKnown(id, mapping) ? [{ purpose: id, channel: '*' }] : []
}

/** What the ids of one source mean: what was said for it goes before what was said for all. */
export function readMappings(
  mappings: readonly ConsentMapping[],
  sourceId: string,
): Mapping['ids'] {
  const ids = new Map<MappedDialect, Map<string, readonly Target[]>>()
  const general = mappings.filter((each) => each.sourceId === null)
  const own = mappings.filter((each) => each.sourceId === sourceId)
  for (const { dialect, consentId, targets } of [...general, ...own]) {
    const known = ids.get(dialect) ?? new Map<string, readonly Target[]>()
    ids.set(dialect, known)
    known.set(
      consentId,
      targets.flatMap(({ purpose, channels }) => channels.map((channel) => ({ purpose, channel }))),
    )
  }
  return ids
}

/** One of the workspace's purposes or a child of one. */
export const isKnown = (purpose: string, { purposes }: Mapping): boolean =>
  purposeSchema.safeParse(purpose).success && purposes.some(({ key }) => covers(key, purpose))

/** The broadest purposes that need a grant: who refuses everything refuses these. */
export function grantedOnly({ purposes }: Mapping): string[] {
  const wanting = purposes.filter(({ needsGrant }) => needsGrant).map(({ key }) => key)
  return wanting.filter((key) => !wanting.some((other) => other !== key && covers(other, key)))
}

/**
 * What a standard vocabulary asks before a purpose of ours is granted: all of these, so that a partial yes is
 * a no. `marketing.ads` takes in choosing, profiling for, and measuring advertising, and what is kept on the
 * device for it.
 */
export type Vocabulary<Id> = readonly { readonly purpose: string; readonly asks: readonly Id[] }[]

/** Purposes 1 to 11 of the Transparency & Consent Framework. */
export const tcfPurposes: Vocabulary<number> = [
  { purpose: 'marketing.ads', asks: [1, 2, 3, 4, 7] },
  { purpose: 'personalization', asks: [1, 5, 6, 11] },
  { purpose: 'analytics', asks: [1, 8, 9, 10] },
]

/** Keys of Google Consent Mode v2; functionality and security need no grant of ours. */
export const googlePurposes: Vocabulary<string> = [
  { purpose: 'marketing.ads', asks: ['ad_storage', 'ad_user_data', 'ad_personalization'] },
  { purpose: 'personalization', asks: ['personalization_storage'] },
  { purpose: 'analytics', asks: ['analytics_storage'] },
]
export const googleOthers: ReadonlySet<string> = new Set([
  'functionality_storage',
  'security_storage',
  'wait_for_update',
  'region',
])

/** What an opt-out from sale, sharing or targeted advertising refuses. */
export const optOutPurpose = 'marketing.ads'
