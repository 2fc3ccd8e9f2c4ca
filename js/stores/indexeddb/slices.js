import { stopwatch } from '../../clock.js'
import { turn } from '../../turn.js'

/**
 * Long work in slices, so that the main thread is held no longer than 8 ms: after half of that no further step begins, and a step is far shorter than
 * the other half.
 *
 * @typedef {object} Host
 * @property {() => number} stopwatch milliseconds
 * @property {() => Promise<void>} turn the next task has begun
 */

export const SLICE_MS = 4

/** @type {Host} */
const HOST = { stopwatch, turn }

/**
 * In later tasks: what this one has done already counts.
 * @param {() => boolean} step does a little, and says whether there is more
 * @param {Host} [host]
 */
export async function inSlices(step, host = HOST) {
  for (;;) {
    await host.turn()
    const began = host.stopwatch()
    do if (!step()) return
    while (host.stopwatch() - began < SLICE_MS)
  }
}
