/** The host's answer to a call. */
export interface Answer {
  number: number
  isAnswer: boolean
  body: string
}

/** Answers of the host to one batch, as they come. */
export class Inbox {
  readonly #answers: Answer[] = []
  #rouse: (() => void) | undefined

  push(answer: Answer): void {
    this.#answers.push(answer)
    this.#rouse?.()
  }

  take(): Answer | undefined {
    return this.#answers.shift()
  }

  /** Resolves when an answer is there, or after so many milliseconds. */
  async rest(ms: number): Promise<void> {
    if (this.#answers.length > 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    this.#rouse = resolve
    await promise
    clearTimeout(timer)
    this.#rouse = undefined
  }
}
