import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { counted, gate, manual, settled } from '../calls/wrapped.mjs'

/** One load per key over all who share a store, against a store whose locks are in this process. Each `mime` here stands for a process. */

/** @param {{ hints?: boolean }} [options] `hints`: who waits is told that the lock was given back, instead of getting it */
function locking({ hints = false } = {}) {
  const store = memoryStore()
  /** @type {Map<string, (() => void)[]>} */
  const queues = new Map()
  const log = { locks: 0, released: 0, aborted: 0 }
  const release = digest => () => {
    log.released++
    const waiting = queues.get(digest)
    if (hints || waiting.length === 0) queues.delete(digest)
    if (hints) for (const next of waiting) next()
    else waiting.shift()?.()
  }
  /** @type {any} */
  const locked = {
    ...store,
    // Only the answer to who waits counts.
    getSync: undefined,
    lockScope: 'machine',
    async lock({ digest }, signal) {
      log.locks++
      if (!queues.has(digest)) {
        queues.set(digest, [])
        return release(digest)
      }
      await new Promise((resolve, reject) => {
        queues.get(digest).push(resolve)
        signal.addEventListener('abort', () => {
          log.aborted++
          reject(signal.reason)
        })
      })
      return hints ? undefined : release(digest)
    },
    log,
    isFree: () => queues.size === 0,
  }
  return locked
}

/** So many processes with the same function. @param {any} store @param {Function} fn @param {object} [options] @param {number} [count] */
function processes(store, fn, options, count = 3) {
  return Array.from({ length: count }, () => {
    const errors = []
    const onEvent = ({ type, code }) => type === 'error' && errors.push(code)
    const mime = createMime({
      store,
      singleFlight: 'machine',
      name: 'load',
      version: '1',
      onEvent,
      ...options,
    })
    return Object.assign(
      mime(async (...args) => fn(...args)),
      { errors },
    )
  })
}

/** @param {Promise<any>} call */
const answerOf = async call => (await Promise.allSettled([call]))[0]

for (const hints of [false, true]) {
  describe(
    hints ? 'a store that only says that it is worth looking' : 'a store that hands its lock on',
    () => {
      test('one load for all, and nothing stays locked', async () => {
        const store = locking({ hints })
        const { runs, load } = gate()
        const all = processes(store, load)
        const [first] = all
        const calls = [...all, ...all].map(f => f(1))
        await settled()
        assert.equal(runs.length, 1)
        runs[0].resolve('value')
        assert.deepEqual(await Promise.all(calls), Array(6).fill('value'))
        assert.deepEqual(all.map(f => f.stats().loads).sort(), [0, 0, 1])
        assert.deepEqual([await first(1), runs.length, store.isFree()], ['value', 1, true])
      })

      test('a load that fails frees the key, and the others load one after the other', async () => {
        const store = locking({ hints })
        const { runs, load } = gate()
        const calls = processes(store, load).map(f => answerOf(f(1)))
        for (let n = 0; n < 2; n++) {
          await settled()
          assert.equal(runs.length, n + 1)
          runs[n].reject(new Error(`failure ${n}`))
        }
        // Who found nothing twice rests.
        while (runs.length < 3) await sleep(1)
        runs[2].resolve('value')
        const answers = (await Promise.all(calls)).map(answer => answer.reason?.message ?? answer.value)
        assert.deepEqual(answers.sort(), ['failure 0', 'failure 1', 'value'])
        assert.ok(store.isFree())
      })
    },
  )
}

test('other keys are not waited for', async () => {
  const { runs, load } = gate()
  const [one, two] = processes(locking(), load)
  one(1)
  two(2)
  await settled()
  assert.equal(runs.length, 2)
})

test('a lock that nobody gives back is passed by, with an event', async () => {
  const store = locking()
  const { runs, load } = gate()
  const [stuck, f] = processes(store, load, { lockTimeout: '20ms' })
  stuck(1)
  const value = f(1)
  while (runs.length < 2) await sleep(5)
  assert.deepEqual([runs.length, f.errors, store.log.aborted], [2, ['ERR_LOCK_TIMEOUT'], 1])
  runs[1].resolve('value')
  assert.equal(await value, 'value')
})

test('a lockTimeout of 0 waits for nobody, and has a lock that is free', async () => {
  for (const hints of [false, true]) {
    const store = locking({ hints })
    const { runs, load } = gate()
    const [one, other] = processes(store, load, { lockTimeout: 0 })
    const values = [one(1), other(1)]
    while (runs.length < 2) await sleep(5)
    assert.deepEqual([one.errors, other.errors], [[], ['ERR_LOCK_TIMEOUT']])
    runs.forEach((run, i) => run.resolve(i))
    assert.deepEqual(await Promise.all(values), [0, 1])
    assert.equal(store.log.released, 1)
  }
})

