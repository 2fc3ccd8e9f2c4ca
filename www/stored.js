import { printable } from '../js/cli/printable.js'
import { Chart } from './chart.js'
import { byId, put } from './dom.js'
import { Gauges } from './gauges.js'
import { Inventory } from './inventory.js'
import { count } from './show.js'
import { callText, entryRow, functionRow } from './storedrows.js'
import { Table } from './table.js'
import { Usage } from './usage.js'

/**
 * What is in the database: the functions, each opening into its entries; what it took over the last minutes; and a way to delete any of it.
 *
 * @typedef {import('./inventory.js').Store} Store
 * @typedef {import('./inventory.js').Item} Item
 * @typedef {import('./inventory.js').Group} Group
 */

/** What the store says when something has changed. */
const EVENTS = /** @type {const} */ (['flush', 'evict', 'compact', 'corrupt', 'forgotten'])
const FUNCTIONS_PER_SHEET = 12
const ENTRIES_PER_SHEET = 15

export class Stored {
  /** The function whose entries are shown. @type {string | undefined} */
  #open
  #isOnScreen = false
  #hasListed = false

  /** @param {Store} store */
  constructor(store) {
    this.store = store
    this.inventory = new Inventory(store)
    this.usage = new Usage()
    this.chart = new Chart(byId('usage'), this.usage)
    this.gauges = new Gauges(byId('gauges'), store)
    const changed = () => this.#render()
    this.functions = new Table({
      label: 'Functions',
      columns: [
        { name: 'function', by: (/** @type {Group} */ { name }) => name },
        { name: 'entries', by: ({ items }) => items.length, isDescending: true },
        { name: 'size', by: ({ bytes }) => bytes, isDescending: true },
        { name: 'oldest', by: ({ oldest }) => oldest },
        { name: 'newest', by: ({ newest }) => newest, isDescending: true },
        { name: 'forget' },
      ],
      sortBy: 4,
      perSheet: FUNCTIONS_PER_SHEET,
      makeRow: group => {
        const on = {
          toggle: () => this.#toggle(group),
          forget: () => this.#forget(group, `everything of ${printable(group.name)}`),
        }
        return functionRow(group, this.entries.element, () => this.#open === group.id, on)
      },
      isGrouped: true,
      changed,
    })
    this.entries = new Table({
      label: 'Entries',
      columns: [
        { name: 'arguments', by: (/** @type {Item} */ { description }) => description },
        { name: 'size', by: ({ size }) => size, isDescending: true },
        { name: 'age', by: ({ storedAt }) => -storedAt },
        { name: 'time left', by: ({ deadline }) => deadline },
        { name: 'forget' },
      ],
      sortBy: 2,
      perSheet: ENTRIES_PER_SHEET,
      makeRow: item => entryRow(item, () => this.#forget(item, callText(item))),
      changed,
    })
    byId('functions-stored').append(this.functions.element)
    this.#listen()
  }

  get #isWatched() {
    return this.#isOnScreen && !document.hidden
  }

  #listen() {
    for (const event of EVENTS) this.store.on(event, () => this.#isWatched && this.#look())
    new IntersectionObserver(changes => {
      this.#isOnScreen = changes[changes.length - 1].isIntersecting
      this.#draw()
    }).observe(byId('stored'))
    document.addEventListener('visibilitychange', () => this.#draw())
    addEventListener('pagehide', () => this.usage.save())
    setInterval(() => this.#draw(), 1000)
    byId('find').addEventListener('input', () => {
      this.functions.sheet = this.entries.sheet = 0
      this.#render()
    })
    byId('forget-all').addEventListener('click', () => this.#ask(true))
    byId('forget-none').addEventListener('click', () => this.#ask(false))
    byId('forget-really').addEventListener('click', () => {
      this.#ask(false)
      this.#forget({}, 'everything')
      byId('stored-title').focus()
    })
    byId('forget-question').addEventListener('keydown', (/** @type {KeyboardEvent} */ { key }) => {
      if (key === 'Escape') this.#ask(false)
    })
  }

  /** Whether everything may go. @param {boolean} isAsked */
  #ask(isAsked) {
    byId('forget-question').classList.toggle('away', !isAsked)
    byId('forget-all').classList.toggle('away', isAsked)
    byId(isAsked ? 'forget-none' : 'forget-all').focus()
  }

  /** Once a second; what nobody sees is only measured. */
  #draw() {
    this.usage.add(this.store.stats())
    if (!this.#isWatched) return
    this.chart.draw()
    this.gauges.draw()
    this.#render()
    this.#look()
  }

  async #look() {
    if (!this.inventory.isDue) return
    await this.inventory.list()
    this.#hasListed = true
    this.#render()
  }

  #render() {
    const query = byId('find').value.trim()
    const groups = this.inventory.groups(query)
    const [all, found] = [this.inventory.count, groups.reduce((sum, { items }) => sum + items.length, 0)]
    const host = byId('functions-stored')
    const hasFocus = host.contains(document.activeElement)
    this.functions.show(groups)
    const open = groups.find(({ id }) => id === this.#open)
    if (open) {
      this.entries.table.setAttribute('aria-label', `Entries of ${printable(open.name)}`)
      this.entries.show(open.items)
    }
    host.hidden = groups.length === 0
    if (host.hidden && hasFocus) byId('stored-title').focus()
    byId('no-stored').hidden = groups.length > 0 || !this.#hasListed
    put(
      byId('no-stored'),
      all > 0 ? 'Nothing of it matches.' : 'Nothing. Call a function, and its result is listed here.',
    )
    put(byId('found'), query ? `${count(found)} of ${count(all)} match` : `${count(all)} in all`)
    put(byId('forget-asked'), `Forget all ${count(all)}?`)
    byId('forget-all').disabled = all === 0
  }

  /** @param {{ namespace?: string, digest?: string }} which @param {string} words */
  #forget(which, words) {
    this.inventory.forget(which)
    this.store.flush()
    put(byId('said'), `Forgot ${words}.`)
    this.#render()
  }

  /** @param {Group} group */
  #toggle({ id }) {
    this.#open = this.#open === id ? undefined : id
    this.entries.sheet = 0
    this.#render()
  }
}
