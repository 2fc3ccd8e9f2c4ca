import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { types } from 'node:util'
import { runInNewContext } from 'node:vm'
import { BUFFER_CELLS, memory, start } from '../../js/core.js'
import '../../js/entry/inline.js'
import { decodeKey } from '../../js/key/decode.js'
import { reviveArgs } from '../../js/key/revive.js'
import { KEY_METHOD, walked, writeCall } from '../../js/key.js'
import { build } from '../property/build.mjs'
import { Random } from '../property/random.mjs'
import { Cook } from '../property/recipe.mjs'

/** The arguments out of the bytes of a key: keyed again, they give the same bytes. */

start()

const SEED = Number(process.env.MIMIC_SEED ?? (Date.now() ^ (process.pid << 8)) >>> 0)
const CALLS = Number(process.env.MIMIC_REVIVED ?? 10_000)
const INPUTS = Number(process.env.FUZZ_INPUTS ?? 30_000)

const keyOf = (...args) => Buffer.from(memory.u8.slice(0, 8 * writeCall(undefined, args, BUFFER_CELLS)))
const revived = (...args) => reviveArgs(keyOf(...args))
const hex = bytes => Buffer.from(bytes).toString('hex')

/** Heads of a key, as pairs of tag and argument. */
const key = heads => new Uint8Array(new Uint32Array(heads.flat()).buffer)

/** Arrays in one another, put off as the encoder does. */
function nested(levels, inner) {
  const heads = [[32, 1]]
  for (let level = 0; level < levels; level++) {
    if (level > 0 && level % 64 === 0) heads.push([28, 0])
    heads.push([16, 1])
  }
  return key([...heads, ...inner])
}

/** Whether a tree holds only what goes by value, so that its key can be made again. */
function byValue(bytes) {
  const seen = JSON.stringify(decodeKey(bytes), (_, node) => (node instanceof Uint8Array ? 0 : node))
  return !/"type":"(?:identity|signal|keyed)"/.test(seen) && !seen.includes('"digested"')
}

/** The same arguments, equal and of one kind, and keyed alike. */
function assertRevives(...args) {
  const bytes = keyOf(...args)
  const again = reviveArgs(bytes)
  assert.deepStrictEqual(again, args)
  assert.equal(hex(keyOf(...again)), hex(bytes))
  return again
}

