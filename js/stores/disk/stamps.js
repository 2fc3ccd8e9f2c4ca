import { epochNow } from '../../clock.js'

/**
 * The order of writes over all processes: epoch milliseconds, but always more than every stamp seen before. So whoever has seen a write comes
 * after it, whatever the clocks say; of writes that did not see each other the clock decides.
 */

/** A double holds epoch milliseconds with eleven binary digits behind the point to spare. */
const STEP = 2 ** -10

export class Stamps {
  /** The newest so far. */
  last = 0

  next() {
    this.last = Math.max(epochNow(), this.last + STEP)
    return this.last
  }

  /** @param {number} stamp of somebody else */
  see(stamp) {
    if (stamp > this.last) this.last = stamp
  }
}
