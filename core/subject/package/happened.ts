/** What happened around a person: events, consents, decisions, activations, earlier requests. Read page by page. */
import { listAnnounced } from '../../../blackboard/query/listAnnounced.ts'
import { listSubjectRequests } from '../../../blackboard/query/listSubjectRequests.ts'
import { pageActivations } from '../../../blackboard/query/pageActivations.ts'
import { pageConflicts } from '../../../blackboard/query/pageConflicts.ts'
import { pageConsents } from '../../../blackboard/query/pageConsents.ts'
import { pageDecisions, type DecidedRow } from '../../../blackboard/query/pageDecisions.ts'
import { pageEvents, type StoredEvent } from '../../../blackboard/query/pageEvents.ts'
import { pageStates } from '../../../blackboard/query/pageStates.ts'
import type { Handle } from '../../../blackboard/statement.ts'
import { tellDecision } from '../../explain/tellDecision.ts'
import { jsonObjectSchema, type JsonObject } from '../../model/json.ts'
import { open } from '../../vault.ts'
import { anyRequest } from '../changeRequest.ts'
import type { Section } from './section.ts'
import type { Subject } from './subject.ts'

/** Rows held at a time; events of 32 KB at most make 16 MB of them. */
const pageMax = 500

type Page<Row> = (
  handle: Handle,
  args: { workspaceId: number; profileId: string; after: string; limit: number },
) => Promise<Row[]>

async function* pages<Row extends { id: string }>(
  { by, members }: Subject,
  page: Page<Row>,
): AsyncGenerator<Row & { home: string }> {
  for (const profileId of members) {
    let after = ''
    for (;;) {
      const { workspaceId, board } = by
      const rows = await page(board.db.sql, { workspaceId, profileId, after, limit: pageMax })
      for (const row of rows) yield { ...row, home: profileId }
      after = rows.at(-1)?.id ?? ''
      if (rows.length < pageMax) break
    }
  }
}

export const events = (subject: Subject): Section => ({
  part: 'events',
  columns: [
    'id',
    'type',
    'name',
    'occurredAt',
    'receivedAt',
    'source',
    'properties',
    'traits',
    'context',
  ],
  async *rows() {
    for await (const { home, ...event } of pages(subject, pageEvents)) {
      yield eventRow(subject, home, event)
    }
  },
})

function eventRow(subject: Subject, home: string, event: StoredEvent): JsonObject {
  const sealed = unseal(subject, home, event)
  return {
    id: event.id,
    type: event.type,
    name: typeof sealed['name'] === 'string' ? sealed['name'] : event.name,
    occurredAt: event.occurredAt.toISOString(),
    receivedAt: event.receivedAt.toISOString(),
    source: subject.sources.get(event.sourceId) ?? event.sourceId,
    properties: { ...event.properties, ...partOf(sealed, 'properties') },
    traits: { ...event.traits, ...partOf(sealed, 'traits') },
    context: { ...event.context, ...partOf(sealed, 'context') },
  }
}

const partOf = (sealed: JsonObject, part: string): JsonObject =>
  jsonObjectSchema.safeParse(sealed[part]).data ?? {}

function unseal({ by, keys }: Subject, home: string, { id, sealed }: StoredEvent): JsonObject {
  const key = keys.get(home)
  if (!sealed || !key) return {}
  const place = { workspaceId: by.workspaceId, profileId: home, field: `event/${id}` }
  return jsonObjectSchema.parse(JSON.parse(open(key, place, sealed).toString('utf8')))
}

export const consents = (subject: Subject): Section => ({
  part: 'consents',
  columns: [
    'id',
    'purpose',
    'channel',
    'decision',
    'basis',
    'collectedAt',
    'receivedAt',
    'expiresAt',
    'proof',
  ],
  async *rows() {
    for await (const row of pages(subject, pageConsents)) {
      yield {
        id: row.id,
        purpose: row.purpose,
        channel: row.channel,
        decision: row.decision,
        basis: row.basis,
        collectedAt: row.collectedAt.toISOString(),
        receivedAt: row.receivedAt.toISOString(),
        expiresAt: row.expiresAt?.toISOString() ?? null,
        proof: jsonObjectSchema.parse(JSON.parse(JSON.stringify(row.proof))),
      }
    }
  },
})

