/** Requests of data subjects, as commands ask for them. */
import { z } from 'zod'
import { fail } from '../../core/errors.ts'
import { errorFields, refuseErrors, userErrors, type Client } from './client.ts'
import { listAll } from './listAll.ts'

const fields = `id kind state regulation receivedAt dueAt verification verificationNeeded warnedAt overdueAt
  finishedAt purpose trait
  refusals { part reason }`

const requestSchema = z.object({
  id: z.string(),
  kind: z.string().toLowerCase(),
  state: z.string().toLowerCase(),
  regulation: z.string(),
  receivedAt: z.string(),
  dueAt: z.string(),
  verification: z.string().toLowerCase(),
  verificationNeeded: z.string().toLowerCase(),
  warnedAt: z.string().nullable(),
  overdueAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  purpose: z.string().nullable(),
  trait: z.string().nullable(),
  refusals: z.array(z.object({ part: z.string(), reason: z.string().toLowerCase() })),
})
export type RequestView = z.infer<typeof requestSchema>

const eventSchema = z.object({
  at: z.string(),
  act: z.string(),
  state: z.string().toLowerCase(),
  actor: z.string(),
  details: z.json(),
})

/** Sends one mutation whose payload is the request as it stands afterwards. */
export async function change(
  client: Client,
  mutation: string,
  inputType: string,
  input: object,
): Promise<RequestView> {
  const payload = z.object({ subjectRequest: requestSchema.nullable(), errors: userErrors })
  const data = await client.ask(
    z.record(z.string(), payload),
    `mutation ($input: ${inputType}!) { ${mutation}(input: $input) {
      subjectRequest { ${fields} } ${errorFields} } }`,
    { input },
  )
  const answer = data[mutation]
  refuseErrors(answer?.errors ?? [])
  if (!answer?.subjectRequest) throw fail('internal')
  return answer.subjectRequest
}

/** @param person an identifier, as `namespace=value` */
export function openRequest(
  client: Client,
  person: string,
  about: object,
  { verifiedBy, level }: { verifiedBy?: string; level: string },
): Promise<RequestView> {
  return change(client, 'openSubjectRequest', 'OpenSubjectRequestInput', {
    subject: asIdentifier(person, '<person>'),
    ...about,
    ...(verifiedBy === undefined
      ? {}
      : { verification: { level: level.toUpperCase(), method: verifiedBy.toUpperCase() } }),
  })
}

/** @param path where it was written, for who wrote it in another way than `namespace=value` */
export function asIdentifier(text: string, path: string): { namespace: string; value: string } {
  const at = text.indexOf('=')
  if (at > 0) return { namespace: text.slice(0, at), value: text.slice(at + 1) }
  const reason = 'write it as namespace=value, such as email=ada@example.com'
  throw fail('bad_input', { path, reason })
}

export const listRequests = (client: Client): Promise<RequestView[]> =>
  listAll(client, { of: 'subjectRequests', node: requestSchema, fields })

export async function findRequest(client: Client, id: string) {
  const { subjectRequest } = await client.ask(
    z.object({
      subjectRequest: requestSchema.extend({ history: z.array(eventSchema) }).nullable(),
    }),
    `query ($id: ID!) { subjectRequest(id: $id) {
      ${fields} history { at act state actor details } } }`,
    { id },
  )
  if (!subjectRequest) throw fail('request_unknown', { request: id })
  return subjectRequest
}
