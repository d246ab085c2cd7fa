import { glossary } from '../../../core/model/glossary.ts'
import type { Check } from '../../../core/model/decision.ts'
import { findDecisions } from '../../../core/read/findDecisions.ts'
import type { DecisionView } from '../../../core/read/findDecisions.ts'
import { findPolicyVersions } from '../../../core/read/listPolicyVersions.ts'
import { fail } from '../../../core/errors.ts'
import { builder } from '../builder.ts'
import { rowIdOf, rowKeyOf } from '../id.ts'
import { PolicyVersionType } from './policyVersion.ts'

export const DecisionOutcomeType = builder.enumType('DecisionOutcome', {
  description: glossary.gate,
  values: {
    ALLOW: { value: 'allow' },
    REFUSE: { value: 'refuse' },
    HOLD: { value: 'hold' },
  } as const,
})

const VerdictType = builder.enumType('Verdict', {
  description: 'What one check of the gate found.',
  values: { PASS: { value: 'pass' }, HOLD: { value: 'hold' }, FAIL: { value: 'fail' } } as const,
})

const CheckType = builder.objectRef<Check>('Check').implement({
  description: 'One check of the gate. All are evaluated every time; the first not passed decides.',
  fields: (t) => ({
    name: t.exposeString('name'),
    verdict: t.expose('verdict', { type: VerdictType }),
    reason: t.exposeString('reason', { description: 'A code such as consent_withdrawn.' }),
    evidence: t.exposeStringList('evidence', {
      description: 'Ids and versions of what was looked at.',
    }),
  }),
})

export const DecisionType = builder.objectRef<DecisionView>('Decision')

builder.node(DecisionType, {
  description: glossary.decision,
  id: { resolve: rowIdOf },
  loadOne: async (id, { reader }) => (await findDecisions(reader, [rowKeyOf(id)]))[0],
  fields: (t) => ({
    allowed: t.boolean({ resolve: ({ outcome }) => outcome === 'allow' }),
    outcome: t.expose('outcome', { type: DecisionOutcomeType }),
    reason: t.exposeString('reason', { description: 'Code of the check that decided.' }),
    checks: t.expose('checks', { type: [CheckType] }),
    policyVersion: t.loadable({
      type: PolicyVersionType,
      description: 'The version in force; number 0 where none was.',
      loaderOptions: { cache: false },
      load: async (numbers: number[], { reader }) =>
        (await findPolicyVersions(reader, numbers)).map(
          (version) => version ?? fail('not_found', { what: 'policy version of this decision' }),
        ),
      resolve: ({ policyNumber }) => policyNumber ?? 0,
    }),
    obligations: t.expose('obligations', {
      type: 'Json',
      description:
        'What binds whoever sends it: fields to mask, values to hash, not before when, how old values may be.',
    }),
    decidedAt: t.expose('decidedAt', { type: 'DateTime' }),
    validUntil: t.expose('validUntil', { type: 'DateTime', nullable: true }),
  }),
})
