/** What the tests ask of a page, in any browser. Each answers with what JSON can say; what takes long is begun, and asked about afterwards. */

import '/tests/browser/store-page.js'
import { indexedDBStore, mime } from '/js/entry/inline.js'
import { storeChecks } from '/js/entry/testing-store.js'

const WORKER = '/tests/browsers/worker.js'

// A store at `globalThis.store`, `put`, `read` and so on come from `store-page.js`.
const { key, open_, put, raw, read, segments } = globalThis

export const start = options => open_(options)
export const stats = () => store.stats()
export const values = (ns, namespace) => Promise.all(ns.map(n => read(n, namespace)))
export const said = name => globalThis.events.filter(event => event.name === name)

export async function write(ns, text, namespace) {
  for (const n of ns) put(n, `${n} ${text}`, Infinity, namespace)
  await store.flush()
}

/** A value with everything in it that JSON has not. */
function everything() {
  class Own extends TypeError {}
  const value = {
    map: new Map([[{ a: 1 }, new Set([1n, -0])]]),
    date: new Date(5),
    numbers: [2n ** 70n, -0, Number.NaN, Infinity],
    holes: [1, , undefined],
    nothing: { a: undefined, b: null },
    bytes: [new Uint8Array([1, 2]), new Float64Array([0.5]), new ArrayBuffer(3)],
    pattern: /a+/giu,
    error: new Own('what', { cause: 'why' }),
    text: ['\uD800', 'é→😀', '\r\n', '\uFEFF', '', '\0'],
    large: 'ü'.repeat(150_000),
  }
  value.self = value
  return value
}

export async function storeEverything() {
  put(1, everything())
  await store.flush()
}

/** What of it came back otherwise. */
export async function checkEverything() {
  const value = await read(1)
  const [[mapped, set]] = [...value.map]
  const facts = {
    map: mapped.a === 1 && set.has(1n) && Object.is([...set][1], 0),
    date: value.date instanceof Date && +value.date === 5,
    big: value.numbers[0] === 2n ** 70n,
    numbers: [-0, Number.NaN, Infinity].every((n, i) => Object.is(value.numbers[i + 1], n)),
    holes: !(1 in value.holes) && 2 in value.holes && value.holes.length === 3,
    nothing: 'a' in value.nothing && value.nothing.a === undefined && value.nothing.b === null,
    bytes:
      value.bytes[0] instanceof Uint8Array && value.bytes[1][0] === 0.5 && value.bytes[2].byteLength === 3,
    pattern: String(value.pattern) === '/a+/giu',
    error: value.error instanceof TypeError && value.error.message === 'what' && value.error.cause === 'why',
    text: JSON.stringify(value.text) === JSON.stringify(everything().text),
    large: value.large === 'ü'.repeat(150_000),
    self: value.self === value,
  }
  return Object.keys(facts).filter(fact => !facts[fact])
}

/** @type {import('../../js/testing/store/suite.js').NamedCheck[] | undefined} */
let checks
export async function check(name) {
  checks ??= storeChecks({
    name: 'indexedDBStore',
    open: place => indexedDBStore({ name: place }),
    remove: place => void indexedDB.deleteDatabase(place),
    sync: true,
    tags: true,
    persists: true,
  })
  const { run } = checks.find(check => check.name === name)
  return run().then(
    () => '',
    error => `${error}\n${error.stack}`,
  )
}

/** Bytes in the database. */
export const stored = () =>
  raw(['heads', 'bodies'], 'readonly', (stores, done) => {
    let sum = 0
    for (const store of stores) {
      store.getAll().onsuccess = ({ target }) => {
        for (const block of target.result) sum += block.length
        done(sum)
      }
    }
  })

/** Writes 800 entries of 2,000 bytes, and says the most that was ever there. */
export async function fillBeyondBudget() {
  let most = 0
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < 100; i++) put(round * 100 + i, 'x'.repeat(2000))
    await store.flush()
    most = Math.max(most, await stored())
  }
  return { most, evicted: store.stats().evicted, oldest: await read(0), newest: (await read(799)).length }
}

export async function compact() {
  const compacted = new Promise(resolve => store.on('compact', resolve))
  for (let i = 0; i < 40; i++) {
    put(i, `value ${i}`)
    await store.flush()
  }
  await compacted
  return (await segments()).length
}

/** One bit of every body, in turn. */
export async function damage() {
  for (let n = 0; n < 10; n++) {
    put(n, `value ${n}`)
    await store.flush()
  }
  await raw(['bodies'], 'readwrite', ([bodies]) => {
    let n = 0
    bodies.openCursor().onsuccess = ({ target }) => {
      if (!target.result) return
      const body = target.result.value
      if (n % 2 === 0) body[(n * 7) % body.length] ^= 1 << (n % 8)
      target.result.update(body)
      n++
      target.result.continue()
    }
  })
}

/** A function over the store, whose loads are counted for all tabs by the server. */
export async function define({ url, ...options }) {
  globalThis.shared = indexedDBStore()
  globalThis.calls = 0
  globalThis.f = mime(
    async x => {
      calls++
      return url ? (await fetch(`${url}?key=${x}`)).text() : `${x} of ${options.tab}`
    },
    {
      name: 'f',
      version: '1',
      store: shared,
      ...(options.singleFlight && { singleFlight: options.singleFlight }),
    },
  )
  await f.ready
}
export const call = async x => ({ value: await f(x), calls })
export const flush = () => f.flush()
export const has = x => f.has(x)
export const invalidate = x => void f.invalidate(x)

