import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { systemClock } from '../../js/clock.js'
import { ensureViews, memory } from '../../js/core.js'
import { Index } from '../../js/core-index.js'
import { createMime, mime } from '../../js/entry/inline.js'
import { CALLS, SLICE, STEPS, Sweeper, sweeper } from '../../js/sweeper.js'
import { virtualClock } from '../../js/testing/clock.js'

/** What is never read again is freed, by one timer that nobody waits for. */

const entry = new URL('../../js/entry/inline.js', import.meta.url)

/** A host whose time and timers are the test's, and what was asked of it. */
function fakeHost() {
  const host = {
    time: 0,
    worked: 0,
    /** @type {Map<number, { job: () => void, at: number }>} */
    timers: new Map(),
    started: 0,
    start(job, delay) {
      host.timers.set(++host.started, { job, at: host.time + delay })
      return host.started
    },
    stop: timer => host.timers.delete(timer),
    now: () => host.time,
    stopwatch: () => host.worked,
    /** The next timer goes off. */
    goOff() {
      assert.equal(host.timers.size, 1, 'never more than one')
      const [[id, { job, at }]] = host.timers
      host.timers.delete(id)
      host.time = Math.max(host.time, at)
      job()
    },
  }
  return host
}

/** A cache that counts how it is swept, `costs` milliseconds a call. */
function fakeCache(host, { clock = systemClock, costs = 0 } = {}) {
  const index = new Index(Infinity, Infinity, () => {})
  const cache = {
    isSwept: false,
    settings: { clock },
    readClock: () => (clock === systemClock ? host.time : clock.now()),
    calls: 0,
    dropped: 0,
    index: {
      sweep(now, limit) {
        assert.ok(limit <= STEPS)
        cache.calls++
        host.worked += costs
        return index.sweep(now, limit)
      },
      nextDue: () => index.nextDue(),
    },
    announce() {},
    drop(count) {
      cache.dropped += count
    },
    /** @param {Sweeper} to @param {number} ttl */
    put(to, ttl, key = 1) {
      const deadline = cache.readClock() + ttl
      writeKey(key)
      const slot = index.probe(2, cache.readClock())
      const removed = index.commit(~slot >> 1, index.generation(), deadline, 0)
      if (removed > 0) cache.drop(removed)
      to.expect(cache, deadline, cache.readClock())
    },
  }
  return cache
}

/** The key of a call with one int32. @param {number} n */
function writeKey(n) {
  ensureViews()
  memory.u32.set([32, 1, 5, n])
}

test('a million entries go in slices of bounded work, each in a turn of its own', () => {
  const host = fakeHost()
  const own = new Sweeper(host)
  const cache = fakeCache(host, { costs: SLICE / 8 })
  for (let i = 0; i < 1_000_000; i++) cache.put(own, 1 + ((i * 2654435761) % 1000), i)
  let slices = 0
  while (host.timers.size > 0) {
    const { calls, dropped } = cache
    host.goOff()
    slices++
    assert.ok(cache.calls - calls <= 8, 'calls until the time of a slice is over')
    assert.ok(cache.dropped - dropped <= 8 * STEPS, 'steps of a slice')
  }
  assert.equal(cache.dropped, 1_000_000)
  assert.ok(slices >= 1_000_000 / 8 / STEPS)
  assert.equal(cache.isSwept, false)
})

test('where the stopwatch stands still, calls bound a slice', () => {
  const host = fakeHost()
  const own = new Sweeper(host)
  const cache = fakeCache(host)
  for (let i = 0; i < 10_000; i++) cache.put(own, 1, i)
  host.goOff()
  assert.equal(cache.calls, CALLS)
  assert.equal(cache.dropped, CALLS * STEPS)
  while (host.timers.size > 0) host.goOff()
  assert.equal(cache.dropped, 10_000)
})

