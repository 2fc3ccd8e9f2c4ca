import { PerformanceObserver } from 'node:perf_hooks'

/** What filling a cache and churning in it does to a process. Each contender loads only itself. */

const TTL = 3_600_000
const CHUNK = 10_000

/** A small object, made anew for each entry. @param {number} i */
const small = i => ({ id: i, name: 'user' })

/** @type {Record<string, (entries: number) => Promise<(key: string) => unknown>>} what is called for each entry */
const makers = {
  'my-mimic': entries => mimic(entries, small),
  'my-mimic, numbers as values': entries => mimic(entries, i => i),
  'lru-cache': entries => lru(entries, small),
  'lru-cache, numbers as values': entries => lru(entries, i => i),
}
export const CONTENDERS = Object.keys(makers)

let i = 0

/** @param {number} entries @param {(i: number) => unknown} value */
async function mimic(entries, value) {
  const { mime } = await import('./mimic.mjs')
  return mime(_ => value(i), { ttl: TTL / 1000, maxEntries: entries })
}

/** @param {number} entries @param {(i: number) => unknown} value */
async function lru(entries, value) {
  const { LRUCache } = await import('lru-cache')
  const cache = new LRUCache({ max: entries, ttl: TTL })
  return key => {
    let found = cache.get(key)
    if (found === undefined) {
      found = value(i)
      cache.set(key, found)
    }
    return found
  }
}

const bytes = Buffer.alloc(24, '0')
bytes.write('user:')

/** 24 units, flat as a parser makes them: put together with `+` it would be a rope. @param {number} n */
function keyOf(n) {
  bytes.write(String(n).padStart(19, '0'), 5)
  return bytes.latin1Slice(0, 24)
}

/** @param {string} name @param {number} entries @param {number} churn */
export async function measureMemory(name, entries, churn) {
  const pauses = new Pauses()
  // Modules, compiled code and the heap's first growth are not the entries'.
  run(await makers[name](1000), 20_000)
  const before = await level()
  const call = await makers[name](entries)
  await pauses.during('fill', () => inChunks(call, entries))
  const full = await level()
  await pauses.during('churn', () => inChunks(call, churn))
  const churned = await level()
  call(keyOf(i))
  return { full: growth(full, before), churned: growth(churned, before), pauses: pauses.summary }
}

/** @param {(key: string) => unknown} call @param {number} count */
function run(call, count) {
  for (const end = i + count; i < end; i++) call(keyOf(i))
}

/** With turns of the event loop between, as a server has them. @param {(key: string) => unknown} call @param {number} count */
async function inChunks(call, count) {
  for (let left = count; left > 0; left -= CHUNK) {
    run(call, Math.min(left, CHUNK))
    await new Promise(setImmediate)
  }
}

async function level() {
  for (let n = 0; n < 4; n++) {
    globalThis.gc()
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heap: heapUsed, external, wasm: await wasmBytes() }
}

async function wasmBytes() {
  const { memory } = await import('../../js/core.js')
  return memory.u8.buffer.byteLength
}

/** Of wasm memory its size itself, of the others what came on top. */
function growth(after, before) {
  const { rss, heap, external, wasm } = after
  return {
    rss: rss - before.rss,
    heap: heap - before.heap,
    external: external - before.external,
    wasm: wasm || undefined,
  }
}

/** Pauses for collecting garbage, by phase. */
class Pauses {
  summary = {}

  /** @param {string} phase @param {() => Promise<void>} work */
  async during(phase, work) {
    /** @type {number[]} */
    const durations = []
    const observer = new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) durations.push(duration)
    })
    observer.observe({ entryTypes: ['gc'] })
    await work()
    await new Promise(resolve => setTimeout(resolve, 10))
    observer.disconnect()
    durations.sort((a, b) => a - b)
    const at = part => durations[Math.floor((durations.length - 1) * part)] ?? 0
    const total = durations.reduce((sum, one) => sum + one, 0)
    this.summary[phase] = { count: durations.length, total, p50: at(0.5), p99: at(0.99), most: at(1) }
  }
}
