import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'
import { faults } from '../../js/core.js'

const manual = () => {
  const clock = { time: 0, now: () => clock.time }
  return clock
}

const first = explanation => explanation.text.split('\n')[0]

class Socket {}

describe('hits', () => {
  test('age and time left, in words and as data', () => {
    const clock = manual()
    const f = mime(x => x, { ttl: '60s', clock })
    f(1)
    clock.time = 1200
    const why = f.explain(1)
    assert.equal(why.outcome, 'hit')
    assert.equal(why.reason, 'resident')
    assert.deepEqual(why.entry, { age: 1200, timeLeft: 58_800 })
    assert.equal(why.text, 'hit: stored 1.2 s ago, good for another 59 s')
    assert.equal(String(why), why.text)
    assert.deepEqual(why.key, { bytes: 16, isDigest: false, isPortable: true, description: '(1)' })
    assert.deepEqual(why.identities, [])
    assert.ok(!('nearest' in why) && !('large' in why) && !('receiver' in why))
  })

  test('without a ttl the age is known all the same', () => {
    const clock = manual()
    const f = mime(x => x, { clock })
    clock.time = 1000
    f(1)
    f.set([2], 2)
    clock.time = 1000 + 3 * 86_400_000
    for (const x of [1, 2]) {
      const why = f.explain(x)
      assert.deepEqual(why.entry, { age: 3 * 86_400_000, timeLeft: Infinity })
      assert.equal(why.text, 'hit: stored 3 d ago, never expires')
    }
  })

  test('a value put in again is young again', () => {
    const clock = manual()
    const f = mime(x => x, { ttl: '1h', clock })
    f(1)
    clock.time = 60_000
    f.set([1], 5)
    clock.time = 60_250
    assert.equal(f.explain(1).entry.age, 250)
    assert.equal(f.explain(1).text, 'hit: stored 250 ms ago, good for another 1 h')
  })
})

describe('misses', () => {
  test('expired, and not yet removed', () => {
    const clock = manual()
    const f = mime(x => x, { ttl: '1s', clock })
    f(1)
    clock.time = 1312
    const why = f.explain(1)
    assert.equal(why.outcome, 'miss')
    assert.equal(why.reason, 'expired')
    assert.equal(why.expiredFor, 312)
    assert.deepEqual(why.entry, { age: 1312, timeLeft: 0 })
    assert.equal(why.text, 'miss: the entry expired 312 ms ago')
    f.set([2], 2)
    clock.time = 1000
    assert.equal(f.explain(2).outcome, 'hit', 'the core is left at the time that it is')
  })

  test('the nearest entry, and where it differs', () => {
    const f = mime((...args) => args.length)
    const at = day => ({ filters: { from: new Date(`2024-01-${day}`) }, page: 1 })
    f('other', { page: 2 })
    f('team', at('01'))
    f('x')
    const why = f.explain('team', at('02'))
    assert.equal(why.outcome, 'miss')
    assert.equal(why.reason, 'no entry')
    assert.equal(
      why.text,
      'miss: no entry; the nearest differs in argument 2 at `.filters.from`: Date 2024-01-01 against 2024-01-02',
    )
    const { similarity, ...rest } = why.nearest
    assert.deepEqual(rest, {
      argument: 2,
      path: '.filters.from',
      entry: 'Date 2024-01-01',
      call: 'Date 2024-01-02',
    })
    assert.ok(similarity > 0.5 && similarity < 1)
  })

  test('a number is not a string, and one argument not two', () => {
    const f = mime((...args) => args.length)
    f(1)
    assert.equal(f.explain('1').text, 'miss: no entry; the nearest differs in argument 1: 1 against "1"')
    assert.equal(
      f.explain(1, undefined).text,
      'miss: no entry; the nearest differs in argument 2: absent against undefined',
    )
  })

  test('nothing there, or nothing kept', () => {
    assert.equal(mime(x => x).explain(1).text, 'miss: no entry; nothing is remembered yet')
    const brief = mime(x => x, 0)
    brief(1)
    assert.equal(brief.explain(1).text, 'miss: no entry; a ttl of 0 keeps nothing')
    const none = mime(x => x, { maxEntries: 0 })
    none(1)
    assert.equal(none.explain(1).text, 'miss: no entry; maxEntries is 0, which keeps nothing')
    const gone = mime(x => x)
    gone(1)
    gone.clear()
    assert.equal(gone.explain(1).text, 'miss: no entry; nothing is remembered yet')
  })

  test('what the option key returns is what differs', () => {
    const f = mime(x => x, { key: user => ({ id: user.id }) })
    f({ id: 1, name: 'a' })
    assert.equal(
      f.explain({ id: 2 }).text,
      'miss: no entry; the nearest differs in what the option `key` returns at `.id`: 1 against 2',
    )
    assert.equal(f.explain({ id: 1, name: 'b' }).outcome, 'hit')
    const failing = mime(x => x, {
      key() {
        throw new Error('key')
      },
    })
    assert.throws(() => failing.explain(1), /key/, 'as the call does')
  })
})

