import { createYoga, isAsyncIterable, mapAsyncIterator } from 'graphql-yoga'
import type { Plugin } from 'graphql-yoga'
import { parse } from 'graphql'
import type { ExecutionResult, GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import type { GraphContext } from './context.ts'
import { maskErrors } from './failure.ts'
import type { Graph, GraphOptions } from './graph.ts'
import { extraRules, limits } from './limit.ts'

const bodyBytesMax = 6_000_000

/** GraphQL Yoga over the schema, for what needs more than one JSON answer. */
export function createEndpoint(
  schema: GraphQLSchema,
  { log, production }: GraphOptions,
): Pick<Graph, 'fetch'> {
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
    fetch: async (request, context) =>
      context === undefined ? yoga.fetch(request) : yoga.fetch(request, context),
  }
}

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