test('a store that keeps saying that it is worth looking is passed by as well', async () => {
  const fn = counted(async () => 'value')
  const [f] = processes({ ...locking(), lock: async () => {} }, fn, { lockTimeout: '20ms' })
  assert.deepEqual([await f(1), fn.calls, f.errors], ['value', 1, ['ERR_LOCK_TIMEOUT']])
})

test('one that does so at once leaves the process room for everything else', async () => {
  let locks = 0
  const lock = async () => void locks++
  const [f] = processes({ ...locking(), lock }, async () => 'value', { lockTimeout: '300ms' })
  let ticks = 0
  const timer = setInterval(() => ticks++, 10)
  assert.equal(await f(1), 'value')
  clearInterval(timer)
  assert.ok(ticks > 0 && locks < 50, `${ticks} ticks, ${locks} locks`)
})

test('a lock that is free after some empty turns is had', async () => {
  const answers = [undefined, null, undefined, undefined]
  const release = counted(() => {})
  const lock = async () => (answers.length > 0 ? answers.pop() : release)
  const [f] = processes({ ...locking(), lock }, async () => 'value')
  assert.deepEqual([await f(1), release.calls, f.errors], ['value', 1, []])
})

test('a lock in somebody’s own promise, or in none, is given back', async () => {
  for (const wrap of [given => given, given => ({ then: resolve => resolve(given) })]) {
    const release = counted(() => {})
    const [f] = processes({ ...locking(), lock: () => wrap(release) }, async () => 'value')
    assert.deepEqual([await f(1), release.calls, f.errors], ['value', 1, []])
  }
})

test('a lock that fails, or is none, is an event and the function’s result', async () => {
  const boom = new Error('boom')
  const failing = [() => Promise.reject(boom), () => { throw boom }, () => 5, async () => 5] // biome-ignore format: one line
  for (const lock of failing) {
    const [f] = processes({ ...locking(), lock }, async () => 'value')
    assert.equal(await f(1), 'value')
    assert.equal(f.errors.length, 1)
  }
})

describe('AbortSignal', () => {
  test('who waits for another’s load leaves with his reason, and his lock goes back should it still come', async () => {
    const store = locking()
    let [late, signal] = []
    const { runs, load } = gate()
    const lock = (_key, given) => {
      signal = given
      return new Promise(resolve => (late = resolve))
    }
    const [f] = processes({ ...store, lock }, load)
    const controller = new AbortController()
    const call = f(1, controller.signal)
    await settled()
    const reason = new Error('enough')
    controller.abort(reason)
    await assert.rejects(call, error => error === reason)
    const release = counted(() => {})
    late(release)
    await settled()
    assert.deepEqual(
      [signal.aborted, runs.length, release.calls, f.errors, f.stats().pending],
      [true, 0, 1, [], 0],
    )
  })

  test('a lock that comes as the last caller leaves goes back once', async () => {
    const { runs, load } = gate()
    let give
    const [f] = processes({ ...locking(), lock: () => new Promise(resolve => (give = resolve)) }, load)
    const controller = new AbortController()
    const left = answerOf(f(1, controller.signal))
    await settled()
    const release = counted(() => {})
    give(release)
    controller.abort()
    await left
    await settled()
    assert.deepEqual([release.calls, runs.length, f.errors], [1, 0, []])
  })

  test('who rests between empty turns leaves at once, and the store is not asked again', async () => {
    const lock = counted(async () => {})
    const [f] = processes({ ...locking(), lock }, async () => 'value')
    const controller = new AbortController()
    const left = answerOf(f(1, controller.signal))
    while (lock.calls < 3) await sleep(1)
    controller.abort()
    const { status } = await left
    const asked = lock.calls
    await sleep(120)
    assert.deepEqual([status, lock.calls - asked, f.errors, f.stats().pending], ['rejected', 0, [], 0])
  })

  test('a load whose last caller has left keeps nobody waiting', async () => {
    const store = locking()
    const { runs, load } = gate()
    const [one, two] = processes(store, load)
    const controller = new AbortController()
    const left = answerOf(one(1, controller.signal))
    await settled()
    const other = two(1)
    controller.abort()
    await left
    await settled()
    assert.equal(runs.length, 2)
    runs[1].resolve('value')
    assert.equal(await other, 'value')
  })
})

test('a load that was invalidated does not keep the next one of its own process waiting', async () => {
  const store = locking()
  const { runs, load } = gate()
  const [f, other] = processes(store, load)
  const old = f(1)
  await settled()
  f.invalidate(1)
  const next = f(1)
  const third = other(1)
  await settled()
  assert.equal(runs.length, 2)
  runs[0].resolve('old')
  assert.equal(await old, 'old')
  await settled()
  assert.deepEqual([runs.length, store.isFree()], [2, false])
  runs[1].resolve('new')
  assert.deepEqual(await Promise.all([next, third]), ['new', 'new'])
  assert.ok(store.isFree())
})

