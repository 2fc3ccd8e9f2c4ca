import { claim, claimSame, isSame } from '../claims.js'
import { KINDS, REFUSED } from '../kinds.js'
import { MISS } from '../case.js'

/** What values come back as. @type {import('../case.js').Check[]} */
export const values = [
  ...Object.entries(KINDS).map(([kind, make]) => ({
    name: `values: ${kind}`,
    async run(/** @type {import('../case.js').Case} */ t) {
      const mayLack = t.subject.without?.includes(kind)
      const made = make()
      let store = await t.open()
      const claimKept = async (/** @type {string} */ when) => {
        const value = await t.read(store, t.key(1))
        if (mayLack && value === MISS) return
        claimSame(value, made, `a value ${when}`)
      }
      t.put(store, t.key(1), made)
      await claimKept('before flush()')
      await t.end(store.flush(), 'flush()')
      await claimKept('after flush()')
      if (!t.subject.persists) return
      store = await t.reopen(store)
      await claimKept('after a restart')
    },
  })),
  {
    name: 'values: a result is an entry whatever it is, and not a miss',
    async run(t) {
      const store = await t.open()
      for (const [n, value] of [undefined, null, false, 0, '', NaN].entries()) {
        if (t.subject.without?.includes(String(value))) continue
        t.put(store, t.key(n), value)
        claim((await t.entry(store, t.key(n))) !== undefined, `${String(value)} is a miss before flush()`)
        await t.end(store.flush(), 'flush()')
        claim((await t.entry(store, t.key(n))) !== undefined, `${String(value)} is a miss after flush()`)
      }
    },
  },
  ...Object.entries(REFUSED).map(([kind, make]) => ({
    name: `values: ${kind} is never half kept, and hides what was there before`,
    async run(/** @type {import('../case.js').Case} */ t) {
      const store = await t.open()
      t.put(store, t.key(1), 'old')
      await t.end(store.flush(), 'flush()')
      const value = make()
      t.put(store, t.key(1), value)
      for (const when of ['before flush()', 'after flush()']) {
        const found = await t.read(store, t.key(1))
        // Kept as it is: that can be in this process only.
        claim(found === MISS || Object.is(found, value), `it came back as something else ${when}`)
        await t.end(store.flush(), 'flush()')
      }
    },
  })),
  {
    name: 'values: what was returned once is not changed by who got it',
    async run(t) {
      const store = await t.open()
      const value = { list: [1] }
      t.put(store, t.key(1), value)
      await t.end(store.flush(), 'flush()')
      const first = /** @type {any} */ (await t.read(store, t.key(1)))
      // A store that keeps references hands back the very same.
      if (first === value) return
      first.list.push(2)
      const second = await t.read(store, t.key(1))
      claim(isSame(second, { list: [1] }) || second === first, 'a reader’s change is half in the store')
      claim(second !== first, 'two readers share what is no reference of the writer’s')
    },
  },
]
