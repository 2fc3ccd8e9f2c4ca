import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, MimicRangeError, MimicTypeError, memoryStore, mime } from '../../js/entry/inline.js'

const named = function named(x) {
  return x
}

/** Each bad option: what is given, the error's class and code, and what its message has to name. */
const BAD = [
  ['a negative ttl', -1, RangeError, 'ERR_INVALID_OPTION', ['ttl', '-1', 'seconds']],
  ['a ttl of NaN', NaN, RangeError, 'ERR_INVALID_OPTION', ['ttl', 'NaN']],
  ['-Infinity', -Infinity, RangeError, 'ERR_INVALID_OPTION', ['ttl', '-Infinity']],
  ['an unknown unit', '5 weeks', RangeError, 'ERR_INVALID_OPTION', ['ttl', '"5 weeks"', "'5m'"]],
  ['a ttl without a unit', '5', RangeError, 'ERR_INVALID_OPTION', ['ttl', '"5"']],
  ['a negative ttl string', '-5s', RangeError, 'ERR_INVALID_OPTION', ['ttl', '"-5s"']],
  ['an empty ttl string', '', RangeError, 'ERR_INVALID_OPTION', ['ttl', '""']],
  ['a boolean ttl', true, TypeError, 'ERR_INVALID_OPTION', ['ttl', 'true']],
  ['a bigint ttl', 5n, TypeError, 'ERR_INVALID_OPTION', ['ttl', '5n']],
  ['a symbol as ttl', Symbol('x'), TypeError, 'ERR_INVALID_OPTION', ['ttl', 'a symbol']],
  ['ttl in an object', { ttl: -3 }, RangeError, 'ERR_INVALID_OPTION', ['ttl', '-3']],
  ['an array ttl in an object', { ttl: [] }, TypeError, 'ERR_INVALID_OPTION', ['ttl', 'an array']],
  ['options as an array', [60], TypeError, 'ERR_INVALID_OPTION', ['options', 'an array']],
  ['options as a Date', new Date(), TypeError, 'ERR_INVALID_OPTION', ['options', 'an object']],
  ['options as a Map', new Map(), TypeError, 'ERR_INVALID_OPTION', ['options']],
  ['a misspelt option', { maxEntires: 5 }, TypeError, 'ERR_UNKNOWN_OPTION', ['maxEntires', 'maxEntries']],
  ['another case', { TTL: 5 }, TypeError, 'ERR_UNKNOWN_OPTION', ['TTL', 'ttl']],
  ['an option that there is not', { colour: 1 }, TypeError, 'ERR_UNKNOWN_OPTION', ['colour', 'maxEntries']],
  ['a symbol option', { [Symbol('s')]: 1 }, TypeError, 'ERR_UNKNOWN_OPTION', ['Symbol(s)']],
  ['an option named like a method', { toString: 1 }, TypeError, 'ERR_UNKNOWN_OPTION', ['toString']],
  ['maxEntries below 0', { maxEntries: -1 }, RangeError, 'ERR_INVALID_OPTION', ['maxEntries', '-1', '0']],
  [
    'maxEntries with a fraction',
    { maxEntries: 1.5 },
    RangeError,
    'ERR_INVALID_OPTION',
    ['maxEntries', '1.5'],
  ],
  [
    'maxEntries too large',
    { maxEntries: 2 ** 29 },
    RangeError,
    'ERR_INVALID_OPTION',
    ['maxEntries', '536870912'],
  ],
  ['maxEntries as a string', { maxEntries: '10' }, TypeError, 'ERR_INVALID_OPTION', ['maxEntries', '"10"']],
  [
    'maxKeyBytes too small',
    { maxKeyBytes: 8 },
    RangeError,
    'ERR_INVALID_OPTION',
    ['maxKeyBytes', '8', '256'],
  ],
  ['maxKeyBytes null', { maxKeyBytes: null }, TypeError, 'ERR_INVALID_OPTION', ['maxKeyBytes', 'null']],
  ['a name that is empty', { name: '' }, TypeError, 'ERR_INVALID_OPTION', ['name', '""']],
  ['a name that is a number', { name: 5 }, TypeError, 'ERR_INVALID_OPTION', ['name', '5']],
  ['a name with NUL', { name: 'a\0b' }, TypeError, 'ERR_INVALID_OPTION', ['name', 'NUL']],
  ['a version that is no string', { version: 1 }, TypeError, 'ERR_INVALID_OPTION', ['version', '1']],
  ['a key that is no function', { key: 'id' }, TypeError, 'ERR_INVALID_OPTION', ['key', '"id"', 'function']],
  ['onEvent that is no function', { onEvent: {} }, TypeError, 'ERR_INVALID_OPTION', ['onEvent', 'an object']],
  ['a clock without now', { clock: {} }, TypeError, 'ERR_INVALID_OPTION', ['clock', 'now()']],
  ['a clock that is Date.now', { clock: Date.now }, TypeError, 'ERR_INVALID_OPTION', ['clock', 'a function']],
  ['a store that is none', { store: {} }, TypeError, 'ERR_INVALID_OPTION', ['store', 'get, set']],
  ['a store that is null', { store: null }, TypeError, 'ERR_INVALID_OPTION', ['store', 'null']],
  ['a Map as store', { store: new Map() }, TypeError, 'ERR_INVALID_OPTION', ['store', 'flush']],
  [
    'jitter in percent',
    { jitter: '10%' },
    RangeError,
    'ERR_INVALID_OPTION',
    ['jitter', '"10%"', 'a share of the ttl from 0 to 1, or a duration'],
  ],
  [
    'jitter that is true',
    { jitter: true },
    TypeError,
    'ERR_INVALID_OPTION',
    ['jitter', 'true', 'a share of the ttl from 0 to 1, or a duration'],
  ],
  [
    'jitter above 1',
    { jitter: Infinity },
    RangeError,
    'ERR_INVALID_OPTION',
    ['jitter', 'Infinity', 'a share of the ttl from 0 to 1, or a duration'],
  ],
  ['storeTimeout', { storeTimeout: 'soon' }, RangeError, 'ERR_INVALID_OPTION', ['storeTimeout', '"soon"']],
]

