import { make, put } from './dom.js'
import { count } from './show.js'

/**
 * A table that sorts by any of its columns and has no more rows in the page than one sheet of it: a thousand entries are forty sheets.
 * Rows are kept by their ids, so that one that has the focus keeps it when others come and go.
 *
 * @template T
 * @typedef {object} Column
 * @property {string} name
 * @property {(item: T) => string | number} [by] what it sorts by
 * @property {boolean} [isDescending] at first
 */

/**
 * @template {{ id: string }} T
 * @typedef {{ element: HTMLElement, update: (item: T) => void }} Row
 */

/** @template {{ id: string }} T */
export class Table {
  /** @type {Map<string, Row<T>>} */
  #rows = new Map()
  /** What is shown, in order. @type {T[]} */
  shown = []
  sheet = 0

  /**
   * @param {object} given
   * @param {string} given.label
   * @param {Column<T>[]} given.columns
   * @param {number} given.sortBy number of a column
   * @param {number} given.perSheet
   * @param {(item: T) => Row<T>} given.makeRow
   * @param {boolean} [given.isGrouped] a row is a `tbody`, not a `tr`: there may be more rows to it
   * @param {() => void} given.changed another order or sheet is wanted
   */
  constructor({ label, columns, sortBy, perSheet, makeRow, isGrouped = false, changed }) {
    this.columns = columns
    this.perSheet = perSheet
    this.makeRow = makeRow
    this.changed = changed
    this.sortBy = sortBy
    this.isDescending = columns[sortBy].isDescending ?? false
    this.heads = columns.map((column, i) => this.#head(column, i))
    this.top = make('thead', { role: 'rowgroup' }, make('tr', { role: 'row' }, ...this.heads))
    // Laid out as a grid on a phone, it would not be a table any more; the roles say that it is.
    this.table = make('table', { role: 'table', 'aria-label': label }, this.top)
    this.body = isGrouped ? this.table : make('tbody', { role: 'rowgroup' })
    if (!isGrouped) this.table.append(this.body)
    this.backward = [this.#turn('«', 'first sheet', () => 0), this.#turn('‹', 'sheet before', at => at - 1)]
    this.forward = [
      this.#turn('›', 'next sheet', at => at + 1),
      this.#turn('»', 'last sheet', () => Infinity),
    ]
    this.where = make('span', { class: 'quiet' })
    this.pager = make('div', { class: 'pager', role: 'group' }, ...this.backward, this.where, ...this.forward)
    this.element = make('div', { class: 'sheet' }, this.pager, this.table)
  }

  /** @param {T[]} items all of them */
  show(items) {
    const ordered = sorted(items, this.columns[this.sortBy].by, this.isDescending)
    const sheets = Math.max(1, Math.ceil(ordered.length / this.perSheet))
    this.sheet = Math.min(this.sheet, sheets - 1)
    const from = this.sheet * this.perSheet
    this.shown = ordered.slice(from, from + this.perSheet)
    this.pager.hidden = sheets === 1
    // A button that is disabled loses the focus.
    for (const button of this.backward) button.setAttribute('aria-disabled', String(this.sheet === 0))
    for (const button of this.forward) button.setAttribute('aria-disabled', String(this.sheet === sheets - 1))
    put(this.where, `${count(from + 1)} to ${count(from + this.shown.length)} of ${count(ordered.length)}`)
    this.#place()
    this.heads.forEach((head, i) => {
      const isSorted = i === this.sortBy
      if (this.columns[i].by) {
        head.setAttribute('aria-sort', isSorted ? (this.isDescending ? 'descending' : 'ascending') : 'none')
      }
    })
  }

  #place() {
    const focused = document.activeElement
    const at = this.#elements().findIndex(element => element.contains(focused))
    const wanted = new Set(this.shown.map(({ id }) => id))
    for (const [id, { element }] of this.#rows) {
      if (wanted.has(id)) continue
      element.remove()
      this.#rows.delete(id)
    }
    let next = this.#elements()[0] ?? null
    for (const item of this.shown) {
      const row = this.#rows.get(item.id) ?? this.makeRow(item)
      this.#rows.set(item.id, row)
      row.update(item)
      if (row.element === next) next = next.nextElementSibling
      else this.body.insertBefore(row.element, next)
    }
    if (focused === document.activeElement || !(focused instanceof HTMLElement)) return
    // What is moved loses the focus; of what is gone it goes to what took its place.
    const heir = this.shown[Math.min(at, this.shown.length - 1)]
    const target = focused.isConnected
      ? focused
      : heir && this.#rows.get(heir.id)?.element.querySelector('.forget')
    target?.focus({ preventScroll: true })
  }

  /** Of the rows, in their order. @returns {Element[]} */
  #elements() {
    return [...this.body.children].filter(element => element !== this.top)
  }

  /** @param {Column<T>} column @param {number} i */
  #head({ name, by, isDescending = false }, i) {
    const head = make('th', { role: 'columnheader', scope: 'col' })
    if (by === undefined) {
      head.append(make('span', { class: 'unseen' }, name))
      return head
    }
    const button = make('button', { type: 'button', class: 'sort' }, name)
    button.addEventListener('click', () => {
      this.isDescending = this.sortBy === i ? !this.isDescending : isDescending
      this.sortBy = i
      this.sheet = 0
      this.changed()
    })
    head.append(button)
    return head
  }

  /** @param {string} sign @param {string} label @param {(sheet: number) => number} to too far is the last one */
  #turn(sign, label, to) {
    const button = make('button', { type: 'button', 'aria-label': label }, sign)
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') === 'true') return
      this.sheet = to(this.sheet)
      this.changed()
    })
    return button
  }
}

/**
 * @template T
 * @param {T[]} list
 * @param {(item: T) => string | number} by
 * @param {boolean} isDescending
 * @returns {T[]} what is equal stays in its order
 */
function sorted(list, by, isDescending) {
  const sign = isDescending ? -1 : 1
  return [...list].sort((a, b) => {
    const [x, y] = [by(a), by(b)]
    return x === y ? 0 : x < y ? -sign : sign
  })
}
