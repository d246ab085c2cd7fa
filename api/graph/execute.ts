import { execute as run, getOperationAST } from 'graphql'
import type { ExecutionResult } from 'graphql'
import { z } from 'zod'
import { fail } from '../../core/errors.ts'
import type { GraphContext } from './context.ts'
import type { Graph } from './graph.ts'

const paramsSchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
})

/**
 * Runs one query or mutation that came as JSON, under the same parser limits and rules as the endpoint. It
 * skips the passage through web streams and plugins, which cost more than the execution: a profile query takes
 * 0.2 ms of processor time here, 0.67 there.
 * @throws bad_input for a body that is no GraphQL request, such as a batch
 */
export async function execute(
  graph: Graph,
  context: GraphContext,
  body: string,
): Promise<ExecutionResult> {
  const params = paramsOf(body)
  const prepared = graph.prepare(params.query)
  if ('errors' in prepared) return { errors: prepared.errors }
  const { document } = prepared
  if (getOperationAST(document, params.operationName)?.operation === 'subscription') {
    throw fail('bad_input', {
      path: 'query',
      reason: 'a subscription needs Accept: text/event-stream',
    })
  }
  return run({
    schema: graph.schema,
    document,
    contextValue: context,
    variableValues: params.variables ?? {},
    operationName: params.operationName ?? null,
  })
}

function paramsOf(body: string): z.infer<typeof paramsSchema> {
  const parsed = paramsSchema.safeParse(jsonOf(body))
  if (parsed.success) return parsed.data
  const reason = 'send one JSON object with query, variables and operationName'
  throw fail('bad_input', { path: 'the body', reason })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