describe('loads that run', () => {
  test('a call joins', async () => {
    const f = mime(async x => x)
    const runs = f(1)
    f(2)
    const why = f.explain(1)
    assert.deepEqual([why.outcome, why.reason, why.text], ['joins', 'pending', 'joins the load that runs'])
    assert.equal(f.explain(2).outcome, 'joins')
    await runs
    assert.equal(f.explain(1).outcome, 'hit')
  })

  test('a function cannot join itself', () => {
    let why
    const f = mime(x => {
      why = f.explain(x)
      return x
    })
    f(1)
    assert.deepEqual([why.outcome, why.reason], ['miss', 'pending'])
    assert.match(why.text, /^miss: this very call runs further up the stack/)
  })
})

describe('identities', () => {
  test('which argument, where in it, and what it is', () => {
    const f = mime((...args) => args.length)
    const socket = new Socket()
    const why = f.explain(socket, { on: [1, { close() {} }] })
    assert.deepEqual(why.identities, [
      { argument: 1, path: '', what: 'an instance of Socket' },
      { argument: 2, path: '.on[1].close', what: 'the function close' },
    ])
    assert.equal(why.key.isPortable, false)
    assert.deepEqual(why.text.split('\n').slice(1), [
      'argument 1 goes by identity: an instance of Socket',
      'argument 2 at `.on[1].close` goes by identity: the function close',
    ])
    f(socket)
    assert.equal(f.explain(socket).outcome, 'hit')
    assert.match(
      first(f.explain(new Socket())),
      /^miss: no entry; the nearest differs in argument 1: identity #\d+ against an instance of Socket, identity #\d+$/,
    )
  })

  test('with a store: such a key is not persisted', () => {
    const own = createMime({ store: memoryStore() })
    const f = own(x => x, { name: 'f' })
    assert.equal(
      f.explain(new Socket()).text.split('\n').at(-1),
      'the key is not persisted: what goes by identity means nothing in another process',
    )
    assert.doesNotMatch(f.explain(1).text, /persisted/)
  })

  test('this counts', () => {
    class Api {
      get = mime(function get(x) {
        return [this, x]
      })
    }
    const api = new Api()
    api.get(1)
    const why = api.get.explain.call(api, 1)
    assert.equal(why.outcome, 'hit')
    assert.equal(why.receiver, 'an instance of Api')
    assert.deepEqual(why.identities, [{ argument: 0, path: '', what: 'an instance of Api' }])
    assert.match(why.text, /^hit: .*\n`this` counts: called on an instance of Api$/)
    assert.match(
      api.get.explain(1).text,
      /^miss: no entry; the nearest differs in `this`: identity #\d+ against absent; `explain\.call\(object, …\)`/,
    )
    assert.match(api.get.explain.call('text', 1).text, /`this` counts: called on "text"/)
  })

  test('more of them than anyone reads', () => {
    const f = mime((...args) => args.length)
    const why = f.explain(Array.from({ length: 100 }, () => new Socket()))
    assert.equal(why.identities.length, 8)
    assert.equal(why.identities[7].path, '[7]')
  })

  test('hostile arguments', () => {
    const f = mime(() => 1)
    const thrower = {
      get x() {
        throw new Error('no')
      },
    }
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const deaf = new Proxy(
      {},
      {
        getPrototypeOf() {
          throw new Error('no')
        },
      },
    )
    assert.equal(f.explain(thrower).identities[0].what, 'an object that cannot be told by its content')
    for (const hostile of [thrower, proxy, deaf, Math, Object.create(Map.prototype)]) {
      assert.equal(f.explain(1, hostile).identities[0].argument, 2)
      f(1, hostile)
      assert.equal(f.explain(1, hostile).outcome, 'hit')
    }
  })

  test('two classes of one name under mime.key', () => {
    const make = () => {
      class Money {
        [mime.key]() {
          return 1
        }
      }
      return new Money()
    }
    const f = mime(x => x)
    const [a, b] = [make(), make()]
    f(a)
    assert.equal(f.explain(a).key.isPortable, true)
    assert.equal(f.explain(b).outcome, 'miss')
    assert.equal(f.explain(b).identities.length, 1)
  })
})

