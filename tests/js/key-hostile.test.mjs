import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { mime } from '../../js/entry/inline.js'
import '../property/forged.mjs'
import '../property/reentry.mjs'
import { assertByIdentity, assertDistinct, assertSame, assertSound, recorder } from '../property/calls.mjs'

/** Arguments made to break a walk. Nothing may throw out of the cache, nothing be confused, and the next call has to work. */

const refuse = () => {
  throw new Error('hostile')
}
const TRAPS = Object.getOwnPropertyNames(Reflect)
const throwing = (target = {}) => new Proxy(target, Object.fromEntries(TRAPS.map(name => [name, refuse])))
const revoked = (target = {}) => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}
/** Runs with a property of a builtin replaced. */
function patched(object, name, value, body) {
  const before = Object.getOwnPropertyDescriptor(object, name)
  Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: false })
  try {
    return body()
  } finally {
    if (before) Object.defineProperty(object, name, before)
    else delete object[name]
  }
}

describe('what throws when it is read', () => {
  const makers = {
    'a getter': () => ({ a: 1, get b() { return refuse() } }), // biome-ignore format: one line
    'a getter in an array': () => Object.defineProperty([1, 2], 1, { get: refuse, enumerable: true }),
    'a getter on a Map': () => Object.defineProperty(new Map(), 'x', { get: refuse, enumerable: true }),
    'a getter under a symbol': () =>
      Object.defineProperty({}, Symbol.for('x'), { get: refuse, enumerable: true }),
    'a proxy': () => throwing(),
    'a proxy of an array': () => throwing([]),
    'a proxy of a function': () => throwing(() => {}),
    'a revoked proxy': () => revoked(),
    'a revoked proxy of an array': () => revoked([]),
    'a revoked proxy of a function': () => revoked(() => {}),
    'a [mime.key]() that throws': () => new (class K { [mime.key]() { refuse() } })(), // biome-ignore format: one line
    'an Error whose message throws': () => Object.defineProperty(new Error('a'), 'message', { get: refuse }),
    'a proxy whose length is no length': () => new Proxy([1], { get: () => -1 }),
  }
  const wrappers = {
    'as an argument': value => value,
    'in an object': value => ({ value }),
    'in an array': value => [1, value],
    'in a Map': value => new Map([[1, value]]),
    'as a key of a Map': value => new Map([[value, 1]]),
    'in a Set': value => new Set([value]),
    'as a cause': value => new Error('a', { cause: value }),
    'below 100 arrays': value => Array.from({ length: 100 }).reduce(inner => [inner], value),
    'after 100 KB': value => ['x'.repeat(100_000), value],
  }
  for (const [what, make] of Object.entries(makers)) {
    for (const [where, wrap] of Object.entries(wrappers)) {
      test(`${what}, ${where}`, () => assertByIdentity(() => wrap(make())))
    }
  }

  test('the other arguments still count', () => {
    const f = recorder()
    const bad = throwing()
    for (const long of ['', 'x'.repeat(70_000)]) {
      const first = f('a', bad, `${long}b`)
      assert.equal(f('a', bad, `${long}b`), first)
      assert.notEqual(f('a', bad, `${long}c`), first)
      assert.notEqual(f(`${long}aa`, bad, 'b'), f(`${long}ab`, bad, 'b'))
      assert.notEqual(f('a', { long, get x() { return refuse() } }, 'b'), f('a', bad, 'b')) // biome-ignore format: one line
    }
    assertSound(f)
  })

  test('a hostile `this`', () => {
    const f = recorder()
    const [a, b] = [throwing(), revoked()]
    assert.equal(f.call(a, 1), f.call(a, 1))
    assert.notEqual(f.call(a, 1), f.call(b, 1))
  })
})

