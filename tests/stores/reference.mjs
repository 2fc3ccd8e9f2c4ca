import { decode, encode } from '../../js/codec.js'

/** A store that does everything, in the shortest way: what the suite's mutants are made from. Its data is a Map that outlives it. */
export class Reference {
  ready = Promise.resolve()
  counters = { hits: 0, misses: 0, sets: 0, refused: 0 }
  listeners = new Map()

  /** @param {Map<string, any>} rows */
  constructor(rows) {
    this.rows = rows
  }

  idOf({ namespace, digest }) {
    return `${digest}${namespace}`
  }

  pack(value) {
    return encode(value)
  }

  unpack(packed) {
    return decode(packed)
  }

  isOwn(row, key) {
    return Buffer.compare(row.bytes, key.bytes) === 0
  }

  isLive(row, now) {
    return now < row.deadline
  }

  clamp(row, now) {
    row.deadline = Math.min(row.deadline, now + row.ttl)
  }

  get(key) {
    return this.getSync(key)
  }

  getSync(key) {
    const row = this.rows.get(this.idOf(key))
    const now = Date.now()
    if (!row || !this.isOwn(row, key) || !this.isLive(row, now)) {
      this.counters.misses++
      return undefined
    }
    this.counters.hits++
    this.clamp(row, now)
    return this.entryOf(row)
  }

  entryOf({ packed, storedAt, deadline, ttl, isAsync }) {
    return { value: this.unpack(packed), storedAt, deadline, ttl, isAsync }
  }

  set(key, { value, storedAt, deadline, isAsync, tags = [] }) {
    let packed
    try {
      packed = this.pack(value)
    } catch (cause) {
      this.refuse(key, cause)
      return
    }
    this.counters.sets++
    const row = {
      namespace: key.namespace,
      bytes: this.copy(key.bytes),
      packed,
      storedAt,
      deadline,
      isAsync,
      tags,
    }
    this.rows.set(this.idOf(key), { ...row, ttl: deadline - storedAt })
  }

  copy(bytes) {
    return bytes.slice()
  }

  refuse(key, cause) {
    this.counters.refused++
    this.delete(key)
    this.emit('refused', { cause })
  }

  delete(key) {
    this.rows.delete(this.idOf(key))
  }

  clear(namespace) {
    for (const [id, row] of this.rows) if (this.isIn(row, namespace)) this.rows.delete(id)
  }

  isIn(row, namespace) {
    return row.namespace === namespace
  }

  invalidateTags(namespace, matches) {
    for (const [id, row] of this.rows) {
      if (this.isIn(row, namespace) && row.tags.some(matches)) this.rows.delete(id)
    }
  }

  async flush() {}

  async close() {}

  on(name, listener) {
    const all = this.listeners.get(name) ?? new Set()
    this.listeners.set(name, all.add(listener))
    return () => void all.delete(listener)
  }

  emit(name, event) {
    for (const listener of this.listeners.get(name) ?? []) {
      try {
        listener(event)
      } catch {
        // Its own.
      }
    }
  }

  stats() {
    return { ...this.counters }
  }
}

/** The data of each place. */
export function placesOf() {
  const places = new Map()
  return {
    at(place) {
      if (!places.has(place)) places.set(place, new Map())
      return places.get(place)
    },
    remove: place => places.delete(place),
  }
}
