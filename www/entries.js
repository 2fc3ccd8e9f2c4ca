import { byId, make, svg } from './dom.js'
import { duration } from './show.js'

/**
 * What is remembered, each with a ring that empties as its time runs out.
 * @typedef {import('./lab.js').Entry} Entry
 */

/** Its circumference is 100. */
const RADIUS = 100 / (2 * Math.PI)

/** @type {Map<string, { entry: Entry, row: HTMLElement, update: () => void }>} */
const rows = new Map()

/**
 * @param {Iterable<Entry>} entries
 * @param {{ call: (entry: Entry) => void, invalidate: (entry: Entry) => void }} on
 */
export function showEntries(entries, on) {
  const list = byId('entries')
  const wanted = [...entries].reverse()
  for (const [id, { row, entry }] of rows) {
    if (wanted.includes(entry)) continue
    row.remove()
    rows.delete(id)
  }
  wanted.forEach((entry, i) => {
    const known = rows.get(entry.id) ?? makeRow(entry, on)
    rows.set(entry.id, known)
    if (list.children[i] !== known.row) list.insertBefore(known.row, list.children[i] ?? null)
    known.update()
  })
  byId('no-entries').hidden = wanted.length > 0
}

/** The time went on. */
export function tickEntries() {
  for (const { update } of rows.values()) update()
}

/** Whether a result is older than this page: it came out of IndexedDB. @param {Entry} entry */
export function survived({ life }) {
  return life !== undefined && life.storedAt < performance.timeOrigin
}

/** @param {Entry} entry @param {{ call: (entry: Entry) => void, invalidate: (entry: Entry) => void }} on */
function makeRow(entry, on) {
  const circle = { cx: 20, cy: 20, r: RADIUS, fill: 'none', 'stroke-width': 5 }
  const arc = svg('circle', { ...circle, class: 'arc', transform: 'rotate(-90 20 20)' })
  const ring = svg(
    'svg',
    { viewBox: '0 0 40 40', class: 'ring', 'aria-hidden': 'true' },
    svg('circle', { ...circle, class: 'track' }),
    arc,
  )
  const left = make('span', { class: 'left' })
  const badge = make('span', { class: 'badge survived' }, '↻ survived the reload')
  const hits = make('span', { class: 'hits' })
  const shown = entry.text || '(no arguments)'
  const call = make(
    'button',
    { type: 'button', class: 'plain', title: 'call it with these' },
    make('code', {}, shown),
  )
  const drop = make(
    'button',
    { type: 'button', class: 'drop', title: 'invalidate', 'aria-label': `invalidate ${shown}` },
    '×',
  )
  call.addEventListener('click', () => on.call(entry))
  drop.addEventListener('click', () => on.invalidate(entry))
  const row = make(
    'li',
    { class: 'entry' },
    ring,
    make('div', { class: 'what' }, call, make('p', {}, left, hits, badge)),
    drop,
  )

  function update() {
    const { life } = entry
    const remaining = life ? Math.min(life.deadline - Date.now(), life.ttl) : Infinity
    const share = remaining === Infinity ? 100 : Math.max(0, (100 * remaining) / (life?.ttl ?? 1))
    arc.setAttribute('stroke-dasharray', `${share} 200`)
    row.classList.toggle('late', share < 20)
    left.textContent = remaining === Infinity ? 'for good' : `${duration(Math.max(0, remaining))} left`
    hits.textContent = `${entry.hits} ${entry.hits === 1 ? 'hit' : 'hits'}`
    badge.hidden = !survived(entry)
  }
  return { entry, row, update }
}
