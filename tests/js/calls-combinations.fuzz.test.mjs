import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { manual, settled } from '../calls/wrapped.mjs'

/**
 * Random walks over combinations of options, callbacks that fail and listeners that change what they hear of. Whatever is combined: a caller
 * gets a value of his own key that is no older than an invalidation before his call, or the function's error, or his signal's reason; nothing
 * stays open; each call is counted once, and told of once.
 */

const RUNS = Number(process.env.COMBINATIONS ?? 600)
const boom = new Error('boom')
const throws = () => {
  throw boom
}

/** @param {number} seed @returns {() => number} from 0 to 1 */
function randomFrom(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What an option may be, and how often it is given. */
const OPTIONS = {
  ttl: [0.8, 1, 0, '2s', null, ({ key }) => key, throws],
  jitter: [0.1, 0.5, 1, '1s'],
  refreshAhead: [0.15, true, 5],
  staleWhileRevalidate: [0.25, 1, 5, Infinity],
  staleIfError: [0.25, 1, 5, 0],
  timeout: [0.25, 0, '1ms', '1h'],
  singleFlight: [0.3, false, true],
  maxEntries: [0.3, 0, 1, 2],
  maxBytes: [0.1, 0, 600],
  sizeOf: [0.1, () => 10, throws],
  tags: [0.25, ['t'], ([key]) => [`k${key}`, 't'], throws],
  key: [0.15, key => key, key => ({ key }), throws],
}

class Walk {
  open = []
  answers = []
  signals = []
  problems = new Set()
  told = { hit: 0, miss: 0, stale: 0, coalesced: 0 }
  calls = 0
  version = 0
  /** The last version before the key was invalidated. */
  least = { 1: 0, 2: 0, 3: 0 }

  constructor(seed) {
    this.random = randomFrom(seed)
    this.kind = this.pick(['async', 'sync', 'promises', 'mixed'])
    this.clock = manual()
    this.changes = this.happens(0.2)
    this.mime = createMime()
    const load = key => this.load(key)
    this.f = this.mime(
      this.kind === 'async' ? async (key, _signal) => load(key) : (key, _signal) => load(key),
      this.options(),
    )
  }

  pick = list => list[Math.floor(this.random() * list.length)]
  happens = share => this.random() < share

  options() {
    const options = { clock: this.clock, name: 'f', onEvent: event => this.heard(event) }
    for (const [name, [share, ...values]] of Object.entries(OPTIONS)) {
      if (this.happens(share)) options[name] = this.pick(values)
    }
    let copies = 0
    const clone = value => (++copies % 5 === 0 ? throws() : { ...value })
    if (this.happens(0.25)) Object.assign(options, this.pick([{ freeze: true }, { clone: true }, { clone }]))
    if (this.happens(0.15)) options.store = memoryStore()
    return options
  }

  heard({ type }) {
    if (type in this.told) this.told[type]++
    if (this.changes && this.happens(0.1))
      this.happens(0.5) ? this.f.invalidate(this.pick([1, 2, 3])) : this.f.clear()
    if (this.happens(0.05)) throw boom
  }

  load(key) {
    const value = { key, version: ++this.version }
    if (this.kind === 'sync' || (this.kind === 'mixed' && this.happens(0.5)))
      return this.happens(0.25) ? throws() : value
    if (this.happens(0.1)) return this.kind !== 'async' && this.happens(0.5) ? throws() : Promise.reject(boom)
    const promise = new Promise((resolve, reject) => {
      this.open.push(() => (this.happens(0.25) ? reject(boom) : resolve(value)))
    })
    return this.happens(0.1) ? { then: (...both) => promise.then(...both) } : promise
  }

  /** @param {() => unknown} ask @param {(value: any) => void} [check] */
  watch(ask, check) {
    let answer
    try {
      answer = ask()
    } catch (error) {
      return this.failed(error)
    }
    if (typeof answer?.then !== 'function') {
      if (this.kind === 'async') this.problems.add('no promise')
      return check?.(answer)
    }
    const entry = { isOpen: true }
    this.answers.push(entry)
    const end = () => {
      entry.isOpen = false
    }
    answer.then(value => check?.(value), error => this.failed(error)).then(end) // biome-ignore format: one line
  }

  failed(error) {
    if (error !== boom && error !== 'left') this.problems.add(`failed with ${error}`)
  }

  call(key) {
    const { f } = this
    this.calls++
    const least = this.changes ? 0 : this.least[key]
    let args = [key]
    if (this.happens(0.3)) {
      const own = new AbortController()
      if (this.happens(0.2)) own.abort('left')
      this.signals.push(own)
      args = [key, own.signal]
    }
    this.watch(() => f(...args), value => {
      if (value?.key !== key) this.problems.add(`a value of ${value?.key} for ${key}`)
      else if (value.version <= least) this.problems.add('an invalidated value')
    }) // biome-ignore format: the check after the call
  }

  async step() {
    const { f, mime } = this
    const key = this.pick([1, 2, 3])
    const steps = [
      [45, () => this.call(key)],
      [5, () => f.set([key], { key, version: ++this.version })],
      [5, () => f.invalidate(key) !== undefined && (this.least[key] = this.version)],
      [5, () => this.watch(() => f.refresh(key))],
      [2, () => { f.clear(); for (const each of [1, 2, 3]) this.least[each] = this.version }], // biome-ignore format: one line
      [3, () => mime.invalidateTags('t')],
      [3, () => f.invalidateIf(([first]) => (first?.key ?? first) === key)],
      [5, () => (this.clock.time += this.pick([100, 500, 1000, 3000]))],
      [5, () => this.signals.shift()?.abort('left')],
      [12, () => this.open.splice(Math.floor(this.random() * this.open.length), 1)[0]?.()],
      [5, () => settled(1)],
      [5, () => [f.has(key), f.peek(key), f.stats()]],
    ]
    let draw = this.random() * 100
    await steps.find(([share]) => (draw -= share) < 0)?.[1]()
  }

  async end() {
    for (
      let turn = 0;
      turn < 100 && (this.open.length > 0 || turn < 6 || this.answers.some(({ isOpen }) => isOpen));
      turn++
    ) {
      for (const end of this.open.splice(0)) end()
      await settled(1)
    }
  }

  check() {
    const { hits, misses, stale, coalesced, pending, loads, errors, removals } = this.f.stats()
    assert.deepEqual([...this.problems], [])
    assert.ok(this.answers.every(({ isOpen }) => !isOpen), 'a call is open') // biome-ignore format: one line
    assert.equal(pending, 0, 'pending')
    assert.deepEqual({ hit: hits, miss: misses, stale, coalesced }, this.told)
    assert.equal(hits + misses + stale + coalesced, this.calls, 'calls')
    assert.ok(errors <= loads && Object.values(removals).every(count => count >= 0), 'counters')
  }
}

test(`${RUNS} combinations`, async t => {
  t.mock.method(console, 'warn', () => {})
  for (let seed = 1; seed <= RUNS; seed++) {
    const walk = new Walk(seed)
    try {
      for (let i = 0; i < 30; i++) await walk.step()
      await walk.end()
      walk.check()
    } catch (error) {
      throw new Error(`seed ${seed}: ${error.message}`, { cause: error })
    }
  }
})