describe('large keys', () => {
  test('because of a Buffer, held as a digest', () => {
    const f = mime((...args) => args.length)
    f(1)
    const why = f.explain(1, 'b', Buffer.alloc(48 * 1024))
    assert.equal(why.key.isDigest, true)
    assert.equal(why.large.argument, 3)
    assert.equal(why.large.what, 'a Buffer')
    assert.ok(why.key.bytes > 48 * 1024 && why.key.bytes < 49 * 1024)
    assert.match(why.key.description, /^<digest .* of 48\.\d KB>$/)
    assert.deepEqual(why.text.split('\n'), [
      'miss: no entry; the key is held as a digest, which cannot be compared with the others',
      'the key is 48 KB because argument 3 is a Buffer, held as a digest',
    ])
    f(1, 'b', Buffer.alloc(48 * 1024))
    assert.match(f.explain(1, 'b', Buffer.alloc(48 * 1024)).text, /^hit: /)
    assert.equal(f.explain(2).nearest.entry, '1', 'digests are passed over')
  })

  test('beyond the buffer, and within maxKeyBytes', () => {
    const f = mime((...args) => args.length, { maxKeyBytes: 32_768 })
    const kinds = [
      ['x'.repeat(2 ** 21), 'the key is 2 MB because argument 2 is a string, held as a digest'],
      [new Uint8Array(2048), 'the key is 2 KB because argument 2 is a Uint8Array'],
      [Array.from({ length: 1024 }, (_, i) => i), 'the key is 8 KB because argument 2 is an array'],
      [{ a: 'x'.repeat(2000) }, 'the key is 2 KB because argument 2 is an object'],
      [new Map([[1, 'x'.repeat(2000)]]), 'the key is 2 KB because argument 2 is a Map'],
    ]
    for (const [value, text] of kinds) assert.equal(f.explain(1, value).text.split('\n').at(-1), text)
  })

  test('no single argument may be the cause', () => {
    const f = mime((...args) => args.length)
    const part = 'x'.repeat(600)
    assert.equal(
      f.explain(part, part, `${part}x`).text.split('\n').at(-1),
      'the key is 1.8 KB; its largest part is argument 3, a string of 616 bytes',
    )
  })

  test('only digests to compare with', () => {
    const f = mime(x => x.length, { maxKeyBytes: 256 })
    f('x'.repeat(1000))
    assert.equal(
      f.explain('a').text,
      'miss: no entry; the others are held as digests, which cannot be compared',
    )
  })
})

describe('stores', () => {
  test('in the store only, and back in memory', () => {
    const store = memoryStore()
    const make = () => createMime({ store })(x => x, { name: 'f', version: '1', ttl: '1h' })
    make()(1)
    const f = make()
    const why = f.explain(1)
    assert.deepEqual([why.outcome, why.reason], ['hit', 'store'])
    assert.match(why.text, /^hit: in the store, stored \d+ m?s ago, good for another 1 h$/)
    assert.ok(why.entry.age >= 0 && why.entry.timeLeft <= 3_600_000)
    assert.equal(f.stats().storeHits, 0)
    assert.match(f.explain(2).text, /^miss: no entry in memory, and none at hand in the store; nothing is/)
    f(1)
    assert.equal(f.explain(1).reason, 'resident')
    f.set([3], 3)
    assert.match(f.explain(4).text, /^miss: no entry in memory, and none at hand in the store; the nearest /)
  })

  test('the age is that of the result, not of its place in memory', t => {
    t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
    const store = memoryStore()
    const clock = manual()
    const make = () => createMime({ store, clock })(x => x, { name: 'f', version: '1', ttl: '1h' })
    make()(1)
    t.mock.timers.tick(600_000)
    const f = make()
    assert.deepEqual(f.explain(1).entry, { age: 600_000, timeLeft: 3_000_000 })
    f(1)
    assert.deepEqual(f.explain(1).entry, { age: 600_000, timeLeft: 3_000_000 })
    assert.equal(f.explain(1).text, 'hit: stored 10 m ago, good for another 50 m')
  })

  test('a store that throws is as if it had nothing', () => {
    const store = { ...memoryStore(), getSync: () => assert.fail('broken') }
    const f = createMime({ store })(x => x, { name: 'f' })
    assert.equal(f.explain(1).outcome, 'miss')
    assert.equal(f.stats().storeErrors, 0)
  })
})

