import { claim, claimSame } from '../claims.js'
import { MISS } from '../case.js'

/** Whose entry it is. @type {import('../case.js').Check[]} */
export const keys = [
  {
    name: 'the digest selects, the key’s bytes decide',
    async run(t) {
      const store = await t.open()
      const key = t.key(1)
      const others = [
        t.key(2).bytes,
        key.bytes.slice(0, 8),
        new Uint8Array([...key.bytes, 0, 0, 0, 0, 0, 0, 0, 0]),
        new Uint8Array(0),
        key.bytes.map((byte, i) => (i === 15 ? byte ^ 1 : byte)),
      ]
      t.put(store, key, 'mine')
      for (const when of ['before flush()', 'after flush()']) {
        for (const bytes of others) {
          claimSame(await t.read(store, { ...key, bytes }), MISS, `another key of the same digest, ${when}`)
        }
        claimSame(await t.read(store, key), 'mine', `the key itself, ${when}`)
        await t.end(store.flush(), 'flush()')
      }
      for (const [i, bytes] of others.entries()) {
        t.put(store, { ...key, bytes }, `other ${i}`)
        claimSame(await t.read(store, { ...key, bytes }), `other ${i}`, 'a key of a digest that was taken')
        const first = await t.read(store, key)
        claim(first === 'mine' || first === MISS, `a key got what another one of its digest was set to: ${String(first)}`) // biome-ignore format: one line
        await t.end(store.flush(), 'flush()')
        claimSame(await t.read(store, { ...key, bytes }), `other ${i}`, 'a key of a digest that was taken, flushed') // biome-ignore format: one line
      }
    },
  },
  {
    name: 'the key’s bytes are copied',
    async run(t) {
      const store = await t.open()
      const key = t.key(1)
      const buffer = new Uint8Array(64)
      buffer.set(key.bytes, 8)
      t.put(store, { ...key, bytes: buffer.subarray(8, 8 + key.bytes.length) }, 'v')
      buffer.fill(0xff)
      claimSame(await t.read(store, key), 'v', 'after the buffer of the key was used for something else')
      await t.end(store.flush(), 'flush()')
      claimSame(await t.read(store, key), 'v', 'the same after flush()')
    },
  },
  {
    name: 'keys of any digest and any length',
    async run(t) {
      const store = await t.open()
      const lengths = [8, 16, 1000, 60_000]
      const all = lengths.flatMap((length, i) => {
        const bytesOf = (/** @type {number} */ first) => new Uint8Array(length).map((_, at) => first + at * 7)
        return ['0', '8', 'f'].map((digit, first) => {
          return { ...t.key(i), digest: `${digit.repeat(31)}${i}`, bytes: bytesOf(first) }
        })
      })
      all.forEach((key, i) => void t.put(store, key, i))
      await t.end(store.flush(), 'flush()')
      for (const [i, key] of all.entries()) claimSame(await t.read(store, key), i, `a key of ${key.bytes.length} bytes`) // biome-ignore format: one line
    },
  },
  {
    name: 'namespaces are apart, whatever their names',
    async run(t) {
      const store = await t.open()
      const spaces = NAMES.flatMap(name => [`${name}\0v1`, `${name}\0v2`])
      spaces.forEach((space, i) => void t.put(store, t.key(1, space), i))
      for (const when of ['before flush()', 'after flush()']) {
        for (const [i, space] of spaces.entries()) {
          claimSame(await t.read(store, t.key(1, space)), i, `namespace ${JSON.stringify(space)} ${when}`)
        }
        await t.end(store.flush(), 'flush()')
      }
      for (const [i, space] of spaces.entries()) if (i % 2 === 0) store.clear(space)
      await t.end(store.flush(), 'flush()')
      for (const [i, space] of spaces.entries()) {
        const expected = i % 2 === 0 ? MISS : i
        claimSame(await t.read(store, t.key(1, space)), expected, `namespace ${JSON.stringify(space)} after clear() of every other`) // biome-ignore format: one line
      }
    },
  },
]

const NAMES = ['f', 'F', 'ff', 'f:', 'f/g', '../f', 'f*', 'f?', "it's", '"', 'a\\b', 'a\nb', 'f%', '%66', 'f.g', '$', ' ', 'é', 'e\u0301', '🦀', '__proto__', 'constructor', 'x'.repeat(1000)] // biome-ignore format: one line