describe('sizes', () => {
  // What a WeakRef was made for lives until the turn ends; without one these would all be alive at once.
  afterEach(() => new Promise(resolve => setImmediate(resolve)))

  const large = {
    'a million keys': last => Object.fromEntries(Array.from({ length: 1e6 }, (_, i) => [`k${i}`, i && last])),
    '50 MB of ASCII': last => 'a'.repeat(5e7) + last,
    '50 MB of wide text': last => 'é'.repeat(5e7) + last,
    'a 50 MB buffer': last => new Uint8Array(5e7).fill(Number(last), 5e7 - 1),
    '20,000 arrays': last => Array.from({ length: 20_000 }).reduce(inner => [inner], last),
    '20,000 objects': last => Array.from({ length: 20_000 }).reduce(inner => ({ inner }), last),
    '20,000 Maps': last => Array.from({ length: 20_000 }).reduce(inner => new Map([[inner, 1]]), last),
    '20,000 causes': last =>
      Array.from({ length: 20_000 }).reduce(cause => new Error('', { cause }), new Error(last)),
  }
  for (const [what, make] of Object.entries(large)) {
    test(what, () => {
      assertSame(make('1'), make('1'))
      assertDistinct(make('1'), make('2'))
    })
  }

  test('exponentially shared references end in bounded time and memory', () => {
    const share = leaf => Array.from({ length: 30 }).reduce(x => [x, x], leaf)
    const began = performance.now()
    const f = recorder()
    assert.ok(f(share(1)) !== f(share(2)))
    assert.ok(performance.now() - began < 30_000)
  })

  test('sparse arrays cost what they hold', () => {
    const long = (length, fill = []) => Object.assign([], fill, { length })
    const far = i => Object.assign([], { [i]: 1 })
    assertSame(long(2 ** 32 - 1), long(2 ** 32 - 1))
    assertSame(far(1e9), far(1e9))
    assertDistinct(long(2 ** 32 - 1), long(2 ** 32 - 2), long(1e9), far(1e9), far(1e9 + 1), far(2 ** 32 - 2))
    assertDistinct(long(70_000), long(70_000, [undefined]), Object.assign(long(70_000), { x: 1 }))
  })
})

describe('cycles', () => {
  const containers = {
    object: inner => Object.assign(inner.self, { a: inner.self, tag: inner.tag }),
    array: inner => Object.assign(inner.list, { 0: inner.list, 1: inner.tag }),
    'key of a Map': inner => inner.map.set(inner.map, inner.tag),
    'value of a Map': inner => inner.map.set(inner.tag, inner.map),
    Set: inner => inner.set.add(inner.set).add(inner.tag),
    Error: inner => Object.assign(inner.error, { cause: inner.error, tag: inner.tag }),
    'property of a Date': inner => Object.assign(inner.date, { me: inner.date, tag: inner.tag }),
  }
  const fresh = tag => ({
    tag,
    self: {},
    list: [],
    map: new Map(),
    set: new Set(),
    error: new Error('e'),
    date: new Date(0),
  })
  for (const [what, make] of Object.entries(containers)) {
    test(what, () => {
      assertSame(make(fresh(1)), make(fresh(1)))
      assertDistinct(make(fresh(1)), make(fresh(2)))
    })
  }
  test('across the depth at which containers are put off', () => {
    const ring = (length, tag) => {
      const first = [tag]
      let last = first
      for (let i = 1; i < length; i++) last.push((last = [i]))
      last.push(first)
      return first
    }
    for (const length of [63, 64, 65, 66, 128, 129, 300]) {
      assertSame(ring(length, 'a'), ring(length, 'a'))
      assertDistinct(ring(length, 'a'), ring(length, 'b'), ring(length + 1, 'a'))
    }
  })
  test('[mime.key]() that returns its own object', () => {
    class Self {
      [mime.key]() {
        return this
      }
    }
    class Pair {
      constructor(x) {
        this.x = x
      }
      [mime.key]() {
        return [this.x, this]
      }
    }
    // It says nothing of it.
    assertByIdentity(() => new Self())
    assertSame(new Pair(1), new Pair(1))
    assertDistinct(new Pair(1), new Pair(2), new Self())
  })
})

describe('arguments that change while they are read', () => {
  const makers = {
    'an array that grows': last => {
      const array = [0, 1, last]
      return Object.defineProperty(array, 0, { get: () => array.push(9), enumerable: true })
    },
    'an array that shrinks': last => {
      const array = [last, 0, 1, 2]
      return Object.defineProperty(array, 1, {
        configurable: true,
        enumerable: true,
        get: () => (array.length = 2),
      })
    },
    'a Map that is emptied': last => {
      const map = new Map()
      return map.set({ get a() { return map.clear() } }, 1).set(2, last) // biome-ignore format: one line
    },
    'a Set that is emptied': last => {
      const set = new Set()
      return set.add({ get a() { return set.clear() } }).add(last) // biome-ignore format: one line
    },
    'an object that loses its keys': last => ({
      first: last,
      get a() {
        delete this.b
        return 1
      },
      b: 2,
    }),
    'an object that changes its prototype': last => ({
      first: last,
      get a() {
        Object.setPrototypeOf(this, Map.prototype)
        return 1
      },
      b: 2,
    }),
    'an array that becomes an object': last => {
      const array = [last, 1]
      return Object.defineProperty(array, 1, {
        get: () => Object.setPrototypeOf(array, null),
        enumerable: true,
      })
    },
  }
  for (const [what, make] of Object.entries(makers)) {
    test(what, () => {
      assertDistinct(make(1), make(2), make('1'))
    })
  }
})

