import type { Rehearsed } from '../../../core/kit/rehearse.ts'
import type { Take } from '../../../core/kit/session.ts'

const marks: Record<Rehearsed['verdict'], string> = {
  same: 'same',
  new: 'new, not recorded',
  changed: 'CHANGED',
}

/** A take for people: what was loaded, each fixture's answer, and what policies and consent say to it. */
export function linesOf({ pkg, loadMs, rehearsed, logs }: Take): string[] {
  const { id, version } = pkg.manifest
  const loaded = loadMs === null ? '' : ` loaded in ${Math.round(loadMs)} ms`
  return [
    `${id} ${version}${loaded}, ${rehearsed.length} fixtures:`,
    ...rehearsed.flatMap(fixtureLines),
    ...logs.map(({ level, message, agent }) => `  log ${level} ${agent ?? ''}: ${message}`),
    ...(rehearsed.length === 0
      ? ['  Put an input for an agent into fixtures/<name>.json to see what it answers.']
      : []),
  ]
}

function fixtureLines(rehearsed: Rehearsed): string[] {
  const { name, agent, verdict, ms, problem, answer, differences } = rehearsed
  return [
    `  ${name} (${agent}, ${ms.toFixed(1)} ms): ${marks[verdict]}`,
    ...(problem === null ? [] : [`    ${problem}`]),
    ...differences.map((difference) => `    ${difference}`),
    ...(verdict === 'new' ? [`    ${JSON.stringify(answer)}`] : []),
    ...rehearsed.withheld.map(
      ({ trait, rule, reason }) =>
        `    ${trait} would be withheld: ${rule === null ? reason : `rule ${rule}`}`,
    ),
    ...rehearsed.decisions.flatMap(({ purpose, channel, outcome, text, remedy }) => [
      `    ${purpose} by ${channel}: ${outcome.toUpperCase()}. ${text}`,
      ...(remedy === '' ? [] : [`      ${remedy}`]),
    ]),
  ]
}

/** The same for programs. */
export const summaryOf = ({ pkg, loadMs, rehearsed, logs }: Take): object => ({
  plugin: pkg.manifest.id,
  version: pkg.manifest.version,
  digest: pkg.digest,
  loadMs,
  fixtures: rehearsed,
  logs: logs.map(({ level, message, agent }) => ({ level, message, agent })),
})
