import { byId, make } from './dom.js'
import { duration } from './show.js'

/** The latest calls, each with its latency as a bar on a logarithmic scale. */

const MOST = 12
const LABELS = { ran: 'ran', joined: 'joined', stored: 'IndexedDB', memory: 'memory' }
/** Decades from 1 µs on the left to 10 s on the right. */
const DECADES = 7

/** The newest line, which a caller of the same moment joins. */
let newest = { key: '', start: 0, count: 0, label: make('span') }

/** @param {import('./lab.js').Call} call which is over */
export function showCall({ text, outcome, start, end = start, error }) {
  const ms = end - start
  const key = `${outcome} ${text}`
  if (newest.key === key && start - newest.start < 20 && newest.label.isConnected) {
    newest.label.textContent = `${LABELS[outcome]} ×${++newest.count}`
    return
  }
  const label = make('span', { class: `badge ${outcome}` }, LABELS[outcome])
  newest = { key, start, count: 1, label }
  const share = Math.min(1, Math.max(0.02, (Math.log10(Math.max(ms, 0.001)) + 3) / DECADES))
  const bar = make('span', { class: 'bar' })
  bar.style.width = `${100 * share}%`
  const line = make(
    'li',
    { class: `one ${outcome}` },
    label,
    make('code', {}, text || '()'),
    make('span', { class: 'ms' }, error === undefined ? duration(ms) : `failed, ${duration(ms)}`),
    make('span', { class: 'track' }, bar),
  )
  const list = byId('calls')
  list.prepend(line)
  while (list.children.length > MOST) list.lastElementChild.remove()
}
