import type {
  PolicyDiff,
  PolicyReport,
  TestFailure,
  TestReport,
} from '../../../core/policy/reportPolicy.ts'
import { builder } from '../builder.ts'

export const PolicyDiffType = builder.objectRef<PolicyDiff>('PolicyDiff').implement({
  description: 'The difference of two policies, in sentences.',
  fields: (t) => ({
    widens: t.exposeBoolean('widens', {
      description: 'Somebody may do something that they might not before.',
    }),
    rules: t.stringList({
      description: 'What happened to which rule.',
      resolve: ({ rules }) => [...rules],
    }),
    access: t.stringList({
      description: 'Who may do what from now on, and who may not any more.',
      resolve: ({ access }) => [...access],
    }),
    tests: t.stringList({
      description: 'What happened to the tables.',
      resolve: ({ tests }) => [...tests],
    }),
  }),
})

const PolicyTestFailureType = builder.objectRef<TestFailure>('PolicyTestFailure').implement({
  description: 'A combination that is answered otherwise than its table says.',
  fields: (t) => ({
    table: t.exposeString('table'),
    cell: t.exposeString('cell', { description: 'Such as `app marketing.ads email`.' }),
    wanted: t.exposeString('wanted'),
    got: t.exposeString('got'),
    rule: t.exposeString('rule', {
      nullable: true,
      description: 'The rule that decided; null where none did.',
    }),
  }),
})

export const PolicyTestReportType = builder.objectRef<TestReport>('PolicyTestReport').implement({
  description: 'How the tests of a policy come out. What no table lists has to be refused.',
  fields: (t) => ({
    tables: t.exposeInt('tables'),
    passed: t.exposeInt('passed', { description: 'Tables with every cell right.' }),
    cells: t.exposeInt('cells', { description: 'Combinations looked at.' }),
    failed: t.exposeInt('failed'),
    failures: t.expose('failures', {
      type: [PolicyTestFailureType],
      description: 'The first 100.',
    }),
    uncovered: t.exposeStringList('uncovered', {
      description: 'Ids of rules that decided no cell of any table.',
    }),
  }),
})

export const PolicyReportType = builder.objectRef<PolicyReport>('PolicyReport').implement({
  description: 'What proposing a document would find.',
  fields: (t) => ({
    title: t.exposeString('title'),
    rules: t.exposeInt('rules'),
    hash: t.exposeString('hash'),
    tests: t.expose('tests', { type: PolicyTestReportType }),
    diff: t.expose('diff', { type: PolicyDiffType }),
  }),
})
