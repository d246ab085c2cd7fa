import type { GraphQLSchema } from 'graphql'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { builder } from './builder.ts'
import './query.ts'
import './mutation.ts'
import './consent.ts'
import './policy.ts'
import './plugin.ts'
import './pluginHealth.ts'
import './rehearsal.ts'
import './pluginRollout.ts'
import './simulation.ts'
import './age.ts'
import './processing.ts'
import './audience.ts'
import './subjectRequest.ts'
import './traitDefinition.ts'
import './erasure.ts'
import './pluginConfig.ts'
import './type/agentScore.ts'
import './type/followUp.ts'
import './followUp.ts'
import './reaction.ts'
import './agentGraph.ts'
import './budget.ts'
import './objective.ts'
import './webhook.ts'
import './subscription.ts'

export const createSchema = (): GraphQLSchema => builder.toSchema()

/** As committed in api/schema.graphql. */
export const printed = (schema: GraphQLSchema): string =>
  `${printSchema(lexicographicSortSchema(schema))}\n`
