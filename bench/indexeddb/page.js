/** What is timed in the page. Each answers with milliseconds, and throws when something was not what had been written. */

import { indexedDBStore } from '/js/entry/inline.js'
import { contenders } from './contenders.js'
import { keyOf, nameOf, valueOf } from './entries.js'
import { Heartbeat, turn } from './heartbeat.js'

/** Everything of a store is read at its start, and kept. */
const WHOLE = { hydrateBytes: 1 << 30, memoryBytes: 1 << 30 }

/** Flat, as those of a response are: a piece of a larger string costs whoever reads it by the character more. @param {number} count @returns {string[]} */
const valuesOf = count => JSON.parse(JSON.stringify(Array.from({ length: count }, (_, i) => valueOf(i))))

/** @param {Map<string, string>} found @param {number} count */
function compare(found, count) {
  for (let i = 0; i < count; i++)
    if (found.get(nameOf(i)) !== valueOf(i)) throw new Error(`a wrong value for ${nameOf(i)}`)
  if (found.size !== count) throw new Error(`${found.size} entries instead of ${count}`)
}

/** @param {string} id @param {number} count */
export async function written(id, count) {
  const { write } = await contenders[id].open(count)
  const values = valuesOf(count)
  const start = performance.now()
  await write(values)
  return performance.now() - start
}

/** @param {string} id @param {number} count */
export async function checked(id, count) {
  const { all } = await contenders[id].open(count)
  compare(await all(), count)
}

/** Everything, as others have it: until all values are there. @param {string} id @param {number} count */
export async function readWhole(id, count) {
  const { all } = await contenders[id].open(count)
  const start = performance.now()
  const found = await all()
  const took = performance.now() - start
  compare(found, count)
  return took
}

/** `getAll` and `getAllKeys`, and the connection. @param {number} count */
export async function rawWhole(count) {
  const start = performance.now()
  const { all } = await contenders.raw.open(count)
  const found = await all()
  const took = performance.now() - start
  compare(found, count)
  return took
}

/** Until a store knows what it has. @param {number} count */
export async function indexed(count) {
  const start = performance.now()
  const store = indexedDBStore({ hydrateBytes: 0 })
  await store.ready
  const took = performance.now() - start
  const { entries, heldBytes } = store.stats()
  if (entries !== count || heldBytes !== 0) throw new Error(`${entries} entries, ${heldBytes} bytes held`)
  await store.close()
  return took
}

/** Until every value is in memory. @param {number} count */
export async function hydrated(count) {
  const start = performance.now()
  const store = indexedDBStore(WHOLE)
  await store.ready
  const took = performance.now() - start
  const found = new Map()
  for (let i = 0; i < count; i++) {
    const value = store.getSync(keyOf(i))?.value
    if (value !== undefined) found.set(nameOf(i), value)
  }
  compare(found, count)
  await store.close()
  return took
}

/** Reads of keys nobody has asked for, each a segment from the last. @param {string} id @param {number} count @param {number} reads */
export async function coldReads(id, count, reads) {
  const { read } = await contenders[id].open(count)
  const times = []
  for (let n = 0; n < reads; n++) {
    const i = Math.floor((((n * 7) % reads) * count) / reads)
    await turn()
    const start = performance.now()
    const value = await read(i)
    times.push(performance.now() - start)
    if (value !== valueOf(i)) throw new Error(`a wrong value for ${nameOf(i)}`)
  }
  return times
}

/** The longest block while nothing is done: what the machine does by itself. @param {number} ms */
export async function idleBlocks(ms) {
  const heart = new Heartbeat()
  await new Promise(resolve => setTimeout(resolve, ms))
  return heart.stop()
}

/** The longest block while entries come 100 a task. @param {number} count */
export async function writingBlocks(count) {
  const store = indexedDBStore({ name: 'blocks', hydrateBytes: 0 })
  const [keys, values] = [Array.from({ length: count }, (_, i) => keyOf(i)), valuesOf(count)]
  await store.ready
  const heart = new Heartbeat()
  const storedAt = Date.now()
  for (let i = 0; i < count; i++) {
    store.set(keys[i], { value: values[i], storedAt, deadline: storedAt + 3_600_000 })
    if (i % 100 === 99) await turn()
    if (i % 10_000 === 9_999) await store.flush()
  }
  await store.flush()
  const blocks = heart.stop()
  if (store.stats().written !== count) throw new Error('not all was written')
  await store.close()
  return blocks
}

/** The same of raw IndexedDB. @param {number} count */
export async function rawWritingBlocks(count) {
  const { write } = await contenders.raw.open(count)
  const values = valuesOf(count)
  const heart = new Heartbeat()
  await write(values)
  return heart.stop()
}

/** The longest block while a store is opened. @param {boolean} isWhole */
export async function openingBlocks(isWhole) {
  await turn()
  const heart = new Heartbeat()
  const store = indexedDBStore(isWhole ? WHOLE : { hydrateBytes: 0 })
  await store.ready
  const blocks = heart.stop()
  await store.close()
  return blocks
}

/** The same of `getAll` and `getAllKeys`. @param {number} count */
export async function rawOpeningBlocks(count) {
  await turn()
  const heart = new Heartbeat()
  const { all } = await contenders.raw.open(count)
  await all()
  return heart.stop()
}