let outcome
/** Begins something that is asked about by `isDone`. @param {Promise<any>} work */
function begin(work) {
  outcome = undefined
  work.then(
    value => (outcome = { value }),
    error => (outcome = { error: String(error) }),
  )
}
export const isDone = () => outcome ?? false

export const beginCalls = count => begin(Promise.all(Array.from({ length: count }, (_, i) => f(i))))

/** Writes for ever, and tells other tabs what is acknowledged. */
export function beginWriting(round) {
  const channel = new BroadcastChannel('acknowledged')
  const run = async () => {
    for (let i = 0; ; i++) {
      put(i, `${i} of ${round} ${'z'.repeat((i * 37) % 3000)}`, Infinity, `round ${round}\0v1`)
      if (i % 7 !== 6) continue
      await store.flush()
      localStorage.acknowledged = i
      channel.postMessage(i)
    }
  }
  run()
}
export function listen() {
  globalThis.acknowledged = -1
  new BroadcastChannel('acknowledged').onmessage = ({ data }) => (acknowledged = data)
}
export const heard = () => acknowledged

/** How much is missing, and wrong, of what was acknowledged in a round. */
export async function checkRound(round, last) {
  let [missing, wrong] = [0, 0]
  for (let i = 0; i <= last + 7; i++) {
    const value = await read(i, `round ${round}\0v1`)
    if (value === undefined && i <= last) missing++
    if (value !== undefined && value !== `${i} of ${round} ${'z'.repeat((i * 37) % 3000)}`) wrong++
  }
  return { missing, wrong, corrupt: store.stats().corrupt }
}

/** What is done to the database from elsewhere: an open or a deletion. */
export function request(method, ...args) {
  const asked = indexedDB[method](...args)
  globalThis.state = { blocked: false, done: false, error: null }
  asked.onblocked = () => (state.blocked = true)
  asked.onsuccess = () => {
    state.done = true
    globalThis.connection = asked.result
  }
  asked.onerror = () => (state.error = asked.error.name)
  return new Promise(resolve => {
    for (const type of ['success', 'error', 'blocked']) asked.addEventListener(type, () => resolve(state))
  })
}
export const requested = () => state
export const disconnect = () => void connection.close()

/** Whether something could be persisted. */
export async function persists(n) {
  put(n, `${n} again`)
  await store.flush()
  return store.stats().available === 1
}

/** Asks a server for what clears the site's data. */
export async function clearSiteData() {
  await (await fetch('/clear')).text()
}

/** 240 KB that nothing but the page's end writes. */
export function fill(round) {
  for (let i = 0; i < 240; i++) put(i, `${i} of ${round} `.padEnd(1000, 'z'), Infinity, `${round}\0v1`)
}
export async function filled(round) {
  let [count, wrong, which] = [0, 0, '']
  for (let i = 0; i < 240; i++) {
    const value = await read(i, `${round}\0v1`)
    if (value === `${i} of ${round} `.padEnd(1000, 'z')) {
      count++
      which += ` ${i}`
    } else if (value !== undefined) wrong++
  }
  return { count, wrong, which, corrupt: store.stats().corrupt }
}

/** Workers of each kind write an entry of their own, and say what the page's is. */
export async function inWorkers(kinds) {
  put(0, 'of the page')
  await store.flush()
  const answer = port => new Promise(resolve => (port.onmessage = ({ data }) => resolve(data)))
  const ask = {
    dedicated() {
      const worker = new Worker(WORKER, { type: 'module' })
      worker.postMessage(1)
      return answer(worker)
    },
    shared() {
      const { port } = new SharedWorker(WORKER, { type: 'module' })
      port.postMessage(2)
      return answer(port)
    },
    async service() {
      const registration = await navigator.serviceWorker.register(WORKER, { type: 'module' })
      const worker = registration.installing ?? registration.waiting ?? registration.active
      const { port1, port2 } = new MessageChannel()
      worker.postMessage(3, [port2])
      return answer(port1)
    },
  }
  const answers = []
  for (const kind of kinds) answers.push(await ask[kind]())
  return answers
}

/** A clock that is wrong from now on; the store is opened after it. */
export function setClock(offset) {
  globalThis.rightNow ??= Date.now
  Date.now = () => rightNow() + offset
}
export const putFor = async (n, ttl) => {
  put(n, `${n} for ${ttl}`, ttl)
  await store.flush()
}
export async function left(n) {
  const entry = await store.get(key(n))
  return entry === undefined ? null : entry.deadline - Date.now()
}

export const takeAway = how => {
  const get = () => {
    if (how === 'throws') throw new DOMException('denied', 'SecurityError')
  }
  Object.defineProperty(globalThis, 'indexedDB', { get })
}

/** More than there is room for, in values of 50 KB that cannot be compressed; and how many of them are there and right. */
export async function overfill() {
  for (let n = 0; n < 400; n++) {
    put(n, crypto.getRandomValues(new Uint8Array(50_000)).fill(n, 0, 4))
    if (n % 20 === 19) await store.flush()
  }
  let [right, wrong] = [0, 0]
  for (let n = 0; n < 400; n++) {
    const value = await read(n)
    if (value === undefined) continue
    if (value.length === 50_000 && value[3] === (n & 255)) right++
    else wrong++
  }
  return { right, wrong, ...store.stats() }
}
