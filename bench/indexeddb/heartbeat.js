/** How long the main thread answers nobody. */

/** @type {(() => void)[]} */
const waiting = []
const { port1, port2 } = new MessageChannel()
port1.onmessage = () => waiting.shift()?.()

/** The next task. @returns {Promise<void>} */
export function turn() {
  return new Promise(resolve => {
    waiting.push(resolve)
    port2.postMessage(0)
  })
}

/** Milliseconds between two beats when nothing holds them up: what a nested timer takes at least. */
const PERIOD = 4
/** A beat later than this has been held up for too long. */
const LIMIT = 8

/** Beats, and keeps how late the latest beat was. */
export class Heartbeat {
  #isBeating = true
  #last = performance.now()
  #longest = 0
  #over = 0

  constructor() {
    performance.mark('begin')
    this.#beat()
  }

  #beat() {
    setTimeout(() => {
      this.#look()
      if (this.#isBeating) this.#beat()
    }, PERIOD)
  }

  #look() {
    const now = performance.now()
    const late = now - this.#last - PERIOD
    this.#last = now
    this.#longest = Math.max(this.#longest, late)
    if (late > LIMIT) this.#over++
  }

  /** @returns {{ longest: number, over: number }} milliseconds, and how many were too late */
  stop() {
    performance.mark('end')
    this.#look()
    this.#isBeating = false
    return { longest: this.#longest, over: this.#over }
  }
}