describe('bad options throw when wrapping', () => {
  for (const [what, given, Type, code, words] of BAD) {
    test(what, () => {
      let called = false
      const fn = () => (called = true)
      const check = error => {
        assert.ok(error instanceof Type, `${error.name} is no ${Type.name}`)
        assert.ok(error instanceof MimicTypeError || error instanceof MimicRangeError)
        assert.equal(error.code, code)
        for (const word of words)
          assert.ok(error.message.includes(word), `"${error.message}" does not name ${word}`)
        return true
      }
      assert.throws(() => mime(fn, given), check)
      assert.equal(called, false)
      if (typeof given === 'object' && !Array.isArray(given)) assert.throws(() => createMime(given), check)
    })
  }
})

describe('an option of another package is answered with the one that does it here', () => {
  for (const [name, meant] of Object.entries({
    max: 'maxEntries',
    maxSize: 'maxEntries',
    maxAge: 'ttl',
    maxage: 'ttl',
    expire: 'ttl',
    expires: 'ttl',
    stale: 'staleWhileRevalidate',
    swr: 'staleWhileRevalidate',
    resolver: 'key',
    cacheKey: 'key',
    normalizer: 'key',
    serializer: 'key',
    equals: 'key',
    isEqual: 'key',
    cache: 'store',
    dispose: 'onEvent',
    maxEntires: 'maxEntries',
    maxKey: 'maxKeyBytes',
    storeTimout: 'storeTimeout',
    timeOut: 'timeout',
    namespace: 'name',
  })) {
    test(name, () => {
      const message = `there is no option ${name}; did you mean ${meant}?`
      assert.throws(() => mime(named, { [name]: 1 }), { code: 'ERR_UNKNOWN_OPTION', message })
    })
  }

  test('a promise needs none', () => {
    for (const name of ['promise', 'isPromise'])
      assert.throws(() => mime(named, { [name]: true }), {
        code: 'ERR_UNKNOWN_OPTION',
        message: /needs none$/,
      })
  })
})

