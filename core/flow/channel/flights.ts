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
  /**
   * Starts what never rejects, in a seat that was reserved. `landed` gives the circuit's seat back before the end:
   * what is still to be recorded takes nothing of the receiver's, but counts in all.
   */
  launch(circuit: string, deliver: (landed: () => void) => Promise<void>): void
  /**
   * Remembers a place whose circuit is full, so that nobody looks there for work until a quarter of its seats are
   * free: seat by seat, each would begin in a transaction of its own.
   */
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

/** The seats of each circuit. */
function createSeats(perCircuitMax: number) {
  const seats = new Map<string, number>()
  const roomyMax = Math.min(perCircuitMax - 1, perCircuitMax - Math.floor(perCircuitMax / 4))
  const taking = (circuit: string): number => seats.get(circuit) ?? 0
  return {
    isFull: (circuit: string): boolean => taking(circuit) >= perCircuitMax,
    isRoomy: (circuit: string): boolean => taking(circuit) <= roomyMax,
    take: (circuit: string): void => void seats.set(circuit, taking(circuit) + 1),
    leave(circuit: string): void {
      const left = taking(circuit) - 1
      if (left > 0) seats.set(circuit, left)
      else seats.delete(circuit)
    },
  }
}

export function createFlights({ max, perCircuitMax }: FlightOptions = defaults): Flights {
  const running = new Set<Promise<void>>()
  const { isFull, isRoomy, take, leave } = createSeats(perCircuitMax)
  const passed = new Map<string, string>()
  const listeners = new Set<() => void>()
  let taken = 0
  /** Asked for in vain: a seat at all, and one of a circuit. */
  let [wantsAny, wantsCircuit] = [false, false]
  const tellRoom = (): void => {
    wantsAny = false
    wantsCircuit = false
    for (const listener of listeners) listener()
  }
  return {
    size: () => running.size,
    room() {
      wantsAny ||= taken >= max
      return max - taken
    },
    reserve(circuit) {
      if (taken >= max) wantsAny = true
      else if (isFull(circuit)) wantsCircuit = true
      else {
        taken += 1
        take(circuit)
        return true
      }
      return false
    },
    release(circuit) {
      taken -= 1
      leave(circuit)
    },
    launch(circuit, deliver) {
      let isAloft = true
      const land = (): void => {
        if (!isAloft) return
        isAloft = false
        leave(circuit)
        if (wantsCircuit && isRoomy(circuit)) tellRoom()
      }
      const flight = deliver(land).finally(() => {
        running.delete(flight)
        taken -= 1
        land()
        if (wantsAny) tellRoom()
      })
      running.add(flight)
    },
    pass: (place, circuit) => void passed.set(place, circuit),
    passed() {
      for (const [place, circuit] of passed) {
        if (isRoomy(circuit)) passed.delete(place)
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
