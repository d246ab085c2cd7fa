import type { JsonObject } from '../../model/json.ts'
import { articleOf } from '../../model/subjectRequest.ts'
import type { Subject } from './subject.ts'

/** What Art. 15(1)-(2) has a person told beside their data. */
export function noticeOf(subject: Subject, recipients: readonly string[]): JsonObject {
  const keys = new Set(subject.profiles.flatMap(({ provenance }) => Object.keys(provenance)))
  const held = [...keys].flatMap((key) => subject.definitions.get(key) ?? [])
  return {
    purposes: subject.purposes.map(({ key, description, bases }) => ({ key, description, bases })),
    categories: [...new Set(held.map(({ dataClass }) => dataClass))].toSorted(),
    recipients: [...recipients],
    retention: held.map(({ key, ttlMs }) => ({
      trait: key,
      keptFor: ttlMs === undefined ? 'until it is erased or replaced' : `${days(ttlMs)} days`,
    })),
    sources: [...subject.sources.values()],
    programs: [...subject.agents.values()].map(({ plugin, manifest }) => ({
      name: plugin,
      what: manifest.description ?? null,
      purpose: manifest.purpose,
    })),
    rights: Object.entries(articleOf).map(([right, article]) => ({ right, article })),
    complaint:
      'You may complain to the supervisory authority of the place where you live or work (Art. 77).',
  }
}

const days = (ms: number): number => Math.ceil(ms / 86_400_000)