describe('what is wrapped', () => {
  for (const [what, value] of [
    ['a string', 'x'],
    ['an object', {}],
    ['null', null],
    ['nothing', undefined],
    ['a number', 3],
  ]) {
    // biome-ignore format: one line
    test(`${what} is refused`, () => {
      assert.throws(() => mime(value, 60), { code: 'ERR_NOT_A_FUNCTION', name: 'MimicTypeError' })
    })
  }

  test('a proxy that was revoked is refused, one that can be called is not', () => {
    const { proxy, revoke } = Proxy.revocable(named, {})
    assert.equal(mime(new Proxy(named, {}))(1), 1)
    revoke()
    for (const wrap of [mime, mime.batch]) {
      const error = { name: 'MimicTypeError', code: 'ERR_NOT_A_FUNCTION', message: /was revoked/ }
      assert.throws(() => wrap(proxy, 60), error)
    }
  })

  test('a method that is named class is none', () => {
    const { class: method } = { class(x) { return x + 1 } } // biome-ignore format: one line
    assert.equal(mime(method, 60)(1), 2)
  })

  test('a class is refused by name', () => {
    assert.throws(() => mime(class Api {}), error => error instanceof TypeError && error.code === 'ERR_NOT_A_FUNCTION' && error.message.includes('Api')) // biome-ignore format: one line
  })

  test('so are those of the language, but for those that are functions as well', () => {
    const classes = [
      Map,
      Set,
      WeakMap,
      Promise,
      Proxy,
      Uint8Array,
      ArrayBuffer,
      DataView,
      WeakRef,
      URL,
      Response,
    ]
    for (const one of classes.filter(one => Object.hasOwn(one, 'prototype')))
      assert.throws(() => mime(one), { code: 'ERR_NOT_A_FUNCTION', name: 'MimicTypeError' }, one.name)
    const functions = [
      Number,
      String,
      BigInt,
      Object,
      Array,
      RegExp,
      Date,
      TypeError,
      Symbol.for,
      Math.max,
      Intl.NumberFormat,
    ]
    for (const one of functions) assert.equal(typeof mime(one, 60), 'function', one.name)
    assert.equal(mime(Number, 60)('0x10'), 16)
    // An older kind of class is an ordinary function, also one that nobody can change.
    function Older() {}
    assert.equal(typeof mime(Object.freeze(Older), 60), 'function')
    assert.equal(mime(Math.max.bind(null, 3), 60)(1), 3)
  })

  test('wrapping again with the same options gives the same function, with others it is refused', () => {
    const once = mime(named, { ttl: '5m' })
    assert.equal(mime(once, { ttl: '5m' }), once)
    assert.equal(mime(once), mime(once))
    assert.throws(() => mime(once, { ttl: '6m' }), { code: 'ERR_ALREADY_WRAPPED' })
    assert.throws(() => mime(once, { maxEntries: 5 }), { code: 'ERR_ALREADY_WRAPPED' })
  })

  test('options are the same when they mean the same, however they are written', () => {
    const store = memoryStore()
    const own = createMime({ staleIfError: '1h', store })
    const tags = () => ['user']
    for (const [before, options] of [
      [60, '1m'],
      ['1m', { ttl: 60, maxEntries: 10_000, freeze: false, refreshAhead: false, clone: false }],
      [undefined, { ttl: null, name: 'named', staleIfError: 3600, store, singleFlight: 'process' }],
      [{ staleIfError: undefined }, { staleIfError: '60m', storeTimeout: '1000ms' }],
      [{ maxBytes: '1KiB' }, { maxBytes: 1024 }],
      [{ jitter: '1s' }, { jitter: '1000ms' }],
      [{ tags: ['user'] }, { tags: ['user'] }],
      [{ tags }, { tags }],
    ]) {
      const once = own(named, before)
      assert.equal(own(once, options), once)
    }
  })

  for (const [name, before, options] of [
    ['ttl', 60, '2m'],
    ['ttl', undefined, () => 60],
    ['maxEntries', 60, { ttl: '1m', maxEntries: 5 }],
    ['store', undefined, { store: memoryStore() }],
    ['name', undefined, { name: 'other' }],
    ['jitter', { jitter: 0.1 }, { jitter: '1s' }],
    ['tags', { tags: ['user'] }, { tags: ['users'] }],
    ['tags', { tags: ['user'] }, { tags: () => ['user'] }],
    ['timeout', undefined, { timeout: 0 }],
    ['clone', { clone: true }, { clone: x => x }],
    ['freeze', undefined, { freeze: true }],
  ]) {
    test(`another ${name} is refused by name: ${JSON.stringify(options) ?? 'a function'}`, () => {
      const once = mime(named, before)
      const message = `named is already wrapped, with another ${name}; wrap the original function instead`
      assert.throws(() => mime(once, options), { code: 'ERR_ALREADY_WRAPPED', message })
    })
  }

  test('a persisted function needs a name', () => {
    assert.throws(() => mime(() => 1, { store: memoryStore() }), { code: 'ERR_NAME_REQUIRED' })
    assert.equal(mime(() => 1, { store: memoryStore(), name: 'one' })(), 1)
    assert.equal(mime(named, { store: memoryStore() })(1), 1)
  })
})

test('what a call needs at once is no async function', () => {
  for (const option of ['ttl', 'key', 'tags', 'sizeOf']) {
    const given = { [option]: async () => '1m' }
    assert.throws(() => mime(x => x, given), { code: 'ERR_INVALID_OPTION', message: /not async/ }, option)
    assert.throws(() => createMime(given), { code: 'ERR_INVALID_OPTION' }, option)
  }
})

describe('good options', () => {
  const GOOD = [0, 1.5, Infinity, null, undefined, '250ms', '10s', '5m', '2h', '7d', ' 5 m ', '.5s', '1.5h', () => 5, {}, { ttl: null }, { ttl: undefined }, Object.assign(Object.create(null), { ttl: 5 })] // biome-ignore format: one line
  for (const given of GOOD) {
    test(`${typeof given === 'string' ? `'${given}'` : String(given && JSON.stringify(given))}`, () => {
      const f = mime(x => x, given)
      assert.equal(f(1), 1)
      assert.equal(f.has(1), given !== 0)
    })
  }
})
