import { decode, encode } from '../../js/codec.js'
import { hash } from '../../js/hash.js'

/**
 * A store over somebody's storage, in the shortest way that bears whatever that does: what the mutants are made from that do not. It remembers what it
 * could not write, and writes one after another.
 */
export class Naive {
  ready = Promise.resolve()
  timeout = 60
  counters = { hits: 0, misses: 0, sets: 0, errors: 0 }
  listeners = new Set()
  /** The newest of each key, until the backend has it. */
  newest = new Map()
  cleared = new Set()
  chain = Promise.resolve()
  sent = new Set()
  isOff = false
  /** When a text was first read. */
  seen = new Map()

  constructor(rows, wrap) {
    this.backend = wrap({
      get: async id => rows.get(id),
      set: async (id, text) => void rows.set(id, text),
      delete: async id => rows.delete(id),
      clear: async namespace => {
        for (const id of rows.keys()) if (id.endsWith(`*${namespace}`)) rows.delete(id)
      },
    })
  }

  idOf({ namespace, digest }) {
    return `${digest}*${namespace}`
  }

  isOwn(entry, key) {
    return Buffer.compare(entry.bytes, key.bytes) === 0
  }

  async get(key) {
    const id = this.idOf(key)
    let text = this.known(key)
    if (text === undefined) {
      text = await this.read(id)
      text = this.known(key) ?? text
    }
    const entry = text ? this.entryIn(text, key) : undefined
    if (entry) this.counters.hits++
    else this.counters.misses++
    return entry
  }

  known(key) {
    return this.newest.get(this.idOf(key)) ?? (this.cleared.has(key.namespace) ? '' : undefined)
  }

  read(id) {
    return this.limited(() => this.backend.get(id))
  }

  open(text) {
    const [sum, body] = String(text).split(' ')
    if (sum !== hash(body)) throw new Error('damaged')
    return decode(Buffer.from(body, 'base64'))
  }

  entryIn(text, key) {
    try {
      const entry = this.open(text)
      if (!this.isOwn(entry, key) || Date.now() >= entry.deadline) return undefined
      const ttl = entry.deadline - entry.storedAt
      // By a clock that was wrong when it was stored it could live for ever.
      const seen = this.seen.get(text) ?? Date.now()
      this.seen.set(text, seen)
      const deadline = Math.min(entry.deadline, seen + ttl)
      return Date.now() >= deadline ? undefined : { ...entry, deadline, ttl }
    } catch (cause) {
      this.tell(cause)
      return undefined
    }
  }

  set(key, { value, storedAt, deadline, isAsync }) {
    this.counters.sets++
    /** @type {Uint8Array} */
    let bytes
    try {
      bytes = encode({ value, storedAt, deadline, isAsync, bytes: key.bytes })
    } catch {
      this.delete(key)
      return
    }
    const body = Buffer.from(bytes).toString('base64')
    const text = `${hash(body)} ${body}`
    this.write(key, text, id => this.backend.set(id, text))
  }

  delete(key) {
    this.write(key, '', id => this.backend.delete(id))
  }

  write(key, text, ask) {
    if (this.isOff) return
    const id = this.idOf(key)
    this.newest.set(id, text)
    this.send(async () => {
      await ask(id)
      if (this.newest.get(id) === text) this.newest.delete(id)
    })
  }

  clear(namespace) {
    for (const id of this.newest.keys()) if (id.endsWith(`*${namespace}`)) this.newest.set(id, '')
    this.cleared.add(namespace)
    this.send(async () => {
      await this.backend.clear(namespace)
      this.cleared.delete(namespace)
    })
  }

  send(ask) {
    this.chain = this.chain.then(() => this.limited(ask))
  }

  async limited(ask) {
    let timer
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('late')), this.timeout)
      timer.unref()
    })
    try {
      return await Promise.race([(async () => ask())(), late])
    } catch (cause) {
      this.tell(cause)
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }

  tell(cause) {
    this.counters.errors++
    for (const listener of this.listeners) listener({ cause })
  }

  async flush() {
    await this.chain
    await Promise.all(this.sent)
  }

  async close() {
    await this.flush()
  }

  on(name, listener) {
    if (name === 'error') this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  stats() {
    return { ...this.counters }
  }
}
