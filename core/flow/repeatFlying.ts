import type { Logger } from 'pino'
import type { Flights } from './channel/flights.ts'
import { repeat, type Repeating } from './repeat.ts'

/** Work that starts deliveries and does not wait for them. */
interface Flying {
  run(): Promise<number>
  settled(): Promise<void>
  readonly flights: Flights
}

/** As `repeat`: roused when there is room again, and idle or stopped only when nothing is under way. */
export function repeatFlying(name: string, ms: number, log: Logger, flying: Flying): Repeating {
  const step = repeat(name, ms, log, () => flying.run())
  const deafen = flying.flights.onRoom(step.rouse)
  return {
    rouse: step.rouse,
    async idle() {
      await step.idle()
      while (flying.flights.size() > 0) {
        await flying.settled()
        await step.idle()
      }
    },
    async [Symbol.asyncDispose]() {
      deafen()
      await step[Symbol.asyncDispose]()
      await flying.settled()
    },
  }
}
