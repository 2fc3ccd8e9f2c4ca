/** Time for one schedule: `setTimeout`, `Date.now` and the function's clock stand still until they are moved. */
const START = 1_700_000_000_000

export class Time {
  now = 0
  /** @type {Map<number, { at: number, run: () => void }>} */
  timers = new Map()
  #ids = 0

  install() {
    const { setTimeout, clearTimeout } = globalThis
    const dateNow = Date.now
    globalThis.setTimeout = (run, delay, ...args) => {
      this.timers.set(++this.#ids, { at: this.now + delay, run: () => run(...args) })
      return this.#ids
    }
    globalThis.clearTimeout = id => void this.timers.delete(id)
    Date.now = () => START + this.now
    return () => {
      Object.assign(globalThis, { setTimeout, clearTimeout })
      Date.now = dateNow
    }
  }

  pass(milliseconds) {
    this.now += milliseconds
    for (const [id, { at, run }] of this.timers) {
      if (at > this.now) continue
      this.timers.delete(id)
      run()
    }
  }
}
