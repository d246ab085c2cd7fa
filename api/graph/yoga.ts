import { createYoga, isAsyncIterable, mapAsyncIterator } from 'graphql-yoga'
import type { Plugin } from 'graphql-yoga'
import { NoSchemaIntrospectionCustomRule, parse } from 'graphql'
import type { ExecutionResult } from 'graphql'
import type { Logger } from 'pino'
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
  return createYoga<GraphContext>({
    schema: createSchema(),
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
}

function limiting(production: boolean): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source, options) => parse(source, { ...options, maxTokens: limits.tokens }))
    },
    onValidate({ addValidationRule }) {
      addValidationRule(limitRule)
      if (production) addValidationRule(NoSchemaIntrospectionCustomRule)
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
