import pino from 'pino'
import { expect, test, vi } from 'vitest'
import { repeat } from '../../../core/flow/repeat.ts'

const log = pino({ level: 'silent' })
const rest = { ms: 50, below: 10 }

test('rests after little, goes on after much, and rests for nobody who waits', async () => {
  vi.useFakeTimers()
  try {
    const found = [10, 1, 1, 0, 1, 0]
    let runs = 0
    await using step = repeat('test', 1000, log, () => Promise.resolve(found[runs++] ?? 0), rest)
    await vi.advanceTimersByTimeAsync(0)
    expect(runs).toBe(2)
    step.rouse()
    await vi.advanceTimersByTimeAsync(49)
    expect(runs).toBe(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(runs).toBe(3)
    await step.idle()
    expect(runs).toBe(4)
  } finally {
    vi.useRealTimers()
  }
})
