/** Runs attacks in a process as bare as what an escaped plugin would find itself in. */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { AttackLine } from './attack.ts'
import type { LaidBait } from './bait.ts'
import { answersOf, reach, type Answer } from './answer.ts'
import { cellFlags, findAddon, readableIn, type Backend } from '../sandbox/spawn.ts'

export interface Wall {
  backend: Backend
  /** Without flags and without what harden.ts takes away: shows that the list can find an open line. */
  isWeakened?: boolean
}

const lineMs = 1000
const hardenFile = fileURLToPath(new URL('../sandbox/harden.ts', import.meta.url))

/** One answer for each line. A line that ends the process is followed by the next in a new one. */
export async function attackWall(
  wall: Wall,
  lines: readonly AttackLine[],
  laid: LaidBait,
): Promise<Answer[]> {
  const answers: Answer[] = []
  while (answers.length < lines.length) {
    const rest = lines.slice(answers.length)
    const heard = answersOf(await runChild(wall, rest, laid)).slice(0, rest.length)
    answers.push(...heard)
    if (heard.length < rest.length) answers.push({ open: false, says: 'it ended its process' })
  }
  return answers
}

async function runChild(
  { backend, isWeakened }: Wall,
  lines: readonly AttackLine[],
  { bait, codeFolder }: LaidBait,
): Promise<string> {
  const addon = backend === 'isolate' ? findAddon() : undefined
  const start = addon === undefined ? { backend } : { backend, addon }
  const script = join(codeFolder, 'attack.mjs')
  await writeFile(script, scriptOf(lines, addon, isWeakened === true, JSON.stringify(bait)))
  const flags = isWeakened ? [] : cellFlags([script, ...readableIn(start)], backend)
  const child = spawn(process.execPath, [...flags, script], {
    cwd: codeFolder,
    env: {},
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 2000 + lines.length * lineMs)
  try {
    return await text(child.stdout)
  } finally {
    clearTimeout(timer)
  }
}

const scriptOf = (
  lines: readonly AttackLine[],
  addon: string | undefined,
  isWeakened: boolean,
  bait: string,
): string => `
import { createRequire } from 'node:module'
import { writeSync } from 'node:fs'
const say = (answer) => process.stdout.write(JSON.stringify(answer) + '\\n')
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms, 'late'))
${addon === undefined ? '' : `createRequire(import.meta.url)(${JSON.stringify(addon)})`}
${isWeakened ? '' : `await import(${JSON.stringify(hardenFile)})`}
process.on('uncaughtException', () => {})
process.on('unhandledRejection', () => {})
const exit = process.exit.bind(process)
const require = undefined
const ctx = { log() {}, tier: 'wall' }
${reach}
const lines = [${lines.map(({ code }) => `async (bait) => { ${code} }`).join(',\n')}]
for (const attack of lines) {
  try {
    const answer = await Promise.race([attack(${bait}), pause(${lineMs})])
    say(answer === 'late' ? { open: false, says: 'it waited in vain' } : { open: !!answer, says: String(answer).slice(0, 200) })
  } catch (thrown) { say({ open: false, says: String(thrown).slice(0, 200) }) }
}
exit(0)
`
