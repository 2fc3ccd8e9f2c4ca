/** How far the demo is, on stderr: a bar where somebody watches, else one line for each pass. */

const WIDTH = 28
const REDRAW = 50

export class Progress {
  #done = 0
  #label = ''
  #drawn = 0

  /** @param {number} total steps @param {NodeJS.WriteStream} [stream] */
  constructor(total, stream = process.stderr) {
    this.total = total
    this.stream = stream
  }

  /** @param {string} label */
  begin(label) {
    this.#label = label
    if (this.stream.isTTY) this.#draw()
    else this.stream.write(`${this.#percent()} % ${label} …\n`)
  }

  step() {
    this.#done++
    if (this.stream.isTTY && performance.now() - this.#drawn > REDRAW) this.#draw()
  }

  /** @param {string} text */
  note(text) {
    this.#clear()
    this.stream.write(`${text}\n`)
  }

  end() {
    this.#clear()
  }

  #percent() {
    return Math.min(100, Math.floor((100 * this.#done) / this.total))
  }

  #draw() {
    this.#drawn = performance.now()
    const full = Math.round((WIDTH * this.#percent()) / 100)
    const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full)
    const line = `${bar} ${String(this.#percent()).padStart(3)} %  ${this.#label}`
    this.stream.write(`\r\u001b[2K${line.slice(0, (this.stream.columns ?? 80) - 1)}`)
  }

  #clear() {
    if (this.stream.isTTY) this.stream.write('\r\u001b[2K')
  }
}
