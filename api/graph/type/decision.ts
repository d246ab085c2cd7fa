import { glossary } from '../../../core/model/glossary.ts'
import type { Check } from '../../../core/model/decision.ts'
import { findDecisions } from '../../../core/read/findDecisions.ts'
import type { DecisionView } from '../../../core/read/findDecisions.ts'
import { explainDecision } from '../../../core/read/explainDecision.ts'
import type { ExplainedDecision } from '../../../core/read/explainDecision.ts'
import type { Reader } from '../../../core/read/reader.ts'
import { findPolicyVersions } from '../../../core/read/listPolicyVersions.ts'
import { fail } from '../../../core/errors.ts'
import { builder } from '../builder.ts'
import { rowIdOf, rowKeyOf } from '../id.ts'
import { AudienceType, ExplanationType, FlipType, ReplayType } from './explanation.ts'
import { DecisionOutcomeType } from './outcome.ts'
import { PolicyVersionType } from './policyVersion.ts'

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

const known = new WeakMap<DecisionView, Promise<ExplainedDecision>>()

/** Worked out once for the fields of one answer. */
function explained(reader: Reader, decision: DecisionView): Promise<ExplainedDecision> {
  const work = known.get(decision) ?? explainOne(reader, decision)
  known.set(decision, work)
  return work
}

async function explainOne(
  reader: Reader,
  { profileId, id }: DecisionView,
): Promise<ExplainedDecision> {
  const found = await explainDecision(reader, { profileId, id })
  if (found === null) throw fail('not_found', { what: 'decision' })
  return found
}

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
    explanation: t.field({
      type: ExplanationType,
      description: 'Why, in sentences, for one audience.',
      args: { audience: t.arg({ type: AudienceType, defaultValue: 'officer' }) },
      resolve: async (decision, { audience }, { reader }) =>
        (await explained(reader, decision)).explain(audience ?? 'officer'),
    }),
    replay: t.field({
      type: ReplayType,
      description: 'Makes the decision again from stored versions and compares every word.',
      resolve: async (decision, _, { reader }) => (await explained(reader, decision)).replay,
    }),
    wouldFlip: t.field({
      type: FlipType,
      nullable: true,
      description: 'What would turn it round; null where the decision cannot be made again.',
      args: { audience: t.arg({ type: AudienceType, defaultValue: 'officer' }) },
      resolve: async (decision, { audience }, { reader }) =>
        (await explained(reader, decision)).flip(audience ?? 'officer'),
    }),
  }),
})
