import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import type { AgentRun } from '../../../core/model/pluginHealth.ts'
import { watchAgents } from '../../../core/plugin/agentMetrics.ts'
import { createSignals } from '../../../core/signal.ts'

function open() {
  const registry = new Registry()
  const signals = createSignals()
  watchAgents(registry, signals)
  const run = (changes: Partial<AgentRun> = {}) =>
    signals.ran({
      workspaceId: 1,
      plugin: 'p',
      agent: 'a',
      digest: 'd',
      items: 2,
      ms: 100,
      failures: [],
      denials: 0,
      bytesOut: 0,
      writes: 0,
      conflicts: 0,
      told: { items: 2, failures: 0 },
      ...changes,
    })
  const lines = async (): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return { signals, run, lines }
}

test('counts of each agent what it took, what it was refused and what it sent', async () => {
  const { signals, run, lines } = open()
  run({ denials: 1, bytesOut: 10 })
  run({ agent: 'b', ms: 400 })
  signals.count({ what: 'cpu', agent: 'p/a', ms: 50 })
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'slateboard_agent_calls_total{agent="p/a"} 1',
      'slateboard_agent_items_total{agent="p/a"} 2',
      'slateboard_agent_denials_total{agent="p/a"} 1',
      'slateboard_agent_bytes_total{agent="p/a"} 10',
      'slateboard_agent_busy_seconds_total{agent="p/b"} 0.4',
      'slateboard_agent_cpu_seconds_total{agent="p/a"} 0.05',
    ]),
  )
})

test('shows who is far slower than usual, and nobody who always was', async () => {
  const { run, lines } = open()
  for (let n = 0; n < 30; n += 1) {
    run()
    run({ agent: 'b', ms: 900 })
  }
  run({ ms: 450 })
  run({ agent: 'b' })
  const slow = (await lines()).filter((line) => line.startsWith('slateboard_agent_slow'))
  expect(slow).toEqual([
    'slateboard_agent_slow_calls_total{agent="p/a"} 1',
    'slateboard_agent_slow_calls_total{agent="p/b"} 0',
  ])
})

test('counts together who comes after the five hundredth', async () => {
  const { run, lines } = open()
  for (let n = 0; n < 502; n += 1) run({ agent: `a${n}` })
  const calls = (await lines()).filter((line) => line.startsWith('slateboard_agent_calls'))
  expect(calls).toHaveLength(501)
  expect(calls).toContain('slateboard_agent_calls_total{agent="other"} 2')
})