describe('what goes by value comes back', () => {
  const s = Symbol.for('s')
  const cases = {
    'no arguments': () => [],
    primitives: () => [undefined, null, true, false, '', 'abc', s],
    numbers: () => [0, -0, 1, -1, NaN, Infinity, -Infinity, 0.1, 2 ** 31, -(2 ** 31), 5e-324],
    bigints: () => [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, -(2n ** 63n) - 1n, 2n ** 1000n],
    strings: () => ['\ud800', '\udc00\ud800', '\ufffd', 'é', 'e\u0301', '\0', '\ufeff\r\n', 'x'.repeat(9000)],
    'plain objects': () => [{}, { a: 1, b: { c: [] } }, { 10: 1, 9: 2, '': 3 }, { a: undefined }],
    'symbols as names': () => [{ [s]: 1, a: { [Symbol.for('é')]: 2 } }],
    'an own __proto__': () => [JSON.parse('{"__proto__":{"x":1}}'), JSON.parse('{"constructor":1}')],
    arrays: () => [[], [1, [2, [3]]], [undefined, null]],
    holes: () => [[1, , 2, , ,], new Array(5), new Array(3000)], // biome-ignore format: holes
    'extra properties of an array': () => [Object.assign([1], { x: 1, [s]: 2, '-1': 3, '01': 4 })],
    Maps: () => [new Map(), new Map([[{ a: 1 }, new Map([[NaN, -0]])], [[], 1], [[], 2]])], // biome-ignore format: one line
    Sets: () => [new Set(), new Set([1, '1', [1], [1], new Set([{}])])],
    Dates: () => [new Date(0), new Date(-1), new Date(8.64e15)],
    RegExps: () => [/a/g, /[/]\/\n/dgimsuy, /(?:)/, /\n/, /[\p{L}--[a-z]]/v],
    boxes: () => [Object(1), Object(-0), Object('ab'), Object(true), Object(2n ** 70n), Object(s)],
    bytes: () => [new Uint8Array([1, 2]).buffer, new DataView(new ArrayBuffer(9), 1, 2), Buffer.from('buf')],
    'typed arrays': () => [
      ...['Int8', 'Uint8', 'Uint8Clamped', 'Int16', 'Uint16', 'Int32', 'Uint32', 'Float32', 'Float64'].map(
        name => new globalThis[`${name}Array`]([1, 2, 255]),
      ),
      new BigInt64Array([-1n]),
      new BigUint64Array([2n ** 64n - 1n]),
      new Uint8Array(),
    ],
    errors: () => [
      new Error(),
      new Error(''),
      new TypeError('bad', { cause: { code: 1 } }),
      new RangeError('a', { cause: undefined }),
      Object.assign(new Error('own'), { code: 'E', [s]: 1 }),
      new AggregateError([1, new Error('in')], 'many'),
    ],
    'extra properties of builtins': () =>
      [new Map([[1, 2]]), new Set([1]), new Date(0), /a/, Object('ab'), Object(1)].map(value =>
        Object.assign(value, { note: [value.constructor.name], [s]: 1 }),
      ),
    cycles: () => {
      const o = { list: [], map: new Map(), date: new Date(0), time: new Date(1) }
      o.self = o
      o.list.push(o, o.list)
      o.map.set(o.map, o)
      o.date.back = o
      return [o]
    },
    'a real call': () => [42, 'abc', { filters: { from: new Date(0), tags: ['a', 'b'] }, page: 1 }],
  }
  for (const [what, make] of Object.entries(cases)) test(what, () => void assertRevives(...make()))

  test('URL, URLSearchParams and Headers', () => {
    const url = Object.assign(new URL('https://example.org/a?b=é#c'), { note: 1 })
    const lines = [['x-a', '1: 2'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['empty', '']] // biome-ignore format: one line
    const args = [url, new URLSearchParams('a=1&a=2&=%3F'), new Headers(lines)]
    const again = revived(...args)
    assert.ok(again[0] instanceof URL && again[1] instanceof URLSearchParams && again[2] instanceof Headers)
    assert.equal(again[0].href, url.href)
    assert.equal(again[0].note, 1)
    assert.equal(String(again[1]), String(args[1]))
    assert.deepEqual([...again[2]], [...args[2]])
    assert.equal(hex(keyOf(...again)), hex(keyOf(...args)))
  })

  test('an invalid date', () => {
    const bytes = keyOf(new Date(NaN))
    const [date] = reviveArgs(bytes)
    assert.ok(date instanceof Date && Number.isNaN(date.getTime()))
    assert.equal(hex(keyOf(date)), hex(bytes))
  })

  test('errors have a stack and hidden fields, as made ones have', () => {
    const [error] = revived(new TypeError('bad', { cause: 1 }))
    assert.ok(types.isNativeError(error))
    assert.equal(Object.getPrototypeOf(error), TypeError.prototype)
    assert.match(error.stack, /^TypeError: bad\n/)
    assert.deepEqual(Object.keys(error), [])
    assert.equal(Object.hasOwn(revived(new Error())[0], 'message'), false)
    assert.equal(Object.hasOwn(revived(new Error('a'))[0], 'cause'), false)
    const odd = new Error()
    for (const [name, value] of [['message', [1]], ['cause', odd], ['errors', { odd }]]) // biome-ignore format: one line
      Object.defineProperty(odd, name, { value, configurable: true })
    const [again] = revived(odd)
    assert.deepEqual(again.message, [1])
    assert.equal(again.cause, again)
    assert.equal(again.errors.odd, again)
    assert.deepEqual(Object.keys(again), [])
    const named = Object.assign(new Error('a'), { name: 'Own' })
    assert.equal(revived(named)[0].name, 'Own')
    const bare = new AggregateError([])
    delete bare.errors
    assert.equal(Object.hasOwn(revived(bare)[0], 'errors'), false)
  })

  test('a null prototype and other realms become plain', () => {
    const [a, b, c] = revived(
      Object.assign(Object.create(null), { a: 1 }),
      ...runInNewContext('[{ a: [1] }, new Map([[1, new RangeError("r")]])]'),
    )
    assert.deepStrictEqual([a, b], [{ a: 1 }, { a: [1] }])
    assert.deepStrictEqual(c, new Map([[1, new RangeError('r')]]))
  })

  test('shared references are copies', () => {
    const shared = {}
    const [[a, b]] = revived([shared, shared])
    assert.deepEqual([a, b], [{}, {}])
    assert.notEqual(a, b)
  })

  test('cycles lead to the containers themselves', () => {
    const map = new Map()
    map.set('list', [new Set([map])])
    const [again] = revived(map)
    assert.equal([...again.get('list')[0]][0], again)
    const outer = { between: {} }
    outer.between.up = new Map([[{ outer }, outer.between]])
    const [top] = revived(outer)
    const [[name, value]] = top.between.up
    assert.equal(name.outer, top)
    assert.equal(value, top.between)
  })

  test('a key as deep as the buffer holds', () => {
    const top = []
    let end = top
    for (let i = 1; i < 3000; i++) {
      const next = i % 3 ? [] : {}
      if (Array.isArray(end)) end.push(next)
      else end.a = next
      end = next
    }
    end.a = top
    const bytes = keyOf(top)
    assert.equal(bytes[0], 32)
    const again = reviveArgs(bytes)
    assert.equal(hex(keyOf(...again)), hex(bytes))
    let at = again[0]
    for (let i = 1; i < 3000; i++) at = Array.isArray(at) ? at[0] : at.a
    assert.equal(at.a, again[0])
  })

  test('20,000 levels, and from the last back to the first', () => {
    const [deep] = reviveArgs(nested(20_000, [[27, 20_000]]))
    let at = deep
    let levels = 1
    for (; at[0] !== deep; at = at[0]) levels++
    assert.equal(levels, 20_000)
  })
})

describe('what does not', () => {
  class Keyed {
    constructor(value) {
      this.value = value
    }
    [KEY_METHOD]() {
      return this.value
    }
  }

  test('identities are undefined, in their places', () => {
    const unique = Symbol('u')
    const args = [() => 1, unique, new (class {})(), new WeakMap(), { f: keyOf }, [keyOf, 1], Object(unique)]
    assert.deepStrictEqual(revived(...args), [
      undefined,
      undefined,
      undefined,
      undefined,
      { f: undefined },
      [undefined, 1],
      undefined,
    ])
    assert.deepStrictEqual(revived({ [unique]: 1, a: 2 }), [{ a: 2 }])
    assert.deepStrictEqual(revived(new Map([[keyOf, 1]]), new Set([unique])), [
      new Map([[undefined, 1]]),
      new Set([undefined]),
    ])
  })

  test('signals', () => {
    const { signal } = new AbortController()
    assert.deepStrictEqual(revived(signal, [1, signal], { signal, a: 1 }, signal), [
      undefined,
      [1, undefined],
      { a: 1 },
    ])
  })

  test('an instance with [mime.key]() is what that returned', () => {
    assert.deepStrictEqual(revived(new Keyed([1, { y: 2 }]), { p: new Keyed(-0) }), [
      [1, { y: 2 }],
      { p: -0 },
    ])
    class Again extends Keyed {}
    assert.deepStrictEqual(revived(new Again(new Keyed(new Date(0)))), [new Date(0)])
    const self = new Keyed()
    self.value = self
    assert.deepStrictEqual(revived(self, [self]), [undefined, [undefined]])
    const holder = { deep: [] }
    holder.deep.push(new Keyed(holder), new Keyed(new Keyed(holder.deep)))
    const [held] = revived(holder)
    assert.equal(held.deep[0], held)
    assert.equal(held.deep[1], held.deep)
    const inner = { x: [] }
    const round = new Keyed(inner)
    inner.x.push(round, inner, inner.x)
    const [[again]] = revived([round])
    assert.equal(again.x[0], again)
    assert.equal(again.x[1], again)
    assert.equal(again.x[2], again.x)
  })

  test('`this` is no argument', () => {
    const bytes = memory.u8.slice(0, 8 * writeCall({}, [1, [2]], BUFFER_CELLS))
    assert.deepStrictEqual(reviveArgs(bytes), [1, [2]])
  })

  test('a key held as a digest tells no arguments', () => {
    const bytes = memory.u8.slice(0, 8 * writeCall(undefined, ['0123456789'.repeat(10)], 8))
    assert.equal(bytes[0], 34)
    assert.deepEqual(reviveArgs(bytes), [])
  })

  test('what this runtime lacks, or cannot make', () => {
    const swap = (bytes, from, to) =>
      Buffer.from(Buffer.from(bytes).toString('latin1').replace(from, to), 'latin1')
    assert.deepStrictEqual(reviveArgs(swap(keyOf(1, new URL('https://a.bc/')), 'https:', 'h  s::')), [
      1,
      undefined,
    ])
    assert.deepStrictEqual(reviveArgs(swap(keyOf(/(a)/), '(a)', '(a(')), [undefined])
    assert.deepStrictEqual(reviveArgs(swap(keyOf(new TypeError('a')), 'TypeError', 'TypoError')), [undefined])
    const buffer = hex(keyOf(new Uint16Array(2))).replace('1800000007', '180000000a')
    const [halves] = reviveArgs(Buffer.from(buffer, 'hex'))
    assert.equal(halves?.constructor, globalThis.Float16Array)
  })
})

describe('keys of every kind', () => {
  const { vectors, damaged } = JSON.parse(
    readFileSync(new URL('../vectors/keys.json', import.meta.url), 'utf8'),
  )
  const keys = vectors.map(({ cells }) => Buffer.from(cells, 'hex'))

  test('golden keys', () => {
    let same = 0
    for (const vector of vectors) {
      if (vector.requires !== undefined && !(vector.requires in globalThis)) continue
      const bytes = Buffer.from(vector.cells, 'hex')
      const args = reviveArgs(bytes)
      assert.equal(args.length, decodeKey(bytes).args.length, vector.name)
      if (!byValue(bytes) || vector.self) continue
      assert.equal(hex(keyOf(...args)), vector.cells, vector.name)
      same++
    }
    assert.ok(same > 100, `${same} keys`)
  })

  test(`keys of random calls (seed ${SEED})`, () => {
    let same = 0
    for (let i = 0; i < CALLS; i++) {
      const random = new Random(SEED + i)
      const { args } = build(new Cook(random, i % 50 === 0).call(), random)
      const bytes = keyOf(...args)
      const { portable } = walked
      const again = reviveArgs(bytes)
      const tree = decodeKey(bytes)
      assert.equal(again.length, tree.args.length, `seed ${SEED + i}`)
      if (!portable || !byValue(bytes)) continue
      assert.equal(hex(keyOf(...again)), hex(bytes), `seed ${SEED + i}`)
      same++
    }
    assert.ok(same > CALLS / 5, `${same} of ${CALLS}`)
  })

  test('any bytes: arguments or none', () => {
    const random = new Random(1)
    let some = 0
    for (let i = 0; i < INPUTS; i++) {
      const bytes = Buffer.from(random.pick(keys))
      for (let changes = 1 + random.int(3); changes > 0 && bytes.length > 0; changes--) {
        const at = 8 * random.int(bytes.length / 8)
        const which = random.int(4)
        if (which === 0) bytes.writeUInt32LE(random.int(36), at)
        else if (which === 1) bytes.writeUInt32LE(random.int(6), at + 4)
        else if (which === 2) bytes.writeUInt32LE(0xffffffff - random.int(3), at + 4)
        else bytes[random.int(bytes.length)] = random.int(256)
      }
      const args = reviveArgs(bytes.subarray(0, random.oneIn(8) ? random.int(bytes.length + 1) : undefined))
      assert.ok(Array.isArray(args))
      if (args.length > 0) some++
    }
    assert.ok(some > INPUTS / 20, `${some} of ${INPUTS} had arguments: the changes are too coarse`)
    for (const { cells, text } of damaged) {
      const args = reviveArgs(Buffer.from(cells, 'hex'))
      assert.ok(Array.isArray(args))
      if (text === null) assert.equal(args.length, 0)
    }
  })

  test('things that are no bytes', () => {
    const detached = new Uint8Array(8)
    structuredClone(detached.buffer, { transfer: [detached.buffer] })
    for (const bytes of [new Uint8Array(), new Uint8Array(7), detached, undefined, {}])
      assert.deepEqual(reviveArgs(bytes), [])
  })

  test('lengths that nothing fills take no room', () => {
    const before = process.memoryUsage().rss
    const arrays = Array.from({ length: 4000 }, () => [[16, 30_000_000], [17, 30_000_000]]).flat() // biome-ignore format: one line
    const [all] = reviveArgs(key([[32, 1], [16, 4000], ...arrays]))
    assert.equal(all.length, 4000)
    assert.equal(all[3999].length, 30_000_000)
    assert.deepEqual(Object.keys(all[0]), [])
    assert.ok(process.memoryUsage().rss - before < 150e6)
  })

  test('many cycles to far above take linear time', () => {
    const many = 100_000
    const [deep] = reviveArgs(nested(6000, [[16, many], ...Array.from({ length: many }, () => [27, 6000])]))
    let at = deep
    for (let level = 0; level < 6000; level++) at = at[0]
    assert.equal(at.length, many)
    assert.equal(at[many - 1], deep[0])
  })

  test('nothing is called: setters, names and methods that someone left about', t => {
    const called = []
    const spy = what => () => called.push(what)
    const before = [Map.prototype.set, Set.prototype.add, globalThis.URL]
    t.after(() => {
      delete Object.prototype.trap
      ;[Map.prototype.set, Set.prototype.add, globalThis.URL] = before
    })
    const bytes = keyOf({ trap: 1 }, [1], new Map([[1, 2]]), new Set([1]), new URL('a:b'))
    Object.defineProperty(Object.prototype, 'trap', { set: spy('setter'), configurable: true })
    Map.prototype.set = spy('set')
    Set.prototype.add = spy('add')
    globalThis.URL = function () { called.push('URL') } // biome-ignore format: one line
    const args = reviveArgs(bytes)
    assert.deepEqual(called, [])
    assert.ok(Object.hasOwn(args[0], 'trap') && args[2].get(1) === 2 && args[3].has(1))
    assert.equal(args[4].href, 'a:b')
    const { polluted } = reviveArgs(keyOf(JSON.parse('{"__proto__":{"polluted":1}}')))[0]
    assert.equal(polluted, undefined)
  })
})
