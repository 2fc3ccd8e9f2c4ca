import assert from 'node:assert/strict'
import test from 'node:test'
import { start } from '../../js/core.js'
import '../../js/entry/inline.js'
import { decodeKey } from '../../js/key/decode.js'
import { describeCall, describeNode } from '../../js/key/describe.js'
import { diffKeys } from '../../js/key/diff.js'
import { KEY_METHOD } from '../../js/key.js'
import { encodeVector } from '../../scripts/vectors-keys.mjs'

start()

globalThis.Keyed = class Keyed {
  constructor(value) {
    this.value = value
  }

  [KEY_METHOD]() {
    return this.value
  }
}

const tree = source => decodeKey(encodeVector({ name: source, source }).bytes)
const diff = (a, b) => diffKeys(tree(a), tree(b))

/** Heads of a key, as pairs of tag and argument. */
const key = (...heads) => new Uint8Array(new Uint32Array(heads.flat()).buffer)

/** Arrays in one another, put off as the encoder does. */
function nested(levels, inner) {
  const heads = [[32, 1]]
  for (let level = 0; level < levels; level++) {
    if (level > 0 && level % 64 === 0) heads.push([28, 0])
    heads.push([16, 1])
  }
  return decodeKey(key(...heads, inner))
}

test('the difference of two calls: where, what, and how near', () => {
  const call = day => `42, { filters: { from: new Date('${day}'), tags: ['a'] }, page: 1 }`
  const found = diff(call('2024-01-01'), call('2024-01-02'))
  assert.equal(found.argument, 2)
  assert.equal(found.path, '.filters.from')
  assert.equal(found.a, 'Date 2024-01-01')
  assert.equal(found.b, 'Date 2024-01-02')
  assert.ok(found.similarity > 0.7 && found.similarity < 1)
  assert.ok(found.similarity > diff(call('2024-01-01'), '42, { page: 1 }').similarity)
  assert.ok(diff('"user:1"', '"user:2"').similarity > diff('"user:1"', '"zzz"').similarity)
  assert.equal(diff('1', '"1"').similarity, 0)
})

test('differences of every kind', () => {
  const cases = [
    ['', 'undefined', 1, '', 'absent', 'undefined'],
    ['1, 2', '1, 3', 2, '', '2', '3'],
    ['0', '-0', 1, '', '0', '-0'],
    ['{ a: undefined }', '{}', 1, '.a', 'undefined', 'absent'],
    ['{}', '{ "a b": 1 }', 1, '["a b"]', 'absent', '1'],
    ['{ [Symbol.for("s")]: 1 }', '{ [Symbol.for("s")]: 2 }', 1, '[Symbol.for("s")]', '1', '2'],
    ['[1, [2, 3]]', '[1, [2, 4]]', 1, '[1][1]', '3', '4'],
    ['[1, , 3]', '[1, undefined, 3]', 1, '[1]', '<1 hole>', 'undefined'],
    ['[, , ]', '[, , , ]', 1, '[2]', 'absent', '<1 hole>'],
    ['new Array(4e9)', 'Object.assign(new Array(4e9), { 7e8: 1 })', 1, '[700000000]', '<1 hole>', '1'],
    ['[1]', '{ 0: 1 }', 1, '', '[1]', '{"0": 1}'],
    ['[]', 'Object.assign([], { x: 1 })', 1, '.x', 'absent', '1'],
    ['new Map([["a", 1]])', 'new Map([["a", 2]])', 1, '.get("a")', '1', '2'],
    ['new Map([["a", 1]])', 'new Map([["b", 1]])', 1, '<key 1>', '"a"', '"b"'],
    ['new Set([1, 2])', 'new Set([1])', 1, '<member 2>', '2', 'absent'],
    ['new Date(NaN)', 'new Date(1)', 1, '', 'Date invalid', 'Date 1970-01-01T00:00:00.001Z'],
    ['Object.assign(new Date(0), { n: 1 })', 'new Date(0)', 1, '.n', '1', 'absent'],
    ['/a/g', '/a/i', 1, '', 'RegExp /a/g', 'RegExp /a/i'],
    ['Object(1)', 'Object(2)', 1, '', '1', '2'],
    ['Object(1)', '1', 1, '', 'Object(1)', '1'],
    ['new Uint8Array([1, 2])', 'new Uint8Array([1, 3])', 1, '[1]', '2', '3'],
    ['new Uint8Array(2)', 'new Uint8Array(1)', 1, '[1]', '0', 'absent'],
    ['new Int16Array([1, 256])', 'new Int16Array([1, 512])', 1, '[1]', '256', '512'],
    ['new Uint8Array(1)', 'Buffer.alloc(1)', 1, '', 'Uint8Array(1) [0]', 'Buffer(1) [0]'],
    ['new Error("a")', 'new Error("b")', 1, '.message', '"a"', '"b"'],
    ['new Error("a", { cause: 1 })', 'new Error("a")', 1, '.cause', '1', 'absent'],
    ['new Error("a")', 'new TypeError("a")', 1, '', 'Error "a"', 'TypeError "a"'],
    ['new Keyed(1)', '1', 1, '', 'Keyed keyed 1', '1'],
    ['new Keyed([1])', 'new Keyed([2])', 1, '[mime.key]()[0]', '1', '2'],
    ['2n ** 64n', '2n ** 65n', 1, '', '0x10000000000000000n', '0x20000000000000000n'],
  ]
  for (const [left, right, argument, path, a, b] of cases) {
    const { similarity, ...found } = diff(left, right)
    assert.deepEqual(found, { argument, path, a, b }, `${left} and ${right}`)
    const swapped = diff(right, left)
    assert.deepEqual([swapped.path, swapped.a, swapped.b], [path, b, a], `${right} and ${left}`)
    assert.equal(swapped.similarity, similarity)
  }
})

