import { GraphQLError } from 'graphql'
import type { ExecutionResult } from 'graphql'
import type { Logger } from 'pino'
import { fail } from '../../core/errors.ts'
import type { SlateboardError } from '../../core/errors.ts'
import { asFailure } from '../../core/read/failure.ts'
import { trouble } from '../../core/trouble.ts'

/**
 * The errors of a result as clients get them: catalogued ones with code and remedy, mistakes in the query as
 * graphql-js words them, and anything else as `internal`, its cause only in the log under the request id.
 */
export function maskErrors<Result extends ExecutionResult>(
  result: Result,
  requestId: string,
  log: Logger,
): Result {
  if (!result.errors?.length) return result
  return { ...result, errors: result.errors.map((error) => mask(error, requestId, log)) }
}

function mask(error: GraphQLError, requestId: string, log: Logger): GraphQLError {
  const root = rootOf(error)
  const failure = classify(root)
  if (failure.status >= 500) log.error({ requestId, ...trouble(root) }, 'a query failed')
  const { code, message, remedy } = failure.body()
  const { http } = error.extensions
  return new GraphQLError(root instanceof GraphQLError ? withoutHint(root.message) : message, {
    ...(error.nodes ? { nodes: error.nodes } : {}),
    ...(error.path ? { path: error.path } : {}),
    extensions: { code, remedy, requestId, ...(http === undefined ? {} : { http }) },
  })
}

/** graphql-js wraps what a resolver or scalar threw, sometimes more than once. */
function rootOf(error: unknown): unknown {
  let root = error
  while (root instanceof GraphQLError && root.originalError) root = root.originalError
  return root
}

const classify = (root: unknown): SlateboardError =>
  root instanceof GraphQLError ? fail('query_invalid') : asFailure(root)

// A suggestion would name fields to who may not read the schema.
const withoutHint = (message: string): string => message.replace(/ Did you mean .*$/s, '')
