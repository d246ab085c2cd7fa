import type { Command } from 'commander'
import { z } from 'zod'
import { audiences } from '../../../core/explain/sentence.ts'
import { fail } from '../../../core/errors.ts'
import type { CommandTable } from '../context.ts'

const answerSchema = z.object({
  decision: z
    .object({
      outcome: z.string(),
      reason: z.string(),
      decidedAt: z.string(),
      explanation: z.object({
        text: z.string(),
        sentences: z.array(
          z.object({
            part: z.string(),
            check: z.string().nullable(),
            code: z.string(),
            article: z.string().nullable(),
            text: z.string(),
          }),
        ),
      }),
      replay: z.object({
        answer: z.string(),
        text: z.string(),
        audited: z.boolean(),
        differences: z.array(
          z.object({ where: z.string(), recorded: z.string(), replayed: z.string() }),
        ),
      }),
      wouldFlip: z
        .object({
          to: z.string(),
          text: z.string(),
          sets: z.array(
            z.object({
              changes: z.array(z.object({ code: z.string(), by: z.string(), text: z.string() })),
            }),
          ),
        })
        .nullable(),
    })
    .nullable(),
})
type Answer = NonNullable<z.infer<typeof answerSchema>['decision']>

const query = `query Explain($id: ID!, $audience: ExplanationAudience!) {
  decision(id: $id) {
    outcome reason decidedAt
    explanation(audience: $audience) { text sentences { part check code article text } }
    replay { answer text audited differences { where recorded replayed } }
    wouldFlip(audience: $audience) { to text sets { changes { code by text } } }
  }
}`

const replaySchema = z.object({
  decision: z.object({ replay: answerSchema.shape.decision.unwrap().shape.replay }).nullable(),
})

const replayQuery = `query Replay($id: ID!) {
  decision(id: $id) { replay { answer text audited differences { where recorded replayed } } }
}`

export function addDecision(program: Command, table: CommandTable): void {
  program
    .command('replay <decision>')
    .description('make a decision again from stored versions; fails when the answer is another')
    .option('--json', 'print JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      await using client = await table.openClient()
      const { decision } = await client.ask(replaySchema, replayQuery, { id })
      if (decision === null) throw unseen()
      const { replay } = decision
      if (options.json) table.write(JSON.stringify(replay))
      else for (const line of replayLines(replay)) table.write(line)
      if (replay.answer !== 'DIFFERS') return
      throw fail('command_failed', {
        reason: 'The decision would be another one.',
        remedy:
          'Check the audit log with `slateboard audit verify`, and find out who could write to the database.',
      })
    })

  const decision = program.command('decision').description('what the gate decided, and why')

  decision
    .command('explain <id>')
    .description('why it was decided so, whether it would be again, and what would turn it round')
    .option('--for <audience>', 'officer, integrator or subject', 'officer')
    .option('--json', 'print JSON')
    .action(async (id: string, options: { for: string; json?: boolean }) => {
      const audience = audiences.find((each) => each === options.for)
      if (audience === undefined) {
        throw fail('command_failed', {
          reason: `Nobody is called ${options.for}.`,
          remedy: 'Explain it for officer, integrator or subject.',
        })
      }
      await using client = await table.openClient()
      const variables = { id, audience: audience.toUpperCase() }
      const { decision } = await client.ask(answerSchema, query, variables)
      if (decision === null) throw unseen()
      if (options.json) table.write(JSON.stringify(decision))
      else for (const line of linesOf(decision)) table.write(line)
    })
}

const unseen = () =>
  fail('command_failed', {
    reason: 'There is no such decision that you may see.',
    remedy: 'Give the id that GraphQL gives for activation { decision { id } }.',
  })

const replayLines = ({ text, differences }: Answer['replay']): string[] => [
  text,
  ...differences.map(
    ({ where, recorded, replayed }) => `  ${where}: ${recorded} was recorded, ${replayed} now`,
  ),
]

function linesOf({ explanation, replay, wouldFlip }: Answer): string[] {
  const [head, ...rest] = explanation.sentences
  return [
    ...(head ? [head.text] : []),
    ...rest.map(({ part, text, article }) => {
      const indent = part === 'evidence' ? '    ' : '  '
      return `${indent}${text}${article === null ? '' : ` (${article})`}`
    }),
    ...replayLines(replay),
    ...(wouldFlip === null ? [] : flipLines(wouldFlip)),
  ]
}

function flipLines({ text, sets }: NonNullable<Answer['wouldFlip']>): string[] {
  const others = sets.slice(1).map(({ changes }) => changes.map((change) => change.text).join(' '))
  return [text, ...others.map((each) => `  Or: ${each}`)]
}
