import { z } from 'zod'
import { fail } from '../../core/errors.ts'
import { errorFields, refuseErrors, userErrors, type Client } from './client.ts'

const createdSchema = z.object({
  createSource: z.object({
    source: z.object({ id: z.string(), name: z.string(), writeKey: z.string() }).nullable(),
    errors: userErrors,
  }),
})

/** A new source, with the write key that is shown this once. @throws command_failed */
export async function createSource(
  client: Client,
  name: string,
): Promise<{ id: string; name: string; writeKey: string }> {
  const { createSource: created } = await client.ask(
    createdSchema,
    `mutation ($name: String!) { createSource(input: { name: $name }) {
      source { id name writeKey } ${errorFields} } }`,
    { name },
  )
  refuseErrors(created.errors)
  if (!created.source) throw fail('internal')
  return created.source
}