test('two NaNs of different bits in a typed array', () => {
  const source = byte => `new Float64Array(new Uint8Array([${byte}, 0, 0, 0, 0, 0, 0xf8, 0x7f]).buffer)`
  assert.deepEqual(
    { ...diff(source(1), source(2)), similarity: 0 },
    { ...diff('[[1]]', '[[2]]'), similarity: 0 },
  )
})

test('long strings are shown where they differ', () => {
  const found = diff('"x".repeat(500) + "ab"', '"x".repeat(500) + "ac"')
  assert.equal(found.a, '…"xxxxxxxxxab"')
  assert.equal(found.b, '…"xxxxxxxxxac"')
})

test('this, and keys held as digests', () => {
  const withThis = id => {
    const bytes = key([33, 0], [12, 0], [0, 0])
    new DataView(bytes.buffer).setFloat64(16, id, true)
    return decodeKey(bytes)
  }
  const { similarity, ...found } = diffKeys(withThis(1), withThis(2))
  assert.deepEqual(found, { argument: 0, path: '', a: 'identity #1', b: 'identity #2' })
  assert.equal(diffKeys(withThis(1), withThis(1)), undefined)
  const long = diff('"x".repeat(70000)', '1')
  assert.match(long.a, /^<digest .{4}… of 68.4 KB>$/)
  assert.equal(long.b, '(1)')
})

test('keys nested tens of thousands deep', () => {
  const levels = 30_000
  const a = nested(levels, [1, 0])
  let node = a.args[0]
  for (let i = 0; i < levels; i++) node = node.items[0]
  assert.equal(node.type, 'undefined')
  assert.equal(describeCall(a), '([[[[[[[[[…]]]]]]]]])')
  assert.equal(describeNode(a.args[0], 3), '[[[… 1 more]]]')
  const found = diffKeys(a, nested(levels, [2, 0]))
  assert.equal(found.a, 'undefined')
  assert.equal(found.b, 'null')
  assert.ok(found.path.length <= 201 && found.path.startsWith('[0][0]'))
  assert.equal(diffKeys(a, nested(levels, [1, 0])), undefined)
  assert.ok(nested(200, [27, 200]))
  assert.throws(() => nested(200, [27, 201]), { code: 'ERR_KEY_CORRUPT' })
})

test('lengths beyond the key cost nothing', () => {
  for (const tag of [16, 18, 19, 20, 9, 10, 8, 24]) {
    assert.throws(() => decodeKey(key([32, 1], [tag, 0xffffffff])), { code: 'ERR_KEY_CORRUPT' })
  }
  assert.throws(() => decodeKey(key([32, 0xffffffff])), { code: 'ERR_KEY_CORRUPT' })
  assert.throws(() => decodeKey(new Uint8Array(0)), { code: 'ERR_KEY_CORRUPT' })
  assert.throws(() => decodeKey(new Uint8Array(7)), { code: 'ERR_KEY_CORRUPT' })
  assert.throws(() => decodeKey(key([32, 0], [1, 0])), { code: 'ERR_KEY_CORRUPT' })
})
