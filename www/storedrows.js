import { printable } from '../js/cli/printable.js'
import { make, put } from './dom.js'
import { bytesText, coarse, count } from './show.js'

/**
 * The rows of what is stored. Names, arguments and tags are anybody's: they are written as text, with what has no shape made visible.
 *
 * @typedef {import('./inventory.js').Item} Item
 * @typedef {import('./inventory.js').Group} Group
 */

/** How long a text of the page is at most; the whole of it is never shown. */
const MOST = 300

const MOST_TAGS = 8

let ids = 0

/** The call as it was made. @param {Item} item */
export function callText({ name, description }) {
  return short(`${name}${description || '(…)'}`)
}

/**
 * @param {Group} group
 * @param {HTMLElement} entries what it opens into, of which there is one for all functions
 * @param {() => boolean} isOpen
 * @param {{ toggle: () => void, forget: () => void }} on
 * @returns {import('./table.js').Row<Group>}
 */
export function functionRow(group, entries, isOpen, on) {
  const name = short(group.name) || '(no name)'
  const version = short(group.version)
  const id = `entries-of-${ids++}`
  const toggle = make(
    'button',
    { type: 'button', class: 'toggle', 'aria-controls': id },
    make('code', {}, name),
    make('small', { title: 'version' }, version),
  )
  const [many, size, oldest, newest] = [cell('entries'), cell('size'), cell('oldest'), cell('newest')]
  const forget = make('button', { type: 'button', class: 'forget', 'aria-label': `forget everything of ${name}` }, 'Forget') // biome-ignore format: one line
  toggle.addEventListener('click', on.toggle)
  forget.addEventListener('click', on.forget)
  const within = make('td', { role: 'cell', colSpan: 6 })
  const inner = make('tr', { role: 'row', class: 'inner', id }, within)
  const element = make(
    'tbody',
    { role: 'rowgroup' },
    make(
      'tr',
      { role: 'row', class: 'outer' },
      make('th', { role: 'rowheader', scope: 'row', class: 'named' }, toggle),
      many,
      size,
      oldest,
      newest,
      make('td', { role: 'cell', class: 'last' }, forget),
    ),
    inner,
  )

  /** @param {Group} now */
  function update({ items, bytes, oldest: from, newest: to }) {
    put(many, count(items.length))
    put(size, bytesText(bytes))
    put(oldest, `${coarse(Date.now() - from)} ago`)
    put(newest, `${coarse(Date.now() - to)} ago`)
    toggle.setAttribute('aria-expanded', String(isOpen()))
    inner.hidden = !isOpen()
    if (isOpen() && entries.parentElement !== within) within.append(entries)
  }
  return { element, update }
}

/** @param {Item} item @param {() => void} forget @returns {import('./table.js').Row<Item>} */
export function entryRow(item, forget) {
  const tags = make('span')
  const [size, age] = [cell('size'), cell('age')]
  const [left, bar] = [make('span'), make('span', { class: 'fill' })]
  const button = make(
    'button',
    { type: 'button', class: 'drop forget', 'aria-label': `forget ${callText(item)}` },
    '×',
  )
  button.addEventListener('click', forget)
  const element = make(
    'tr',
    { role: 'row', class: 'kept' },
    make('td', { role: 'cell', class: 'called' }, make('code', {}, short(item.description) || '(a key that cannot be read)'), tags), // biome-ignore format: one line
    size,
    age,
    make('td', { role: 'cell', class: 'left-cell', 'data-label': 'left' }, left, make('span', { class: 'life', 'aria-hidden': 'true' }, bar)), // biome-ignore format: one line
    make('td', { role: 'cell', class: 'last' }, button),
  )

  /** @param {Item} now */
  function update({ size: bytes, storedAt, deadline, tags: names }) {
    const now = Date.now()
    const kinds = names.slice(0, MOST_TAGS).map(short)
    if (names.length > MOST_TAGS) kinds.push(`${names.length - MOST_TAGS} more`)
    if (kinds.join() !== [...tags.children].map(({ textContent }) => textContent).join())
      tags.replaceChildren(...kinds.map(text => make('span', { class: 'kind' }, text)))
    put(size, bytesText(bytes))
    put(age, coarse(now - storedAt))
    put(left, deadline === Infinity ? 'for good' : coarse(deadline - now, Math.ceil))
    const share = deadline === Infinity ? 1 : (deadline - now) / (deadline - storedAt)
    bar.style.width = `${Math.max(0, Math.min(100, 100 * share)).toFixed(1)}%`
    element.classList.toggle('late', share < 0.2)
  }
  return { element, update }
}

/** @param {string} label for a phone, where it does not stand under its head */
function cell(label) {
  return make('td', { role: 'cell', class: 'number', 'data-label': label })
}

/** @param {string} text */
function short(text) {
  const shown = printable(text.slice(0, MOST))
  return text.length > MOST ? `${shown}…` : shown
}
