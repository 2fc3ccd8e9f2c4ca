/** Something that many ask for, and that is done once for all of them, a while after the first. */
export class Soon {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /** @param {number} after milliseconds @param {() => void} work */
  constructor(after, work) {
    this.after = after
    this.work = work
  }

  ask() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.work()
    }, this.after)
  }

  stop() {
    clearTimeout(this.#timer)
  }
}
