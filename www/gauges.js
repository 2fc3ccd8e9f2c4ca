import { make, put } from './dom.js'
import { bytesText, share } from './show.js'

/**
 * How full the store's budget is, and what the browser gives the whole origin.
 * @typedef {import('./inventory.js').Store} Store
 */

/** Milliseconds for which an estimate is good enough. */
const GOOD_FOR = 5000

export class Gauges {
  #askedAt = -Infinity

  /** @param {HTMLElement} host @param {Store} store */
  constructor(host, store) {
    this.store = store
    this.budget = makeGauge('Of its budget', true)
    this.quota = makeGauge('Of the browser’s quota')
    host.append(this.budget.element, this.quota.element)
  }

  draw() {
    const { bytes, liveBytes, maxBytes } = this.store.stats()
    const dead = bytes - liveBytes
    const waste = dead > 0 ? `, ${bytesText(dead)} of it to be reclaimed` : ''
    this.budget.show(bytes, maxBytes, `${bytesText(bytes)} of ${bytesText(maxBytes)}${waste}`, dead)
    if (performance.now() - this.#askedAt > GOOD_FOR) this.#estimate()
  }

  async #estimate() {
    this.#askedAt = performance.now()
    try {
      const { usage = 0, quota = 0 } = await navigator.storage.estimate()
      this.quota.show(usage, quota, `${bytesText(usage)} of ${bytesText(quota)} that this origin may have`)
    } catch {
      this.quota.show(0, 0, 'this browser does not tell')
    }
  }
}

/** @param {string} title @param {boolean} [hasRest] a part of it is of another kind */
function makeGauge(title, hasRest = false) {
  const [fill, rest] = [make('span', { class: 'fill' }), make('span', { class: 'fill rest' })]
  const text = make('span', { class: 'quiet' }, ' ')
  const meter = make('div', { class: 'meter', role: 'meter', 'aria-label': title, 'aria-valuemin': 0 }, fill)
  if (hasRest) meter.append(rest)
  const element = make('div', { class: 'gauge' }, make('b', {}, title), text, meter)

  /** @param {number} used @param {number} of @param {string} words @param {number} [other] what of it is of another kind */
  function show(used, of, words, other = 0) {
    put(text, of > 0 ? `${words} (${share(used / of)})` : words)
    meter.setAttribute('aria-valuemax', String(of))
    meter.setAttribute('aria-valuenow', String(Math.min(used, of)))
    meter.setAttribute('aria-valuetext', text.textContent)
    fill.style.width = widthOf(used - other, of)
    rest.style.width = widthOf(other, of)
  }
  return { element, show }
}

/** Something is never nothing. @param {number} part @param {number} whole */
function widthOf(part, whole) {
  return part > 0 && whole > 0 ? `max(3px, ${Math.min(100, (100 * part) / whole)}%)` : '0'
}
