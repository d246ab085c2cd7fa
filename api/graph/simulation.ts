import { findSimulation } from '../../core/read/findSimulation.ts'
import type { SimulationView } from '../../core/read/findSimulation.ts'
import { builder } from './builder.ts'
import { idOf } from './id.ts'
import { outcome, UserErrorType } from './type/payload.ts'
import type { Outcome } from './type/payload.ts'
import {
  CancelSimulationInput,
  PolicySimulationType,
  SimulatePolicyInput,
} from './type/simulation.ts'

const payload = (name: string) =>
  builder.objectRef<Outcome<SimulationView | null>>(name).implement({
    fields: (t) => ({
      simulation: t.field({
        type: PolicySimulationType,
        nullable: true,
        resolve: ({ result }) => result,
      }),
      errors: t.expose('errors', { type: [UserErrorType] }),
    }),
  })

const SimulatePolicyPayload = payload('SimulatePolicyPayload')
const CancelSimulationPayload = payload('CancelSimulationPayload')

builder.queryFields((t) => ({
  policySimulation: t.field({
    type: PolicySimulationType,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, { reader }) => findSimulation(reader, idOf('PolicySimulation', id)),
  }),
}))

builder.mutationFields((t) => ({
  simulatePolicy: t.field({
    type: SimulatePolicyPayload,
    description:
      'Begins to work out what a policy would change for all profiles; answers at once. One at a time.',
    args: { input: t.arg({ type: SimulatePolicyInput, required: true }) },
    resolve: (_, { input: { days, ...candidate } }, { reader, actions }) =>
      outcome(async () => {
        const id = await actions.simulatePolicy(reader, { ...candidate, days: days ?? undefined })
        return findSimulation(reader, id)
      }),
  }),
  cancelSimulation: t.field({
    type: CancelSimulationPayload,
    description: 'Ends a simulation that runs; one that has ended stays as it is.',
    args: { input: t.arg({ type: CancelSimulationInput, required: true }) },
    resolve: (_, { input }, { reader, actions }) =>
      outcome(async () => {
        const id = idOf('PolicySimulation', input.id)
        await actions.cancelSimulation(reader, id)
        return findSimulation(reader, id)
      }),
  }),
}))