describe('of no consequence', () => {
  test('nothing is counted, reserved or touched', () => {
    const clock = manual()
    const f = mime(x => x, { maxEntries: 2, ttl: '1h', clock })
    f(1)
    f(2)
    clock.time = 5
    const before = f.stats()
    for (let i = 0; i < 10; i++) {
      for (const x of [1, 3, 'x', new Socket(), 'y'.repeat(100_000)]) f.explain(x)
    }
    assert.deepEqual(f.stats(), before)
    // A touched entry would stay longer: whoever goes is who goes without having been asked about.
    const untouched = mime(x => x, { maxEntries: 2, ttl: '1h', clock })
    for (const x of [1, 2, 3]) untouched(x)
    f(3)
    for (const x of [1, 2, 3]) assert.equal(f.has(x), untouched.has(x), `entry ${x}`)
  })

  test('signals are no part of it', () => {
    const f = mime((...args) => args.length)
    const { signal } = new AbortController()
    f(1, { a: 1, signal }, signal)
    assert.equal(f.explain(1, { a: 1 }).outcome, 'hit')
    assert.equal(f.explain(1, { a: 1, signal: new AbortController().signal }, signal).outcome, 'hit')
    assert.equal(f.explain(signal, 1).outcome, 'miss')
  })

  test('cycles and depth', () => {
    const f = mime(() => 1)
    const cycle = { list: [] }
    cycle.list.push(cycle)
    let deep = { end: new Socket() }
    for (let i = 0; i < 1000; i++) deep = { deep }
    f(cycle, deep)
    assert.equal(f.explain(cycle, deep).outcome, 'hit')
    assert.equal(f.explain(cycle, deep).identities[0].argument, 2)
    assert.ok(f.explain(cycle, deep).text.length < 2000)
    assert.equal(f.explain({ list: [{ list: 5 }] }, deep).nearest.argument, 1)
  })

  test('asked from within the reading of a key', () => {
    const f = mime(x => x.a)
    f({ a: 1, b: 2 })
    const answers = []
    const curious = {
      get a() {
        answers.push(f.explain({ a: 1, b: 2 }).outcome, f.explain({ a: 1, b: 3 }).nearest.path)
        return 1
      },
      b: 2,
    }
    assert.equal(f(curious), 1)
    assert.deepEqual(answers.slice(0, 2), ['hit', '.b'])
    assert.equal(f.stats().hits, 1)
  })

  test('after a recovery', () => {
    const f = mime(x => x)
    f(1)
    faults.trap()
    assert.equal(f.explain(1).text, 'miss: no entry; nothing is remembered yet')
    f(1)
    assert.equal(f.explain(1).outcome, 'hit')
  })

  test('10,000 entries of 1 KB take bounded time', () => {
    const f = mime(() => 1)
    const make = i => ({ list: Array.from({ length: 60 }, (_, at) => at * i), text: 'x'.repeat(450), i })
    for (let i = 0; i < 10_000; i++) f(make(i))
    const sought = { ...make(7000), i: 'seven thousand' }
    const start = performance.now()
    const why = f.explain(sought)
    const took = performance.now() - start
    assert.ok(why.key.bytes > 1000)
    assert.equal(why.nearest.path, '.i')
    assert.equal(why.nearest.entry, '7000')
    assert.ok(took < 2000, `${took} ms`)
  })
})

test('what is stale, and what is being loaded anew', async () => {
  const clock = { time: 0, now: () => clock.time }
  let open
  const f = mime(
    async () =>
      new Promise(resolve => {
        open = resolve
      }),
    { ttl: 1, staleWhileRevalidate: 10, clock },
  )
  const first = f()
  open('a')
  await first
  clock.time = 3000
  const stale = f.explain()
  assert.deepEqual(
    [stale.outcome, stale.reason, stale.expiredFor, stale.entry.timeLeft],
    ['hit', 'stale', 2000, 0],
  )
  assert.match(stale.text, /expired 2 s ago and is served while a load in the background/)
  f()
  assert.equal(f.explain().reason, 'refreshing')
  open('b')
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual([f.explain().reason, f.explain().entry.timeLeft], ['resident', 1000])
  clock.time = 20_000
  assert.deepEqual(
    [f.explain().outcome, f.explain().reason, f.explain().expiredFor],
    ['miss', 'expired', 16_000],
  )
})