test('the timer is set for what is due next, and there is none when nothing is', () => {
  const host = fakeHost()
  const own = new Sweeper(host)
  const caches = [fakeCache(host), fakeCache(host), fakeCache(host)]
  caches[0].put(own, 3_600_000)
  caches[1].put(own, Infinity)
  assert.deepEqual(
    [...host.timers.values()].map(timer => timer.at),
    [3_600_000],
  )
  for (let i = 0; i < 1000; i++) caches[1].put(own, 3_600_000, i + 2)
  assert.equal(host.started, 1, 'what is due later starts nothing')
  caches[2].put(own, 5000)
  assert.deepEqual(
    [...host.timers.values()].map(timer => timer.at),
    [5000],
  )
  let woken = 0
  while (host.timers.size > 0) {
    host.goOff()
    woken++
  }
  assert.deepEqual(
    caches.map(cache => cache.dropped),
    [1, 1000, 1],
  )
  assert.ok(host.time >= 3_600_000 && host.time <= 3_600_200)
  assert.ok(woken < 60, `asked, not polled: ${woken}`)
  assert.equal(own.watched.size, 0)
  caches[0].put(own, 1000)
  assert.equal(host.timers.size, 1, 'and it begins again')
})

test('a timer that the host lost is set again, one that it refuses as well', () => {
  const host = fakeHost()
  const own = new Sweeper(host)
  const cache = fakeCache(host)
  cache.put(own, 1000)
  host.timers.clear()
  host.time = 2500
  cache.put(own, 1000, 2)
  assert.equal(host.timers.size, 1)
  while (host.timers.size > 0) host.goOff()
  assert.equal(cache.dropped, 2)
  const { start } = host
  host.start = () => {
    throw new Error('not outside a request')
  }
  cache.put(own, 1000, 3)
  host.start = start
  cache.put(own, 1000, 4)
  while (host.timers.size > 0) host.goOff()
  assert.equal(cache.dropped, 4)
})

test('a clock of its own is looked at every ten seconds, and a timer does not spin on one that stands', () => {
  const host = fakeHost()
  const own = new Sweeper(host)
  const clock = virtualClock(0)
  const cache = fakeCache(host, { clock })
  cache.put(own, 50)
  for (let i = 0; i < 6; i++) host.goOff()
  assert.deepEqual([host.time, cache.dropped], [60_000, 0])
  clock.advance('1s')
  host.goOff()
  assert.deepEqual([host.timers.size, cache.dropped], [0, 1])
  const broken = fakeCache(host, { clock: { now: () => NaN } })
  broken.readClock = () => 0
  broken.put(own, 50)
  broken.readClock = () => NaN
  host.goOff()
  assert.deepEqual([host.timers.size, broken.calls], [1, 0], 'a clock that fails throws nothing away')
})

test('a clock beyond the core’s last millisecond neither has the timer spin nor takes the turn of others', () => {
  for (const base of [2 ** 52, 1.7e18]) {
    const host = fakeHost()
    const own = new Sweeper(host)
    const other = fakeCache(host)
    other.put(own, 500)
    const far = fakeCache(host, { clock: { now: () => base } })
    for (let n = 0; n < 100; n++) far.put(own, 100_000, n)
    for (let i = 0; i < 20; i++) host.goOff()
    assert.ok(far.calls <= 20, `${far.calls} calls`)
    assert.deepEqual([other.dropped, other.isSwept, far.dropped, far.isSwept], [1, false, 0, true])
  }
})

test('functions that are gone are forgotten', () => {
  const host = fakeHost()
  const own = new Sweeper(host)
  own.watched.add(/** @type {any} */ ({ deref: () => undefined }))
  fakeCache(host).put(own, 10)
  while (host.timers.size > 0) host.goOff()
  assert.equal(own.watched.size, 0)
})