/** What programs keep for themselves about the person. */
export const states = (subject: Subject): Section => ({
  part: 'states',
  columns: ['program', 'state', 'writtenAt'],
  async *rows() {
    for await (const { id, state, updatedAt } of pages(subject, pageStates)) {
      yield { program: id, state, writtenAt: updatedAt.toISOString() }
    }
  },
})

/** What programs said about the person and did not stand, for another said otherwise. */
export const conflicts = (subject: Subject): Section => ({
  part: 'conflicts',
  columns: ['id', 'trait', 'program', 'value', 'stoodInstead', 'rule', 'state', 'times', 'at'],
  async *rows() {
    for await (const row of pages(subject, pageConflicts)) {
      yield {
        id: row.id,
        trait: row.trait,
        program: row.loser,
        value: row.value,
        stoodInstead: row.stood,
        rule: row.rule,
        state: row.state,
        times: row.times,
        at: row.at.toISOString(),
      }
    }
  },
})

/** What programs announced to do about the person, and what became of it. */
export const intents = (subject: Subject): Section => ({
  part: 'intents',
  columns: ['id', 'program', 'kind', 'resource', 'direction', 'proposal', 'state', 'announcedAt'],
  async *rows() {
    for await (const row of pages(subject, listAnnounced)) {
      yield {
        id: row.id,
        program: row.agent,
        kind: row.kind,
        resource: row.resource,
        direction: row.direction,
        proposal: row.proposal,
        state: row.state,
        announcedAt: row.announcedAt.toISOString(),
      }
    }
  },
})

export const decisions = (subject: Subject): Section => ({
  part: 'decisions',
  columns: [
    'id',
    'activation',
    'stage',
    'outcome',
    'reason',
    'explanation',
    'purpose',
    'channel',
    'policy',
    'decidedAt',
  ],
  async *rows() {
    for await (const row of pages(subject, pageDecisions)) {
      yield {
        id: row.id,
        activation: row.activationId,
        stage: row.kind,
        outcome: row.outcome,
        reason: row.reason,
        explanation: inWords(subject, row),
        purpose: row.purpose,
        channel: row.channel,
        policy: row.policyNumber,
        decidedAt: row.decidedAt.toISOString(),
      }
    }
  },
})

/** The sentences that the person themself is told. */
const inWords = ({ purposes }: Subject, row: DecidedRow): string =>
  tellDecision(
    {
      ...row,
      aim: purposes.find(({ key }) => key === row.purpose)?.description ?? null,
      obligations: { mask: [], hash: [], notBefore: null, maxAgeDays: null },
      consents: new Map(),
      sentences: new Map(),
    },
    'subject',
  ).text

export const activations = (subject: Subject): Section => ({
  part: 'activations',
  columns: [
    'id',
    'state',
    'purpose',
    'channel',
    'destination',
    'proposedBy',
    'content',
    'fields',
    'createdAt',
    'sentAt',
  ],
  async *rows() {
    for await (const row of pages(subject, pageActivations)) {
      yield {
        id: row.id,
        state: row.state,
        purpose: row.purpose,
        channel: row.channel,
        destination: row.destination,
        proposedBy: row.proposerKind === 'agent' ? row.proposerId : 'an employee or application',
        content: row.content,
        fields: row.fields,
        createdAt: row.createdAt.toISOString(),
        sentAt: row.sentAt?.toISOString() ?? null,
      }
    }
  },
})

export const requests = (subject: Subject): Section => ({
  part: 'requests',
  columns: ['id', 'kind', 'state', 'receivedAt', 'dueAt', 'finishedAt', 'refusals'],
  async *rows() {
    const { by, members } = subject
    let after: string | null = null
    for (;;) {
      const rows: Awaited<ReturnType<typeof listSubjectRequests>> = await listSubjectRequests(
        by.board.db.sql,
        {
          ...anyRequest,
          workspaceId: by.workspaceId,
          ids: null,
          profileIds: members,
          after,
          limit: pageMax,
        },
      )
      for (const row of rows) {
        yield {
          id: row.id,
          kind: row.kind,
          state: row.state,
          receivedAt: row.receivedAt.toISOString(),
          dueAt: row.dueAt.toISOString(),
          finishedAt: row.finishedAt?.toISOString() ?? null,
          refusals: row.refusals.map(({ part, reason }) => ({ part, reason })),
        }
      }
      after = rows.at(-1)?.id ?? null
      if (rows.length < pageMax) return
    }
  },
})
