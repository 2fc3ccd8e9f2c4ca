import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, memoryStore, mime } from '../../js/entry/inline.js'

const first = explanation => explanation.text.split('\n')[0]

class Socket {}

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
