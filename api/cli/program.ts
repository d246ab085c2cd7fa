import { Command, CommanderError } from 'commander'
import { asSlateboardError } from '../../core/errors.ts'
import { addAgenda } from './command/agenda.ts'
import { addAudit } from './command/audit.ts'
import { addBudget } from './command/budget.ts'
import { addConflict } from './command/conflict.ts'
import { addDecision } from './command/decision.ts'
import { addExample } from './command/example.ts'
import { addFollowUp } from './command/followUp.ts'
import { addIntent } from './command/intent.ts'
import { addObjective } from './command/objective.ts'
import { addDoctor } from './command/doctor.ts'
import { addPlugin } from './command/plugin.ts'
import { addPolicy } from './command/policy.ts'
import { addPrincipal } from './command/principal.ts'
import { addRecords } from './command/records.ts'
import { addSource } from './command/source.ts'
import { addSubject } from './command/subject.ts'
import { addTombstone } from './command/tombstone.ts'
import { addTrait } from './command/trait.ts'
import { addWebhook } from './command/webhook.ts'
import type { CommandTable } from './context.ts'
import { writeSchema } from './schema.ts'

/**
 * Runs one command. @returns the exit code: 0 done, 1 refused or failed, 2 not a command as given.
 * @example process.exitCode = await runCommand(process.argv.slice(2), table, console.error)
 */
export async function runCommand(
  args: readonly string[],
  table: CommandTable,
  complain: (line: string) => void,
): Promise<number> {
  const program = createProgram(table, complain)
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2
    const error = asSlateboardError(thrown)
    complain(`${error.message} ${error.remedy}`)
    for (const { path, value, reason, remedy } of error.problems) {
      complain(`  ${path} is ${value}: ${reason}. ${remedy}`)
    }
    return 1
  }
}

function createProgram(table: CommandTable, complain: (line: string) => void): Command {
  const program = new Command('slateboard')
    .description('A customer-data platform: one governed profile per customer, agents, and a gate.')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => table.write(text.trimEnd()),
      writeErr: (text) => complain(asSentence(text)),
    })
  program
    .command('start')
    .description('start the server')
    .option('--no-demo', 'leave an empty embedded database empty')
    .action(({ demo }: { demo: boolean }) => table.start({ demo }))
  program
    .command('demo')
    .description('send the made-up shop to the running server and show what comes of it')
    .action(() => table.demo())
  program
    .command('migrate')
    .description('bring the database to this version')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { applied } = await table.migrate()
      const text = applied.length === 0 ? 'Nothing to do.' : `Applied ${applied.join(', ')}.`
      table.write(json ? JSON.stringify({ applied }) : text)
    })
  addExample(program, table)
  addSource(program, table)
  addPrincipal(program, table)
  addPlugin(program, table)
  addPolicy(program, table)
  addTrait(program, table)
  addConflict(program, table)
  addIntent(program, table)
  addDecision(program, table)
  addSubject(program, table)
  addAudit(program, table)
  addRecords(program, table)
  addTombstone(program, table)
  addAgenda(program, table)
  addObjective(program, table)
  addBudget(program, table)
  addFollowUp(program, table)
  addWebhook(program, table)
  addDoctor(program, table)
  program.command('schema').description('rewrite api/schema.graphql').action(writeSchema)
  return program
}

/** `error: unknown command 'x'` becomes a sentence, with what to do about it. */
function asSentence(text: string): string {
  const bare = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
  if (/^(Usage|Options)/.test(bare)) return text.trimEnd()
  const end = /[.?!]$/.test(bare) ? '' : '.'
  return `${bare.charAt(0).toUpperCase()}${bare.slice(1)}${end} Run \`slateboard --help\` to see the commands and what they take.`
}
