/**
 * Deliveries under way. They are bounded in all and for each circuit, so that a receiver that takes its time
 * fills its own share and holds back nobody else.
 */
export interface Flights {
  /** How many more may start in all. */
  room(): number
  /** Takes a seat for one delivery; false when that circuit, or everything, is full. */
  reserve(circuit: string): boolean
  /** Gives back a seat that is not needed. */
  release(circuit: string): void
  /** Starts what never rejects, in a seat that was reserved. */
  launch(circuit: string, deliver: () => Promise<void>): void
  /** Remembers a place whose circuit is full, so that nobody looks there for work until it has room. */
  pass(place: string, circuit: string): void
  passed(): string[]
  /** Called when one of them ended after a seat was asked for in vain. */
  onRoom(listener: () => void): () => void
  /** How many are under way. */
  size(): number
  /** Resolves when none is under way. */
  settled(): Promise<void>
}

export interface FlightOptions {
  max: number
  perCircuitMax: number
}

/** 64 is what a receiver gets in connections; eight such receivers may be slow before others wait. */
const defaults: FlightOptions = { max: 512, perCircuitMax: 64 }

export function createFlights({ max, perCircuitMax }: FlightOptions = defaults): Flights {
  const running = new Set<Promise<void>>()
  const seats = new Map<string, number>()
  const passed = new Map<string, string>()
  const listeners = new Set<() => void>()
  let taken = 0
  let wanted = false
  const taking = (circuit: string): number => seats.get(circuit) ?? 0
  const release = (circuit: string): void => {
    taken -= 1
    const left = taking(circuit) - 1
    if (left > 0) seats.set(circuit, left)
    else seats.delete(circuit)
  }
  return {
    size: () => running.size,
    room() {
      wanted ||= taken >= max
      return max - taken
    },
    reserve(circuit) {
      if (taken >= max || taking(circuit) >= perCircuitMax) {
        wanted = true
        return false
      }
      taken += 1
      seats.set(circuit, taking(circuit) + 1)
      return true
    },
    release,
    launch(circuit, deliver) {
      const flight = deliver().finally(() => {
        running.delete(flight)
        release(circuit)
        if (!wanted) return
        wanted = false
        for (const listener of listeners) listener()
      })
      running.add(flight)
    },
    pass: (place, circuit) => void passed.set(place, circuit),
    passed() {
      for (const [place, circuit] of passed) {
        if (taking(circuit) < perCircuitMax) passed.delete(place)
      }
      return [...passed.keys()]
    },
    onRoom(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
