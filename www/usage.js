/**
 * What the store took over the last minutes, a sample a second. Kept over a reload, since reloading is what one does here.
 *
 * @typedef {{ at: number, bytes: number, entries: number, budget: number }} Sample at an epoch millisecond
 */

/** Milliseconds that are remembered, and that are shown at least. */
const MOST = 300_000
const LEAST = 60_000
const KEY = 'my-mimic page/usage'

export class Usage {
  /** Oldest first. @type {Sample[]} */
  samples = load()

  /** @param {Record<string, number>} stats of the store */
  add({ bytes, entries, maxBytes }) {
    const at = Date.now()
    // A clock that went back makes what it said nonsense.
    const isGood = (/** @type {Sample} */ sample) => sample.at > at - MOST && sample.at < at
    this.samples = [...this.samples.filter(isGood), { at, bytes, entries, budget: maxBytes }]
  }

  save() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.samples))
    } catch {
      // Then it begins anew after a reload.
    }
  }

  /** Milliseconds to show. @param {number} now */
  span(now) {
    return Math.min(MOST, Math.max(LEAST, now - (this.samples[0]?.at ?? now)))
  }

  /** The number of the sample next to a time. @param {number} at */
  nearest(at) {
    let best = 0
    for (const [i, sample] of this.samples.entries())
      if (Math.abs(sample.at - at) < Math.abs(this.samples[best].at - at)) best = i
    return best
  }
}

/** @returns {Sample[]} */
function load() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? '[]')
    const isSample = (/** @type {any} */ sample) =>
      [sample.at, sample.bytes, sample.entries, sample.budget].every(Number.isFinite)
    return kept.filter(isSample)
  } catch {
    return []
  }
}

/** The next round number from there on: 1, 2 or 5 and zeros. @param {number} n */
export function roundUp(n) {
  const power = 10 ** Math.floor(Math.log10(n))
  return ([1, 2, 5].find(step => step * power >= n) ?? 10) * power
}