describe('monkey-patched builtins', () => {
  const pair =
    (make, body = assertDistinct) =>
    () =>
      body(make(1), make(2))
  const empty = () => [][Symbol.iterator]()
  const nothing = () => []
  const cases = [
    ['Map.prototype.entries', Map.prototype, 'entries', empty, pair(i => new Map([[i, i]]))],
    ['Map.prototype[Symbol.iterator]', Map.prototype, Symbol.iterator, empty, pair(i => new Map([[i, i]]))],
    ['Set.prototype.values', Set.prototype, 'values', empty, pair(i => new Set([i]))],
    [
      'Object.prototype.toString',
      Object.prototype,
      'toString',
      () => '[object Object]',
      pair(i => /a/g && new RegExp(`${i}`)),
    ],
    ['Date.prototype.getTime', Date.prototype, 'getTime', () => 0, pair(i => new Date(i))],
    ['RegExp.prototype.toString', RegExp.prototype, 'toString', () => '', pair(i => new RegExp(`${i}`))],
    ['Error.prototype.toString', Error.prototype, 'toString', () => '', pair(i => new Error(`${i}`))],
    ['URL.prototype.toString', URL.prototype, 'toString', () => '', pair(i => new URL(`a:${i}`))],
    ['Function.prototype.toString', Function.prototype, 'toString', () => '', pair(() => () => 1)],
  ]
  for (const [name, object, key, value, body] of cases) {
    test(name, () => patched(object, key, value, body))
  }

  // The values are made before the patch and looked at after it: only the cache meets the patched method.
  const values = i => [[i], { [Symbol.for('s')]: i }, { [`k${'x'.repeat(300)}`]: i }, new Map([[i, i]])]
    .concat([new Set([i]), new RegExp(`${i}`), new Error(`${i}`), Object.assign([0], { x: i }), new Date(i)]) // biome-ignore format: a table
  const methods = [
    [Symbol.iterator, function* () {}],
    ['map', nothing],
    ['filter', nothing],
    ['slice', nothing],
    ['some', () => false],
    ['sort', nothing],
    ['push', () => 0],
    ['pop', () => undefined],
    ['indexOf', () => -1],
  ]
  for (const [method, fake] of methods) {
    test(`Array.prototype.${String(method)}`, () => {
      for (const [i, a] of values(1).entries()) {
        const b = values(2)[i]
        const f = recorder()
        let error
        const [left, right] = patched(Array.prototype, method, fake, () => {
          const got = Array(2)
          try {
            got[0] = f(a)
            got[1] = f(b)
          } catch (caught) {
            error = caught
          }
          return { __proto__: null, 0: got[0], 1: got[1], [Symbol.iterator]: function* () { yield got[0]; yield got[1] } } // biome-ignore format: one line
        })
        assert.equal(error, undefined)
        assert.notEqual(left, right, `value ${i}`)
        assertSound()
      }
    })
  }

  test('an enumerable property on Object.prototype', () => {
    Object.defineProperty(Object.prototype, 'polluted', {
      value: 1,
      enumerable: true,
      configurable: true,
      writable: true,
    })
    try {
      assertDistinct({}, { polluted: 1 }, { a: 1 }, [], Object.assign([], { polluted: 1 }))
      assertSame({ a: 1 }, { a: 1 }, Object.assign(Object.create(null), { a: 1 }))
    } finally {
      delete Object.prototype.polluted
    }
    assertSame({ a: 1 }, { a: 1 })
  })

  test('an index on Array.prototype', () => {
    const [hole, item] = [[1, , 3], [1, 'x', 3]] // biome-ignore format: a hole
    const extra = i => Object.assign([1, , 3], { extra: i }) // biome-ignore format: a hole
    const [e1, e2] = [extra(1), extra(2)]
    const f = recorder()
    Array.prototype[1] = 'x'
    let records
    try {
      records = { hole: f(hole), item: f(item), e1: f(e1), e2: f(e2) }
    } finally {
      delete Array.prototype[1]
    }
    assert.notEqual(records.hole, records.item)
    assert.notEqual(records.e1, records.e2)
  })
})

test('a proxy of an array that lists its names in any order', () => {
  const listing = (array, names) => new Proxy(array, { ownKeys: () => names })
  const withExtra = (array, x) => Object.assign(array, { x })
  const backwards = array => listing(array, Reflect.ownKeys(array).reverse())
  for (const variants of [
    [backwards([1, 2]), backwards([3, 4])],
    [backwards(withExtra([1, 2], 'x')), backwards(withExtra([3, 4], 'x'))],
    [backwards([, 1]), backwards([, 2]), [undefined, 1]], // biome-ignore format: a hole
    [listing(withExtra([, 'b'], 1), ['x', 'length', '1']), listing(withExtra([, 'b'], 2), ['x', 'length', '1']), [undefined, 'b']], // biome-ignore format: a hole
  ]) {
    assertDistinct(...variants)
  }
})
