import { claim, claimSame, isSame } from '../claims.js'
import { MISS } from '../case.js'

const KEYS = 24
const SPACES = ['f\0v1', 'g\0v1']
const STEPS = 600

/**
 * A store and what has to be in it: by key what was set last.
 * @param {import('../case.js').Case} t
 * @param {import('../case.js').Store} store
 * @param {Map<string, unknown>} model
 * @param {(key: import('../case.js').StoreKey) => void} [look] at some moment
 */
async function mix(t, store, model, look = () => {}) {
  const pick = (/** @type {number} */ n) => Math.floor(t.random() * n)
  for (let step = 0; step < STEPS; step++) {
    const space = SPACES[pick(SPACES.length)]
    const n = pick(KEYS)
    const dice = t.random()
    if (dice < 0.45) {
      t.put(store, t.key(n, space), { step })
      model.set(nameOf(n, space), { step })
    } else if (dice < 0.6) {
      store.delete(t.key(n, space))
      model.delete(nameOf(n, space))
    } else if (dice < 0.62) {
      store.clear(space)
      for (let i = 0; i < KEYS; i++) model.delete(nameOf(i, space))
    } else if (dice < 0.95) look(t.key(n, space))
    else if (dice < 0.97) void store.flush()
    else await undefined
  }
}

/** @param {number} n @param {string} space */
const nameOf = (n, space) => `${n} ${space}`

/** @param {import('../case.js').Case} t @param {import('../case.js').Store} store @param {Map<string, unknown>} model @param {string} when */
async function claimModel(t, store, model, when) {
  for (const space of SPACES) {
    for (let n = 0; n < KEYS; n++) {
      const name = nameOf(n, space)
      const expected = model.has(name) ? model.get(name) : MISS
      claimSame(
        await t.read(store, t.key(n, space)),
        expected,
        `key ${n} of ${JSON.stringify(space)} ${when}`,
      )
    }
  }
}

/** Many at once. @type {import('../case.js').Check[]} */
export const races = [
  {
    name: 'sets, deletes and clears as they come: the last one counts',
    async run(t) {
      const store = await t.open()
      const model = new Map()
      await mix(t, store, model)
      await claimModel(t, store, model, 'at once')
      await t.end(store.flush(), 'flush()')
      await claimModel(t, store, model, 'after flush()')
      if (!t.subject.persists) return
      await claimModel(t, await t.reopen(store), model, 'after a restart')
    },
  },
  {
    name: 'a read among writes gives what was there when it was asked for, or something newer',
    async run(t) {
      const store = await t.open()
      /** @type {Promise<void>[]} */
      const reads = []
      /** Everything that ever was the last value, by key and in order. @type {Map<string, unknown[]>} */
      const history = new Map()
      const model = new (class extends Map {
        /** @param {string} name @param {unknown} value */
        set(name, value) {
          history.set(name, [...(history.get(name) ?? [MISS]), value])
          return super.set(name, value)
        }
        /** @param {string} name */
        delete(name) {
          history.set(name, [...(history.get(name) ?? [MISS]), MISS])
          return super.delete(name)
        }
      })()
      await mix(t, store, model, key => {
        const name = nameOf(new Float64Array(key.bytes.buffer)[0], key.namespace)
        const known = history.get(name)?.length ?? 1
        const read = async () => {
          const value = await t.read(store, key)
          const allowed = (history.get(name) ?? [MISS]).slice(known - 1)
          claim(allowed.some(other => isSame(other, value)), `a read of ${name} gave what was neither there nor came later`) // biome-ignore format: one line
        }
        reads.push(read())
        // Nobody else hears of one that fails before they are all waited for.
        reads.at(-1)?.catch(() => {})
      })
      await t.end(Promise.all(reads), 'reads among writes')
    },
  },
  {
    name: 'many readers of one key get the same',
    async run(t) {
      let store = await t.open()
      t.put(store, t.key(1), { a: [1n] })
      if (t.subject.persists) store = await t.reopen(store)
      const found = await Promise.all(Array.from({ length: 50 }, () => t.read(store, t.key(1))))
      for (const value of found) claimSame(value, { a: [1n] }, 'one of 50 readers')
    },
  },
  {
    name: 'a thousand keys at once',
    async run(t) {
      const store = await t.open()
      for (let n = 0; n < 1000; n++) t.put(store, t.key(n), n)
      await t.end(store.flush(), 'flush()')
      for (let n = 0; n < 1000; n += 50) {
        const some = await Promise.all(Array.from({ length: 50 }, (_, i) => t.read(store, t.key(n + i))))
        claimSame(some, Array.from({ length: 50 }, (_, i) => n + i), 'fifty of them') // biome-ignore format: one line
      }
    },
  },
]
