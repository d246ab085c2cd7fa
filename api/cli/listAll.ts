import { z } from 'zod'
import type { Client } from './client.ts'

const pageSize = 100

/** A connection of the API, and what is asked of it. */
interface Asked<Node> {
  /** Name of the field. */
  of: string
  node: z.ZodType<Node>
  fields: string
  /** Absent: the field takes none. */
  filter?: { type: string; value: object }
  /** No further page is asked for once there are so many. */
  max?: number
}

interface PageOf<Node> {
  edges: { node: Node }[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

/** Everything that a connection holds, page by page. @throws command_failed */
export async function listAll<Node>(
  client: Client,
  { of, node, fields, filter, max = Number.POSITIVE_INFINITY }: Asked<Node>,
): Promise<Node[]> {
  const schema = z.object({
    page: z.object({
      edges: z.array(z.object({ node })),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  })
  const [declared, given] = filter ? [`, $filter: ${filter.type}`, ', filter: $filter'] : ['', '']
  const query = `query ($after: String${declared}) {
    page: ${of}(first: ${pageSize}, after: $after${given}) {
      edges { node { ${fields} } } pageInfo { hasNextPage endCursor } } }`
  const found: Node[] = []
  let after: string | null = null
  do {
    const { page }: { page: PageOf<Node> } = await client.ask(schema, query, {
      after,
      ...(filter ? { filter: filter.value } : {}),
    })
    found.push(...page.edges.map((edge) => edge.node))
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
  } while (after !== null && found.length < max)
  return found
}
