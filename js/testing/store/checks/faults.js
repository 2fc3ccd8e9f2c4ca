import { FAULTS } from '../chaos.js'
import { claim, claimSame, isSame, pause } from '../claims.js'
import { MISS } from '../case.js'
import { resultOf, wrapped } from './calls.js'

/**
 * A backend that goes wrong. Where the subject lets nobody reach its backend, the store as a whole goes wrong, and `mime` has to cope.
 */

/** Longer than the longest delay of chaos. */
const LATER = 60
/** How long callers wait for a store here. */
const STORE_TIMEOUT = '30ms'

const names = ['error', 'corrupt', 'drop', 'unavailable', 'refused']

/** @param {import('../case.js').Store} store @returns {() => number} how much it said so far, by events or counters */
function listening(store) {
  let heard = 0
  for (const name of names) store.on(/** @type {any} */ (name), () => heard++)
  const counted = () => {
    const stats = store.stats()
    return ['errors', 'corrupt', 'dropped'].reduce((sum, name) => sum + (stats[name] ?? 0), 0)
  }
  const before = counted()
  return () => heard + counted() - before
}

/** Only what the subject says of itself. @param {import('../case.js').Case} t */
const isBlackBox = t => !t.reachesBackend

/** @type {import('../case.js').Check[]} */
export const faults = [
  ...FAULTS.map(fault => ({
    name: `faults: with a backend that does ${fault}, calls have right results`,
    async run(/** @type {import('../case.js').Case} */ t) {
      const store = await t.open()
      const target = isBlackBox(t) ? t.wrap(store) : store
      const first = wrapped(t, target, { storeTimeout: STORE_TIMEOUT })
      for (const n of [0, 1, 2, 3]) claimSame(await t.end(first.call(n), 'a call'), resultOf(n), 'before anything went wrong') // biome-ignore format: one line
      await t.end(first.f.flush(), 'flush()')
      const says = listening(store)
      t.fault = () => fault
      for (let round = 0; round < 3; round++) {
        const { f } = wrapped(t, target, { storeTimeout: STORE_TIMEOUT })
        const all = [0, 1, 2, 3, 4, 5].map(n => f(n))
        for (const [n, result] of (await t.end(Promise.all(all), 'calls')).entries()) claimSame(result, resultOf(n), `a call, round ${round}`) // biome-ignore format: one line
        f.invalidate(round)
        if (round === 1) f.clear()
        claimSame(await t.end(f(round), 'a call'), resultOf(round), 'a call after invalidate()')
        if (!isBlackBox(t)) await t.end(f.flush(), 'flush() of the function')
      }
      // Late is not wrong, and what is garbage to one method is no matter to another.
      if (fault !== 'late' && !isBlackBox(t))
        claim(says() > 0, `it says nothing of a backend that does ${fault}`)
      t.fault = undefined
      await pause(LATER)
      const last = wrapped(t, store)
      for (const n of [0, 1, 2, 3, 4, 5]) claimSame(await t.end(last.call(n), 'a call'), resultOf(n), 'when all is well again') // biome-ignore format: one line
    },
  })),
  {
    name: 'faults: at random, calls have right results',
    async run(t) {
      const store = await t.open()
      const target = isBlackBox(t) ? t.wrap(store) : store
      t.fault = () => (t.random() < 0.5 ? FAULTS[Math.floor(t.random() * FAULTS.length)] : undefined)
      for (let round = 0; round < 8; round++) {
        const { f } = wrapped(t, target, { storeTimeout: STORE_TIMEOUT })
        const all = Array.from({ length: 8 }, (_, n) => f(n))
        for (const [n, result] of (await t.end(Promise.all(all), 'calls')).entries()) claimSame(result, resultOf(n), `a call, round ${round}`) // biome-ignore format: one line
        f.invalidate(round)
        if (round % 3 === 2) f.clear()
      }
    },
  },
  ...FAULTS.filter(fault => fault !== 'late').map(fault => ({
    name: `faults: a store whose backend does ${fault} throws, rejects and hangs nowhere`,
    async run(/** @type {import('../case.js').Case} */ t) {
      const store = await t.open()
      if (isBlackBox(t)) return
      t.put(store, t.key(1), 'v')
      await t.end(store.flush(), 'flush()')
      t.fault = () => fault
      const found = await t.read(store, t.key(1))
      claim(found === MISS || isSame(found, 'v'), `get() gave ${String(found)}`)
      t.put(store, t.key(2), 'v')
      store.delete(t.key(3))
      store.clear('g\0v1')
      store.invalidateTags?.('h\0v1', () => true)
      await t.end(store.flush(), 'flush()')
      const other = await t.read(store, t.key(2))
      claim(other === MISS || isSame(other, 'v'), `get() of what could not be written gave ${String(other)}`)
      await t.end(store.close(), 'close()')
    },
  })),
  ...FAULTS.map(fault => ({
    name: `faults: what is deleted or replaced while the backend does ${fault} does not come back`,
    async run(/** @type {import('../case.js').Case} */ t) {
      const store = await t.open()
      if (isBlackBox(t)) return
      for (const n of [1, 2, 4]) t.put(store, t.key(n), 'old')
      t.put(store, t.key(3, 'g\0v1'), 'old')
      await t.end(store.flush(), 'flush()')
      t.fault = () => fault
      store.delete(t.key(1))
      t.put(store, t.key(4), 'new')
      store.clear('g\0v1')
      const claimGone = async (/** @type {string} */ when) => {
        // Four of each: some are answered sooner than others.
        const read = (/** @type {import('../case.js').StoreKey} */ key) => Promise.all([0, 1, 2, 3].map(() => t.read(store, key))) // biome-ignore format: one line
        const [deleted, cleared] = await Promise.all([read(t.key(1)), read(t.key(3, 'g\0v1'))])
        claimSame(deleted, [MISS, MISS, MISS, MISS], `what was deleted, ${when}`)
        claimSame(cleared, [MISS, MISS, MISS, MISS], `what was cleared, ${when}`)
        const replaced = await t.read(store, t.key(4))
        claim(replaced === MISS || replaced === 'new', `what was replaced gave ${String(replaced)}, ${when}`)
      }
      await claimGone('at once')
      await t.end(store.flush(), 'flush()')
      await claimGone('after a flush() that failed')
      t.fault = undefined
      await pause(LATER)
      await t.end(store.flush(), 'flush()')
      await claimGone('when all is well again')
      claimSame(await t.read(store, t.key(2)), 'old', 'what was not deleted')
    },
  })),
  {
    name: 'faults: answers that come late change no order',
    async run(t) {
      const store = await t.open()
      if (isBlackBox(t)) return
      t.fault = () => 'late'
      for (let i = 0; i < 12; i++) {
        t.put(store, t.key(1), i)
        if (i % 3 === 0) store.delete(t.key(1))
        await pause(i % 4)
      }
      t.put(store, t.key(1), 'last')
      for (let n = 2; n < 6; n++) for (const value of ['first', 'last']) t.put(store, t.key(n), value)
      await t.end(store.flush(), 'flush()')
      await pause(LATER)
      for (let n = 1; n < 6; n++) claimSame(await t.read(store, t.key(n)), 'last', 'after all of them')
    },
  },
  {
    name: 'faults: it works again when its backend does',
    async run(t) {
      const store = await t.open()
      if (isBlackBox(t)) return
      t.fault = () => 'throw'
      t.put(store, t.key(1), 'lost or not')
      await t.read(store, t.key(1))
      await t.end(store.flush(), 'flush()')
      t.fault = undefined
      await t.end(store.flush(), 'flush()')
      t.put(store, t.key(2), 'new')
      await t.end(store.flush(), 'flush()')
      claimSame(await t.read(store, t.key(2)), 'new', 'set after it was mended')
      const again = wrapped(t, store)
      await again.call(1)
      await t.end(again.f.flush(), 'flush()')
      const last = wrapped(t, store)
      claimSame(await last.call(1), resultOf(1), 'a call')
      claimSame(last.calls, [], 'called though it was stored')
    },
  },
]
