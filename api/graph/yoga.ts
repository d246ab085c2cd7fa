import { createYoga, isAsyncIterable, mapAsyncIterator } from 'graphql-yoga'
import type { Plugin } from 'graphql-yoga'
import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { fail } from '../../core/errors.ts'
import type { GraphContext } from './context.ts'
import { maskErrors } from './failure.ts'
import { limitRule, limits } from './limit.ts'
import { createSchema } from './schema.ts'

export interface GraphOptions {
  log: Logger
  /** Without GraphiQL and introspection. */
  production: boolean
}

const bodyBytesMax = 6_000_000

/** The GraphQL endpoint; who calls and what they may is settled before it. */
export function createGraph({ log, production }: GraphOptions) {
  const schema = createSchema()
  const yoga = createYoga<GraphContext>({
    schema,
    // Hono's adapter gives the platform's own Request; another implementation of it would be translated.
    fetchAPI: {
      Request,
      Response,
      Headers,
      URL,
      ReadableStream,
      TextEncoder,
      TextDecoder,
      FormData,
      File,
    },
    batching: false,
    cors: false,
    landingPage: false,
    graphiql: production ? false : { title: 'Slateboard' },
    maxRequestBodySize: bodyBytesMax,
    // Done below instead, where the request id is known.
    maskedErrors: false,
    logging: false,
    plugins: [limiting(production), masking(log)],
  })
  return {
    schema,
    /** The way of everything but plain JSON requests, which `execute` runs. */
    fetch: yoga.fetch,
    /** Parses and checks a query as the endpoint does. */
    prepare: preparer(schema, production),
  }
}

export type Graph = ReturnType<typeof createGraph>

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

const extraRules = (production: boolean) =>
  production ? [limitRule, NoSchemaIntrospectionCustomRule] : [limitRule]

const asGraphError = (thrown: unknown): GraphQLError =>
  thrown instanceof GraphQLError
    ? thrown
    : new GraphQLError('The query could not be read.', {
        originalError: fail('internal', {}, thrown),
      })

function limiting(production: boolean): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source, options) => parse(source, { ...options, maxTokens: limits.tokens }))
    },
    onValidate({ addValidationRule }) {
      for (const rule of extraRules(production)) addValidationRule(rule)
    },
  }
}

function masking(log: Logger): Plugin<object, GraphContext> {
  return {
    onResultProcess({ result, setResult, serverContext: { requestId } }) {
      const mask = (one: ExecutionResult) => maskErrors(one, requestId, log)
      if (isAsyncIterable(result)) setResult(mapAsyncIterator(result, mask))
      else setResult(Array.isArray(result) ? result.map(mask) : mask(result))
    },
  }
}
