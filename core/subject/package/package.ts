/** The answer to a request for access or portability: one archive of JSON and CSV files, made while it is fetched. */
import type { JsonObject } from '../../model/json.ts'
import { articleOf, refusalReasons, type SubjectRequest } from '../../model/subjectRequest.ts'
import {
  activations,
  conflicts,
  consents,
  decisions,
  events,
  intents,
  requests,
  states,
} from './happened.ts'
import { identifiers, isPortable, traits } from './known.ts'
import { noticeOf } from './notice.ts'
import { filesOf, type Section } from './section.ts'
import type { Subject } from './subject.ts'
import { zip, type ZipFile } from './zip.ts'

/** The archive, chunk by chunk; a few megabytes are held at a time, however long the history is. */
export const packageOf = (request: SubjectRequest, subject: Subject): AsyncGenerator<Buffer> =>
  zip(allFiles(request, subject), subject.by.board.clock.now())

async function* allFiles(request: SubjectRequest, subject: Subject): AsyncGenerator<ZipFile> {
  const recipients = new Map<string, number>()
  const counts = new Map<string, number>()
  const sections = sectionsOf(request, subject)
  yield* filesOf(
    sections.map((section) =>
      section.part === 'activations' ? noting(section, recipients) : section,
    ),
    counts,
  )
  if (request.kind === 'access') {
    yield asJson('notice.json', noticeOf(subject, [...recipients.keys()]))
  }
  yield asJson('manifest.json', manifestOf(request, subject, counts))
}

/** Art. 15 reaches everything; Art. 20 what the person provided, as far as it rests on consent or a contract. */
function sectionsOf(request: SubjectRequest, subject: Subject): Section[] {
  const refused = new Set(request.refusals.map(({ part }) => part))
  const isPortability = request.kind === 'portability'
  const known = [
    identifiers(subject),
    traits(
      subject,
      (key, made) =>
        refused.has(`trait:${key}`) || (isPortability && !isPortable(subject, key, made)),
    ),
    events(subject),
  ]
  const made = [consents, decisions, activations, states, conflicts, intents, requests].map(
    (section) => section(subject),
  )
  return (isPortability ? known : [...known, ...made]).filter(({ part }) => !refused.has(part))
}

/** Where something went, noted as the rows go by: Art. 15(1)(c). */
const noting = (section: Section, recipients: Map<string, number>): Section => ({
  ...section,
  async *rows() {
    for await (const row of section.rows()) {
      if (row['state'] === 'sent') recipients.set(recipientOf(row), 1)
      yield row
    }
  },
})

function recipientOf({ channel, destination }: JsonObject): string {
  const host =
    typeof destination === 'string' && URL.canParse(destination)
      ? new URL(destination).host
      : 'yourself'
  return `${typeof channel === 'string' ? channel : ''} to ${host}`
}

const manifestOf = (
  { id, kind, refusals, receivedAt }: SubjectRequest,
  { by, members }: Subject,
  counts: ReadonlyMap<string, number>,
): JsonObject => ({
  request: id,
  kind,
  article: articleOf[kind],
  receivedAt: receivedAt.toISOString(),
  madeAt: by.board.clock.now().toISOString(),
  profiles: members.length,
  rows: Object.fromEntries(counts),
  withheld: refusals.map(({ part, reason }) => ({ part, reason, text: refusalReasons[reason] })),
})

const asJson = (name: string, content: JsonObject): ZipFile => ({
  name,
  text: once(`${JSON.stringify(content, null, 2)}\n`),
})

async function* once(text: string): AsyncGenerator<string> {
  yield text
}
