import { CallDenied, type Denial } from '../denied.ts'
import type { HostCalls } from '../engine.ts'
import { guestLimits } from './confined.ts'

const { callsPerItem } = guestLimits

/** What goes back to the cell: the JSON of an answer, or of a denial. */
export interface CallAnswer {
  isAnswer: boolean
  body: string
}

const unavailable: Denial = {
  code: 'calls_unavailable',
  message: 'Nothing outside can be called here.',
  remedy: 'In a trial, give openTrial the option fetch.',
}
const exhausted: Denial = {
  code: 'too_many_calls',
  message: 'The item made too many calls.',
  remedy: `Make at most ${callsPerItem} calls for an item.`,
}
const failed: Denial = {
  code: 'internal',
  message: 'The host could not make the call.',
  remedy: 'Snooze, and try again later.',
}

/** An item that is run again after its isolate was lost makes its calls again. */
const runsPerItem = 3

/** Answers the calls of one batch; the cell's word for who calls is checked, and never more than counted. */
export class Caller {
  readonly #calls: HostCalls | undefined
  readonly #made: number[]

  constructor(items: number, calls: HostCalls | undefined) {
    this.#calls = calls
    this.#made = Array.from({ length: items }, () => 0)
  }

  /** Never rejects. */
  async to({ item, name }: { item: number; name: string }, body: string): Promise<CallAnswer> {
    const made = this.#made[item]
    if (this.#calls === undefined) return denied(unavailable)
    if (made === undefined || made >= callsPerItem * runsPerItem) return denied(exhausted)
    this.#made[item] = made + 1
    try {
      return { isAnswer: true, body: await this.#calls.call(item, name, body) }
    } catch (thrown) {
      // What failed otherwise was told by who makes the calls: here nobody could log it.
      return denied(thrown instanceof CallDenied ? thrown.denial : failed)
    }
  }
}

const denied = (denial: Denial): CallAnswer => ({ isAnswer: false, body: JSON.stringify(denial) })
