/** A sleep that can be cut short. Being roused while awake counts for the next sleep. */
export class Alarm {
  #isRoused = false
  #wake = (): void => undefined

  readonly rouse = (): void => {
    this.#isRoused = true
    this.#wake()
  }

  /** Resolves after `ms` or when roused. */
  async rest(ms: number): Promise<void> {
    if (!this.#isRoused) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, ms)
      await promise
      clearTimeout(timer)
    }
    this.#isRoused = false
  }
}
