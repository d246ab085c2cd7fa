import { Argument, type Command } from 'commander'
import { complaint } from '../../example/complaint/scenario.ts'
import { ecommerce } from '../../example/ecommerce/scenario.ts'
import { runScenario } from '../../example/run.ts'
import { openStage } from '../../example/stage.ts'
import type { CommandTable } from '../context.ts'

const scenarios = { ecommerce, complaint }

export function addExample(program: Command, table: CommandTable): void {
  program
    .command('example')
    .description('play a story on a database of its own and show what every agent does')
    .addArgument(new Argument('<name>', 'which one').choices(Object.keys(scenarios)))
    .action(async (name: keyof typeof scenarios) => {
      await runScenario(scenarios[name], await openStage(), table.write)
    })
}
