import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { counted, gate, isWaiting, manual, settled } from '../calls/wrapped.mjs'

const clock = manual()
const mime = createMime({ clock })
const signal = () => new AbortController().signal
const boom = new Error('boom')

/** Where a signal may stand, and where the function then finds one. */
const PLACES = {
  'the last argument': [s => ['a', s], args => args[1]],
  'the first argument': [s => [s, 'a'], args => args[0]],
  'an options object': [s => ['a', { deep: 1, signal: s }], args => args[1].signal],
  'deep in arrays, objects and Maps': [
    s => [{ list: [new Map([['k', { s }]])] }],
    args => args[0].list[0].get('k').s,
  ],
  'a null-prototype object': [s => [Object.assign(Object.create(null), { s })], args => args[0].s],
  'a frozen object': [s => [Object.freeze({ s, a: 1 })], args => args[0].s],
  'an object with a cycle': [
    s => {
      const node = { s }
      node.self = node
      return [node]
    },
    args => args[0].self.self.s,
  ],
}

for (const [place, [argsWith, signalIn]] of Object.entries(PLACES)) {
  test(`${place}: no part of the key, replaced by one that ends with the last caller`, async () => {
    const { runs, load } = gate()
    const f = mime(load)
    const [one, two] = [new AbortController(), new AbortController()]
    const given = argsWith(one.signal)
    const first = f(...given)
    const second = f(...argsWith(two.signal))
    assert.equal(runs.length, 1)
    const own = signalIn(runs[0].args)
    assert.ok(own instanceof AbortSignal && own !== one.signal && own !== two.signal)
    assert.equal(signalIn(given), one.signal, 'the caller’s object stays as it is')
    one.abort(boom)
    await assert.rejects(first, error => error === boom)
    assert.equal(await isWaiting(second), true)
    assert.equal(own.aborted, false)
    const last = { any: 'value' }
    two.abort(last)
    assert.equal(await second.catch(reason => reason), last)
    assert.deepEqual([own.aborted, own.reason === last], [true, true])
    assert.equal(f.stats().pending, 0)
  })
}

describe('a call of something else while the signals of this one are looked for', () => {
  const other = mime(x => x)

  test('by `clone`: the load in the background keeps a signal of its own', async () => {
    const { runs, load } = gate()
    const clone = value => {
      other(5)
      return structuredClone(value)
    }
    const f = mime(load, { ttl: '1s', staleWhileRevalidate: '1m', clone })
    const first = f(1, signal())
    runs[0].resolve('old')
    await first
    clock.time += 1500
    const one = new AbortController()
    assert.equal(await f(1, one.signal), 'old')
    one.abort(boom)
    assert.equal(runs[1].args[1].aborted, false)
  })

  test('by a proxy that is copied: who joins may leave', async () => {
    const { runs, load } = gate()
    const f = mime(load, { tags: () => ['t'] })
    const given = () =>
      new Proxy(
        { id: 1 },
        {
          getPrototypeOf(target) {
            other(5)
            return Reflect.getPrototypeOf(target)
          },
        },
      )
    const first = f(given(), signal())
    const one = new AbortController()
    const second = f(given(), one.signal)
    assert.equal(runs.length, 1)
    one.abort(boom)
    await assert.rejects(second, boom)
    runs[0].resolve('v')
    assert.equal(await first, 'v')
  })
})

describe('what a signal leaves', () => {
  test('when the last has left the next call loads at once; what the old load brings is not stored', async () => {
    const { runs, load } = gate()
    const f = mime(load)
    const one = new AbortController()
    const left = f(1, one.signal)
    one.abort()
    const call = f(1, signal())
    assert.equal(runs.length, 2)
    await assert.rejects(left, { name: 'AbortError' })
    runs[0].resolve('old')
    assert.equal(await isWaiting(call), true)
    runs[1].resolve('new')
    assert.deepEqual([await call, await f(1, signal())], ['new', 'new'])
  })

  test('one caller without a signal keeps the load, whether first or later', async () => {
    for (const order of [0, 1]) {
      const { runs, load } = gate()
      const f = mime(load)
      const one = new AbortController()
      const calls = order === 0 ? [f(1), f(1, one.signal)] : [f(1, one.signal), f(1)]
      calls[1 - order].catch(() => {})
      one.abort(boom)
      await assert.rejects(calls[1 - order], error => error === boom)
      const own = runs[0].args[1]
      assert.equal(own?.aborted ?? false, false)
      runs[0].resolve('v')
      assert.equal(await calls[order], 'v')
      assert.equal(await f(1), 'v')
    }
  })

  test('abort after the value is there changes nothing', async () => {
    const { runs, load } = gate()
    const f = mime(load)
    const one = new AbortController()
    const call = f(1, one.signal)
    runs[0].resolve('v')
    await call
    one.abort()
    assert.equal(runs[0].args[1].aborted, false)
    assert.equal(await f(1), 'v')
  })

  test('nor between the end of the load and the caller’s own turn', async () => {
    const { runs, load } = gate()
    const f = mime(load)
    const one = new AbortController()
    const call = f(1, one.signal)
    runs[0].resolve('v')
    for (let turns = 0; f.peek(1) === undefined && turns < 20; turns++) await null
    one.abort()
    await call.catch(() => {})
    assert.equal(runs[0].args[1].aborted, false)
    assert.equal(await f(1), 'v')
  })

  test('two signals of one caller: either lets him go, with its own reason', async () => {
    for (const which of [0, 1]) {
      const { runs, load } = gate()
      const f = mime(load)
      const two = [new AbortController(), new AbortController()]
      const call = f(two[0].signal, { signal: two[1].signal })
      assert.equal(runs[0].args[0], runs[0].args[1].signal)
      two[which].abort(which)
      assert.equal(await call.catch(reason => reason), which)
      assert.equal(runs[0].args[0].aborted, true)
    }
  })

  test('no listeners stay on a signal that lives on', async () => {
    const long = signal()
    let listeners = 0
    const { addEventListener, removeEventListener } = long
    long.addEventListener = (...args) => { listeners++; addEventListener.apply(long, args) } // biome-ignore format: one line
    long.removeEventListener = (...args) => { listeners--; removeEventListener.apply(long, args) } // biome-ignore format: one line
    const f = mime(async x => {
      if (x === 2) throw boom
      return x
    })
    await Promise.all([f(1, long), f(1, long), f(2, long).catch(() => {})])
    await settled()
    assert.equal(listeners, 0)
  })
})