test('each removal goes the way of the others: values, tags, events, counts', {
  timeout: 20_000,
}, async () => {
  const events = []
  const f = mime(x => ({ x }), { ttl: '20ms', tags: ([x]) => [`t${x}`] })
  f.on('remove', event => events.push([event.cause, event.value.x]))
  const g = mime(async x => ({ x }), { ttl: '20ms' })
  f(1)
  f(2)
  await g(3)
  while (f.stats().entries + g.stats().entries > 0) await new Promise(resolve => setTimeout(resolve, 20))
  assert.deepEqual(events.sort(), [
    ['expired', 1],
    ['expired', 2],
  ])
  assert.equal(f.stats().removals.expired, 2)
  assert.equal(g.stats().removals.expired, 1)
  assert.equal(mime.invalidateTags('t1'), 0, 'the tag went with the entry')
  while (sweeper.watched.size > 0) await new Promise(resolve => setTimeout(resolve, 20))
  assert.equal(sweeper.timer, undefined, 'nothing can expire: no timer')
})

/** @param {string} code @param {string[]} flags */
function run(code, ...flags) {
  const source = `import { mime } from ${JSON.stringify(entry.href)}\n${code}`
  const child = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', source], {
    timeout: 30_000,
  })
  assert.equal(child.status, 0, String(child.stderr))
  return String(child.stdout).trim()
}

test('a process with entries that expire in an hour ends at once', async () => {
  const source = `import { mime } from ${JSON.stringify(entry.href)}
    const f = mime(x => x, { ttl: '1h' }), g = mime(async x => x, { ttl: '300s' })
    for (let i = 0; i < 1000; i++) f(i), await g(i)
    console.log('done')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { timeout: 60_000 })
  const [status] = await new Promise(resolve => child.on('exit', (...how) => resolve(how)))
  assert.equal(status, 0, 'it ended by itself')
})

test('values that expired are garbage without any further call', () => {
  const out = run(
    `const f = mime(x => ({ x, bytes: new Uint8Array(1000) }), { ttl: '30ms' })
    const refs = []
    for (let i = 0; i < 500; i++) refs.push(new WeakRef(f(i)))
    const alive = () => (gc(), refs.filter(ref => ref.deref() !== undefined).length)
    for (let i = 0; i < 300 && alive() > 0; i++) await new Promise(resolve => setTimeout(resolve, 20))
    console.log(alive(), f.stats().entries)`,
    '--expose-gc',
  )
  assert.equal(out, '0 0')
})

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')

test('functions that are gone are not remembered until the timer goes off', async () => {
  const host = fakeHost()
  const own = new Sweeper(host)
  const kept = fakeCache(host)
  kept.put(own, 3_600_000)
  const cacheOf = () => ({ isSwept: false, settings: { clock: systemClock } })
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 1000; i++) own.expect(/** @type {any} */ (cacheOf()), 3_600_000, 0)
    await new Promise(resolve => setTimeout(resolve))
    gc()
  }
  assert.ok(own.watched.size < 6000, `${own.watched.size} of 20,001`)
  assert.ok([...own.watched].some(ref => ref.deref() === kept))
})

test('what has expired while a load ran goes for its value, and nothing that lives', async () => {
  let time = 0
  let open = () => {}
  const gate = new Promise(resolve => {
    open = resolve
  })
  const mime = createMime({ clock: { now: () => time } })
  const f = mime(
    async key => {
      if (key.startsWith('new')) await gate
      return key
    },
    { maxEntries: 20, ttl: value => (value.startsWith('short') ? '10ms' : '1h') },
  )
  for (let n = 0; n < 10; n++) {
    await f(`long ${n}`)
    await f(`short ${n}`)
  }
  /** @type {string[]} */
  const gone = []
  f.on('remove', ({ cause, value }) => gone.push(`${cause} ${value}`))
  const loads = Array.from({ length: 10 }, (_, n) => f(`new ${n}`))
  time = 1000
  open()
  await Promise.all(loads)
  const expired = Array.from({ length: 10 }, (_, n) => `expired short ${n}`)
  assert.deepEqual([gone.sort(), f.stats().removals.size], [expired, 0])
})
