import type { SliceRow } from '../../../../blackboard/query/loadSlices.ts'
import type { Claimed, RunnableAgent } from '../../../../core/flow/react/reaction.ts'
import type { JsonObject } from '../../../../core/model/json.ts'
import { agentManifestSchema } from '../../../../core/model/manifest.ts'
import type { Provenance } from '../../../../core/model/trait.ts'

export const now = new Date('2026-01-02T00:00:00.000Z')

export function agentOf(overrides: JsonObject = {}): RunnableAgent {
  const manifest = agentManifestSchema.parse({
    id: 'probe',
    triggers: { events: ['Order'] },
    reads: { traits: ['plan'], events: { Order: ['total'] } },
    writes: ['score'],
    purpose: 'service',
    ...overrides,
  })
  return {
    workspaceId: 1,
    name: 'p/probe',
    pluginId: 'p',
    digest: 'd',
    hostKey: 'k',
    network: [],
    manifest,
  }
}

export const from = (changes: Partial<Provenance> = {}): Provenance => ({
  revision: 1,
  author: { kind: 'source', id: 'shop' },
  writtenAt: '2026-01-01T00:00:00.000Z',
  confidence: 1,
  cause: 'e1',
  ...changes,
})

export const rowOf = (slice: SliceRow['slice'], changes: Partial<SliceRow> = {}): SliceRow => ({
  profileId: 'P1',
  canonical: 'P1',
  legalVersion: 0,
  slice,
  createdAt: new Date('2026-01-01T00:00:00Z'),
  updatedAt: new Date('2026-01-01T00:00:00Z'),
  restricted: false,
  jurisdiction: null,
  consents: null,
  ...changes,
})

export const claimedOf = (...causes: string[]): Claimed => ({
  profileId: 'P1',
  epoch: 1,
  causes,
  trail: '',
  isWhole: true,
  hop: 2,
  attempts: 1,
})