describe('what there is already', () => {
  const SECOND = 1000
  /** Each process has its own value `old`, of the same age. */
  async function aged(options) {
    const clock = manual()
    const store = locking()
    const { runs, load } = gate()
    const all = processes(store, load, { clock, ttl: '1s', ...options }, 2)
    const first = all.map(f => f(1))
    await settled()
    clock.time += 1
    runs[0].resolve('old')
    await Promise.all(first)
    return { clock, store, runs, all }
  }

  test('an expired value is loaded anew once, in the background', async () => {
    const { clock, store, runs, all } = await aged({ staleWhileRevalidate: '1m' })
    clock.time += 2 * SECOND
    store.clear('load\x001')
    assert.deepEqual(await Promise.all(all.map(f => f(1))), ['old', 'old'])
    await settled()
    assert.equal(runs.length, 2)
    runs[1].resolve('new')
    await settled()
    assert.deepEqual(await Promise.all(all.map(f => f(1))), ['new', 'new'])
    assert.equal(runs.length, 2)
  })

  test('one that may stand in for an error is loaded anew once, and stands in while another loads', async () => {
    const { clock, store, runs, all } = await aged({ timeout: '20ms', staleIfError: '1m' })
    clock.time += 2 * SECOND
    store.clear('load\x001')
    const calls = all.map(f => f(1))
    assert.deepEqual(await Promise.all(calls), ['old', 'old'])
    assert.equal(runs.length, 2)
    // The load itself, which began later, is not timed as well.
    await sleep(30)
    runs[1].resolve('new')
    await settled()
    assert.deepEqual(all.map(f => f.stats().stale), [1, 1]) // biome-ignore format: one line
    assert.deepEqual(await Promise.all(all.map(f => f(1))), ['new', 'new'])
    assert.equal(runs.length, 2)
  })

  test('a call that could have got the old value, and gets what another stored, is one miss', async () => {
    const { clock, store, runs, all } = await aged({ staleIfError: '1m' })
    const misses = []
    for (const f of all) f.on('miss', () => misses.push(f))
    clock.time += 2 * SECOND
    store.clear('load\x001')
    const calls = all.map(f => f(1))
    await settled()
    runs[1].resolve('new')
    assert.deepEqual(await Promise.all(calls), ['new', 'new'])
    assert.deepEqual([misses.length, runs.length], [2, 2])
  })

  test('loading early is not answered with what is there', async () => {
    const { runs, all } = await aged({ refreshAhead: 1e9 })
    const [f] = all
    assert.equal(await f(1), 'old')
    await settled()
    assert.equal(runs.length, 2)
  })

  test('refresh loads, whoever else does', async () => {
    const { runs, all } = await aged()
    for (const f of all) f.refresh(1)
    assert.equal(runs.length, 3)
  })
})

describe('when wrapping', () => {
  const refused = (fn, options, words) =>
    assert.throws(
      () => createMime()(fn, { name: 'f', ...options }),
      error => {
        // biome-ignore format: one line
        assert.equal(error.code, 'ERR_INVALID_OPTION')
        assert.match(error.message, words)
        return true
      },
    )
  const fn = async x => x

  test('what is asked for and cannot be is refused', () => {
    refused(fn, { singleFlight: 'machine' }, /with no store: 'machine' needs .*diskStore/)
    refused(fn, { singleFlight: 'origin' }, /with no store: 'origin' needs .*indexedDBStore/)
    refused(fn, { singleFlight: 'machine', store: memoryStore() }, /one that has no locks/)
    const store = locking()
    refused(fn, { singleFlight: 'origin', store }, /locks for 'machine'/)
    refused(fn, { singleFlight: 'machine', store: { ...store, lock: undefined } }, /needs a store/)
    refused(x => x, { singleFlight: 'machine', store }, /not async.*write async/)
    refused(fn, { singleFlight: 'cluster', store }, /'machine', 'origin' or 'fleet'/)
    refused(fn, { lockTimeout: -1 }, /lockTimeout/)
    for (const lockScope of ['origin', 'fleet'])
      createMime()(fn, { name: 'f', singleFlight: lockScope, store: { ...store, lockScope } })
  })

  test('where the defaults ask for it a sync function computes by itself', () => {
    const store = locking()
    const mime = createMime({ store, singleFlight: 'machine' })
    const f = mime(function double(x) { return 2 * x }) // biome-ignore format: one line
    assert.deepEqual([f(2), store.log.locks], [4, 0])
  })

  test('keys that nobody else has, and results that are not stored, lock nothing', async () => {
    const store = locking()
    const [f] = processes(store, async () => 1)
    const [g] = processes(store, async () => 1, { ttl: 0 })
    await Promise.all([f({ a() {} }), f(new (class {})()), g(1)])
    assert.equal(store.log.locks, 0)
  })
})
