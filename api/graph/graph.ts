import { GraphQLError, parse, specifiedRules, validate } from 'graphql'
import type { DocumentNode, GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { fail } from '../../core/errors.ts'
import type { GraphContext } from './context.ts'
import { extraRules, limits } from './limit.ts'
import { createSchema } from './schema.ts'

export interface GraphOptions {
  log: Logger
  /** Without GraphiQL and introspection. */
  production: boolean
}

/** The GraphQL endpoint; who calls and what they may is settled before it. */
export interface Graph {
  readonly schema: GraphQLSchema
  /** Parses and checks a query as the endpoint does. */
  prepare(query: string): Prepared
  /** The way of everything but plain JSON requests, which `execute` runs: streams, uploads, GraphiQL. */
  fetch(request: Request, context?: GraphContext): Promise<Response>
}

export function createGraph(options: GraphOptions): Graph {
  const schema = createSchema()
  let yoga: Promise<Pick<Graph, 'fetch'>> | undefined
  return {
    schema,
    prepare: preparer(schema, options.production),
    async fetch(request, context) {
      // Loaded when first asked for: it takes the start 0.3 s longer, and most requests never need it.
      yoga ??= import('./yoga.ts').then(({ createEndpoint }) => createEndpoint(schema, options))
      return (await yoga).fetch(request, context)
    },
  }
}

export type Prepared = { document: DocumentNode } | { errors: readonly GraphQLError[] }

// Apps send a few queries again and again; long ones are parsed anew rather than kept.
const keptMax = 1000
const keptLengthMax = 10_000

function preparer(schema: GraphQLSchema, production: boolean): (query: string) => Prepared {
  const kept = new LRUCache<string, Prepared>({ max: keptMax })
  const rules = [...specifiedRules, ...extraRules(production)]
  const prepare = (query: string): Prepared => {
    try {
      const document = parse(query, { maxTokens: limits.tokens })
      const errors = validate(schema, document, rules)
      return errors.length > 0 ? { errors } : { document }
    } catch (thrown) {
      return { errors: [asGraphError(thrown)] }
    }
  }
  return (query) => {
    const known = kept.get(query)
    if (known) return known
    const prepared = prepare(query)
    if (query.length <= keptLengthMax) kept.set(query, prepared)
    return prepared
  }
}

const asGraphError = (thrown: unknown): GraphQLError =>
  thrown instanceof GraphQLError
    ? thrown
    : new GraphQLError('The query could not be read.', {
        originalError: fail('internal', {}, thrown),
      })