describe('aborted before', () => {
  test('an async function is not called; its caller gets the very reason', async () => {
    const { runs, load } = gate()
    const f = mime(load)
    assert.equal(await f(1, AbortSignal.abort(boom)).catch(reason => reason), boom)
    assert.deepEqual([runs.length, f.stats().pending, f.stats().loads], [0, 0, 0])
  })

  test('a hit is a hit, and no load is joined', async () => {
    const { runs, load } = gate()
    const f = mime(load)
    const running = f(1)
    await assert.rejects(f(1, AbortSignal.abort(boom)), error => error === boom)
    runs[0].resolve('v')
    await running
    assert.equal(await f(1, AbortSignal.abort(boom)), 'v')
  })

  test('a refresh and a reload of an expired value leave the old entry', async () => {
    const { runs, load } = gate()
    const f = mime(load, { ttl: '1s', staleIfError: '1m' })
    f.set([1], 'old')
    await assert.rejects(f.refresh(1, AbortSignal.abort(boom)), error => error === boom)
    assert.equal(await f(1), 'old')
    clock.time += 1500
    await assert.rejects(f(1, AbortSignal.abort(boom)), error => error === boom)
    assert.equal(runs.length, 0)
    const call = f(1)
    runs[0].reject(boom)
    assert.equal(await call, 'old')
  })

  test('a function not known to be async yet is called, and its caller does not wait', async () => {
    const seen = []
    const f = mime(given => {
      seen.push(given)
      return new Promise(() => {})
    })
    assert.equal(await f(AbortSignal.abort(boom)).catch(reason => reason), boom)
    assert.deepEqual([seen.length, seen[0].aborted, seen[0].reason === boom], [1, true, true])
    assert.equal(f.stats().pending, 0)
  })

  test('a sync function gets it aborted', () => {
    const f = mime(given => given.aborted)
    assert.equal(f(AbortSignal.abort()), true)
  })
})

test('a function that aborts its caller before it returns', async () => {
  const one = new AbortController()
  let own
  const f = mime(async given => {
    own = given
    one.abort(boom)
    return new Promise(() => {})
  })
  assert.equal(await f(one.signal).catch(reason => reason), boom)
  assert.deepEqual([own.aborted, f.stats().pending], [true, 0])
})

test('a function that rejects with its signal’s reason: each has the own one, and nobody is unhandled', async () => {
  const f = mime(given => new Promise((_, reject) => { given.addEventListener('abort', () => reject(given.reason)) })) // biome-ignore format: one line
  const two = [new AbortController(), new AbortController()]
  const calls = two.map(({ signal: own }) => f(own).catch(reason => reason))
  two.forEach((controller, i) => { controller.abort(i) }) // biome-ignore format: one line
  assert.deepEqual(await Promise.all(calls), [0, 1])
  await settled()
})

test('while a store is asked one may leave; the function is then not called', async () => {
  const store = { ...memoryStore(), getSync: undefined, get: () => new Promise(() => {}) }
  const fn = counted()
  const f = mime(async function named(x, given) { return fn(x, given) }, { store, storeTimeout: '5ms' }) // biome-ignore format: one line
  const one = new AbortController()
  const call = f(1, one.signal)
  one.abort(boom)
  await assert.rejects(call, error => error === boom)
  await new Promise(resolve => setTimeout(resolve, 20))
  assert.equal(fn.calls, 0)
})

test('with the option key signals are found in the arguments; the key need not know', async () => {
  const { runs, load } = gate()
  const f = mime(load, { key: id => id })
  const one = new AbortController()
  const call = f(1, { signal: one.signal })
  assert.notEqual(runs[0].args[1].signal, one.signal)
  one.abort(boom)
  await assert.rejects(call, error => error === boom)
  assert.equal(runs[0].args[1].signal.aborted, true)
})

test('a background load gets a signal that nobody aborts', async () => {
  for (const options of [{ staleWhileRevalidate: '1m' }, { timeout: '1ms', staleIfError: '1m' }]) {
    const { runs, load } = gate()
    const f = mime(load, { ttl: '1s', ...options })
    f.set([1], 'old')
    clock.time += 1500
    const one = new AbortController()
    assert.equal(await f(1, one.signal), 'old')
    one.abort()
    await settled()
    const own = runs[0].args[1]
    assert.deepEqual([own instanceof AbortSignal, own === one.signal, own.aborted], [true, false, false])
    runs[0].resolve('new')
    await settled()
    assert.equal(await f(1), 'new')
  }
})

test('without sharing each run has its own caller’s signal, or ends with it', async () => {
  const { runs, load } = gate()
  const f = mime(load, { singleFlight: false })
  const two = [new AbortController(), new AbortController()]
  const calls = two.map(({ signal: own }) => f(1, own))
  assert.equal(runs.length, 2)
  two[1].abort(boom)
  assert.deepEqual(runs.map(({ args }) => args[1].aborted), [false, true]) // biome-ignore format: one line
  runs[0].resolve('v')
  runs[1].reject(boom)
  assert.equal(await calls[0], 'v')
  await assert.rejects(calls[1], error => error === boom)
})

test('arguments that call memoized functions while signals are looked for change no result', async () => {
  const other = mime(x => x)
  let asked = 0
  const hostile = tag =>
    new Proxy({ tag }, {
      getPrototypeOf(target) {
        for (let i = 0; i < 3; i++) other(`${tag}${asked++}`)
        other.invalidate(`${tag}${asked - 1}`)
        return Reflect.getPrototypeOf(target)
      },
    }) // biome-ignore format: one line
  const f = mime(async ({ tag }) => tag, { ttl: '1s', staleIfError: '1m' })
  const args = tag => [hostile(tag), signal()]
  for (const tag of ['a', 'b', 'a', 'b']) {
    assert.equal(await f(...args(tag)), tag)
    assert.equal(await f.refresh(...args(tag)), tag)
    clock.time += 600
  }
  assert.equal(await f({ tag: 'a' }), 'a')
  assert.equal(f.stats().pending, 0)
})

test('what holds a signal stays what it is but for that', async () => {
  const f = mime(async (map, set) => [
    map.unit,
    map.get('a'),
    set.unit,
    [...set][0].b,
    map.get('s') instanceof AbortSignal,
  ])
  const map = Object.assign(new Map([['a', 1], ['s', signal()]]), { unit: 'cm' }) // biome-ignore format: one line
  const set = Object.assign(new Set([{ b: 2, s: signal() }]), { unit: 'mm' })
  assert.deepEqual(await f(map, set), ['cm', 1, 'mm', 2, true])
})

describe('a signal in whose place no other can be put: who leaves by it leaves alone', () => {
  class Query {
    constructor(signal) {
      this.signal = signal
    }
    [mime.key]() {
      return ['query', this.signal]
    }
  }
  const places = {
    'in what [mime.key]() returns': s => new Query(s),
    'a member of a Set': s => new Set([s]),
    'a key of a Map': s => new Map([[s, 1]]),
    'the cause of an error': s => new Error('a', { cause: s }),
  }
  const find = arg => arg.signal ?? arg.cause ?? [...arg].flat()[0]
  for (const [what, make] of Object.entries(places)) {
    test(what, async () => {
      let loads = 0
      const f = mime(async arg => {
        loads++
        await new Promise((resolve, reject) => {
          const signal = find(arg)
          signal.addEventListener('abort', () => reject(signal.reason))
          setTimeout(resolve, 20)
        })
        return 'done'
      })
      const [first, second] = [new AbortController(), new AbortController()]
      const calls = [f(make(first.signal)), f(make(second.signal)), f(make(signal()))]
      first.abort(boom)
      await assert.rejects(calls[0], error => error === boom)
      assert.deepEqual([await calls[1], await calls[2], loads], ['done', 'done', 2])
      const { hits, misses, coalesced, pending } = f.stats()
      assert.deepEqual({ hits, misses, coalesced, pending }, { hits: 0, misses: 2, coalesced: 1, pending: 0 })
    })
  }
})

test('the same for a refresh that another joins', async () => {
  const f = mime(async (_, set) => {
    const [own] = set
    await new Promise((resolve, reject) => {
      own.addEventListener('abort', () => reject(own.reason))
      setTimeout(resolve, 20)
    })
    return 'done'
  })
  const controller = new AbortController()
  const refreshed = f.refresh(1, new Set([controller.signal]))
  const joined = f(1, new Set([signal()]))
  controller.abort(boom)
  await assert.rejects(refreshed, error => error === boom)
  assert.equal(await joined, 'done')
})
