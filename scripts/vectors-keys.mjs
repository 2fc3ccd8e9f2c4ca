/**
 * Writes tests/vectors/keys.json: calls as JavaScript source, the cells of their keys in hexadecimal, the digest, and what the decoders say
 * of them. `--check` compares instead. A change in this file's output is a change of the key format or of the decoders' words. The section
 * `damaged` holds mutated keys, with null where they are corrupt: both decoders must agree on them.
 *
 * Identities are counted in a process, so the vectors are written in the order of the file, by a process that keys nothing else before.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { BUFFER_CELLS, keyDigest, memory, start } from '../js/core.js'
import '../js/entry/inline.js'
import { decodeKey } from '../js/key/decode.js'
import { describeCall } from '../js/key/describe.js'
import * as sink from '../js/key/sink.js'
import { CALL, TEXT } from '../js/key/tags.js'
import { KEY_METHOD, walked, writeCall } from '../js/key.js'
import { withBody } from '../tests/runtimes/vectors.js'

const FILE = new URL('../tests/vectors/keys.json', import.meta.url)
const DAMAGED = 600

/**
 * @typedef {object} Call
 * @property {string} name
 * @property {string} source arguments, as they stand in a call; `KEY` is the symbol of `[mime.key]()`,
 *   `WITH_BODY` gives a Request whose body has been read
 * @property {boolean} [self] whether there is a `this`
 * @property {number} [maxCells]
 * @property {string} [requires] a global that older runtimes lack: the source is not run there
 * @property {() => void} [assemble] writes the arguments where the source cannot run
 *
 * @typedef {Call & { portable: boolean, cells: string, digest: string, text: string }} Vector
 * @typedef {{ cells: string, text: string | null }} Damaged
 */

/** @type {[name: string, source: string][]} */
const PORTABLE = [
  ['no arguments', ''],
  ['undefined', 'undefined'],
  ['null', 'null'],
  ['booleans', 'true, false'],
  ['int32', '0, 1, -1, 2147483647, -2147483648'],
  ['float: beyond int32', '2147483648, -2147483649, 9007199254740991'],
  ['float: -0', '-0'],
  ['float: NaN', 'NaN'],
  ['float: infinities', 'Infinity, -Infinity'],
  ['float: fractions', '0.1, 1.5, -123.456, 1 / 3'],
  ['float: exponents', '1e21, 1e-7, 5e-324, 1.7976931348623157e308, 123456789012345680000, 0.000001'],
  ['bigint: int64', '0n, -1n, 9223372036854775807n, -9223372036854775808n'],
  ['bigint: text', '9223372036854775808n, -9223372036854775809n, 2n ** 64n'],
  ['bigint: long text', '-(2n ** 1000n)'],
  ['string: empty', '""'],
  ['string: 1 to 9 units', '"a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "abcdefghi"'],
  ['string: escapes', '"\\u0000\\b\\t\\n\\v\\f\\r\\u001f\\"\\\\/\\x7f"'],
  ['string: 80 units', '"x".repeat(80)'],
  ['string: 81 units', '"x".repeat(81)'],
  ['string: in pieces', '"0123456789".repeat(300)'],
  ['string: Latin-1', '"é", "e\\u0301"'],
  ['string: wide, 1 to 5 units', '"→", "→a", "→ab", "→abc", "→abcd"'],
  ['string: surrogate pair', '"😀"'],
  ['string: lone surrogates', '"\\ud800", "\\udfff", "\\udc00\\ud800", "\\ufffd"'],
  ['string: a pair at the cut', '"x".repeat(79) + "😀y"'],
  ['string: a lone surrogate at the cut', '"x".repeat(79) + "\\ud83dzz"'],
  ['string: wide, in pieces', '"é→".repeat(1500)'],
  ['string: BOM and line ends', '"\\ufeff\\r\\n\\u2028"'],
  ['symbol: registered', 'Symbol.for("x")'],
  ['symbol: registered, wide', 'Symbol.for("é\\n")'],
  ['array: empty', '[]'],
  ['array: nested', '[[1], 2, [3, [4]]]'],
  ['array: one hole', '[1, , 2]'],
  ['array: holes and undefined', '[1, , , 3, undefined, null, , ]'],
  ['array: only holes', 'new Array(1000)'],
  ['array: sparse', 'Object.assign(new Array(4294967295), { 70000: "far" })'],
  ['array: 32 items', 'Array.from({ length: 32 }, (_, i) => i)'],
  ['array: 40 items', 'Array.from({ length: 40 }, (_, i) => i)'],
  ['array: extra properties', 'Object.assign([1, 2], { index: 0, "a b": 1, [Symbol.for("s")]: 2 })'],
  ['object: empty', '{}'],
  ['object: canonical order', '{ b: 1, a: 2, B: 3, 10: 4, 9: 5, "é": 6, "\\ud83d\\ude00": 7, "\\uffff": 8 }'],
  ['object: names', '{ $ok_1: 1, "": 2, "a b": 3, "1a": 4, "a\\n": 5, ["x".repeat(81)]: 6, __proto__x: 7 }'],
  ['object: a property __proto__', 'JSON.parse(\'{"__proto__":1}\')'],
  ['object: registered symbols', '{ [Symbol.for("b")]: 1, [Symbol.for("a")]: 2, z: 3 }'],
  ['object: an undefined property', '{ a: undefined }'],
  ['object: null prototype', 'Object.assign(Object.create(null), { a: 1 })'],
  ['object: shared references', '((o) => [o, o])({ a: 1 })'],
  ['object: 40 properties', 'Object.fromEntries(Array.from({ length: 40 }, (_, i) => ["k" + i, i]))'],
  ['Map', 'new Map([["a", 1], [{ b: 2 }, new Map()]])'],
  ['Map: 40 entries', 'new Map(Array.from({ length: 40 }, (_, i) => [i, i]))'],
  ['Map: extra properties', 'Object.assign(new Map([[1, 2]]), { note: "n" })'],
  ['Set', 'new Set([1, "a", [2]])'],
  ['Set: empty', 'new Set()'],
  ['Set: extra properties', 'Object.assign(new Set(), { note: "n" })'],
  ['Date', 'new Date(1704067200000), new Date(1704067200001), new Date(0), new Date(-1)'],
  ['Date: invalid', 'new Date(NaN)'],
  ['Date: the first and the last', 'new Date(8.64e15), new Date(-8.64e15)'],
  [
    'Date: years beyond four digits',
    'new Date(-62167219200001), new Date(-62167219200000), new Date(253402300800000)',
  ],
  ['Date: leap days', 'new Date("2000-02-29"), new Date("1900-03-01"), new Date("2100-02-28T23:59:59.999Z")'],
  ['Date: extra properties', 'Object.assign(new Date(0), { note: "n" })'],
  ['RegExp', '/a/g, /[/]\\\\\\//, /\\n"é/dgimsuy'],
  ['RegExp: long', 'new RegExp("x".repeat(100))'],
  ['RegExp: extra properties', 'Object.assign(/a/, { note: "n" })'],
  ['boxed', 'Object(1), Object("s"), Object(true), Object(1n), Object(Symbol.for("b")), Object(-0)'],
  ['boxed: extra properties', 'Object.assign(Object("ab"), { note: "n" })'],
  ['bytes: ArrayBuffer', 'new Uint8Array([1, 2, 3]).buffer'],
  ['bytes: DataView', 'new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)'],
  ['bytes: Int8Array', 'new Int8Array([1, -128, 127])'],
  ['bytes: Uint8Array', 'new Uint8Array([1, 2, 3])'],
  ['bytes: Uint8ClampedArray', 'new Uint8ClampedArray([0, 255, 256])'],
  ['bytes: Int16Array', 'new Int16Array([-2, 32767])'],
  ['bytes: Uint16Array', 'new Uint16Array([65535])'],
  ['bytes: Int32Array', 'new Int32Array([-2147483648, 1])'],
  ['bytes: Uint32Array', 'new Uint32Array([4294967295])'],
  ['bytes: Float32Array', 'new Float32Array([0.1, -0, NaN, Infinity, 1e-45])'],
  ['bytes: Float64Array', 'new Float64Array([0.1, -0, NaN, 1e21])'],
  ['bytes: BigInt64Array', 'new BigInt64Array([-1n, 2n ** 63n - 1n])'],
  ['bytes: BigUint64Array', 'new BigUint64Array([2n ** 64n - 1n])'],
  ['bytes: empty', 'new Uint8Array()'],
  ['bytes: 100', 'Uint8Array.from({ length: 100 }, (_, i) => i)'],
  ['bytes: in pieces', 'new Uint8Array(9001).fill(7)'],
  ['text: URL', 'new URL("https://example.org/a?b=é#c")'],
  ['text: URLSearchParams', 'new URLSearchParams("a=1&a=2")'],
  ['text: extra properties', 'Object.assign(new URL("https://example.org"), { note: 1 })'],
  ['error', 'new TypeError("bad"), new Error("")'],
  ['error: no message', 'new RangeError()'],
  ['error: cause', 'new Error("bad", { cause: { code: "E" } })'],
  ['error: errors', 'new AggregateError([1, new Error("in")], "many")'],
  ['error: extra properties', 'Object.assign(new Error("bad", { cause: undefined }), { code: "E" })'],
  ['cycle: itself', '((o) => (o.self = o))({})'],
  ['cycle: two up', '((o) => (o.list = [o], o))({ name: "loop" })'],
  ['cycle: extra property of a date', '((d) => (d.self = d))(new Date(0))'],
  [
    'cycle: from below 64 levels',
    '((o) => { let a = o; for (let i = 0; i < 70; i++) a = [a]; o.top = a; return a })({})',
  ],
  ['nesting: 8 levels', '[[[[[[[[1]]]]]]]]'],
  ['nesting: 9 levels', '[[[[[[[[[1]]]]]]]]], [[[[[[[[[]]]]]]]]]'],
  ['nesting: 64 levels', '(() => { let a = []; for (let i = 1; i < 64; i++) a = [a]; return a })()'],
  ['nesting: 65 levels', '(() => { let a = []; for (let i = 1; i < 65; i++) a = [a]; return a })()'],
  [
    'nesting: several put off, twice',
    '(() => { let a = { x: 1 }; for (let i = 1; i < 140; i++) a = i % 50 ? [a] : { l: a, r: [i] }; return a })(), "after"',
  ],
  [
    'nesting: a branch at every level',
    '(() => { let a = 0; for (let i = 0; i < 130; i++) a = [[i], a, new Map([[i, a && { i }]])]; return a })()',
  ],
  ['keyed', 'new (class Point { [KEY]() { return [1, { y: 2 }] } })()'],
  ['keyed: an instance as what counts', 'new (class Outer { [KEY]() { return new Date(0) } })()'],
  ['abort signal: in an array', '[1, new AbortController().signal]'],
  ['abort signal: left out', '{ a: 2, signal: new AbortController().signal }, new AbortController().signal'],
  ['abort signal: in a Map', 'new Map([["s", new AbortController().signal]])'],
  ['a real call', '42, "abc", { filters: { from: new Date("2024-01-01"), tags: ["a", "b"] }, page: 1 }'],
  ['more text than the limit', 'Array.from({ length: 30 }, (_, i) => ({ ["name" + i]: "x".repeat(60) }))'],
  ['more arguments than are shown', '...Array.from({ length: 40 }, (_, i) => i)'],
]

/** @type {[name: string, source: string][]} */
const REQUESTS = [
  ['Request', 'new Request("https://example.org/a?b=é#c")'],
  [
    'Request: headers',
    'new Request("https://example.org/", { method: "HEAD", headers: [["x-b", "2"], ["x-a", "1"]] })',
  ],
  ['Request: no body', 'WITH_BODY(new Request("https://example.org/", { method: "POST" }), [])'],
  ['Request: redirect', 'new Request("https://example.org/", { redirect: "manual" })'],
  [
    'Request: a body',
    'WITH_BODY(new Request("https://example.org/", { method: "POST", body: new Uint8Array([104, 105, 0, 255]) }), [104, 105, 0, 255])',
  ],
  ['Request: extra properties', '[Object.assign(new Request("https://example.org/"), { note: "n" })]'],
]

/** @type {Call[]} */
const CALLS = [
  ...PORTABLE.map(([name, source]) => ({ name, source })),
  { name: 'Headers', source: 'new Headers([["x-b", "2"], ["x-a", "1"]])', requires: 'Headers' },
  ...REQUESTS.map(([name, source]) => ({ name, source, requires: 'Request' })),
  { name: 'bytes: Buffer', source: 'Buffer.from("buf")', requires: 'Buffer' },
  {
    name: 'bytes: Float16Array',
    source: 'new Float16Array([1.5, -0, 5.960464477539063e-8, 65504, NaN, -Infinity, 0.1])',
    requires: 'Float16Array',
    assemble() {
      sink.head(24, 10)
      sink.float(14)
      sink.bytes(new Uint8Array(new Uint16Array([0x3e00, 0x8000, 1, 0x7bff, 0x7e00, 0xfc00, 0x2e66]).buffer))
    },
  },
  temporal(16, 'Instant', '2024-01-01T00:00:00Z'),
  temporal(17, 'ZonedDateTime', '2024-01-01T00:00:00+01:00[Europe/Paris]'),
  temporal(18, 'PlainDateTime', '2024-01-01T12:30:00'),
  temporal(19, 'PlainDate', '2024-01-01'),
  temporal(20, 'PlainTime', '12:30:00'),
  temporal(21, 'PlainYearMonth', '2024-01'),
  temporal(22, 'PlainMonthDay', '01-31'),
  temporal(23, 'Duration', 'P1DT2H'),
  { name: 'digested: a short key', source: '"0123456789".repeat(10)', maxCells: 8 },
  { name: 'digested: longer than the buffer', source: '"0123456789".repeat(20000)' },
  { name: 'digested: megabytes', source: 'new Uint8Array(3e6), { a: 1 }' },
  { name: 'identity: a function', source: '() => 1' },
  { name: 'identity: a symbol', source: 'Symbol("unique")' },
  { name: 'identity: an instance', source: '[new (class Socket {})()]' },
  { name: 'identity: names', source: '{ [Symbol("a")]: 1, [Symbol("b")]: 2, c: 3 }' },
  { name: 'identity: boxed', source: 'Object(Symbol("boxed"))' },
  {
    name: 'identity: keyed by a class of a name in use',
    source: 'new (class Point { [KEY]() { return 1 } })()',
  },
  { name: 'this', source: '1, 2', self: true },
  { name: 'this, no arguments', source: '', self: true },
]

/** @param {number} kind @param {string} type @param {string} text @returns {Call} */
function temporal(kind, type, text) {
  return {
    name: `text: Temporal.${type}`,
    source: `Temporal.${type}.from(${JSON.stringify(text)})`,
    requires: 'Temporal',
    assemble() {
      sink.head(TEXT, kind)
      sink.string(text)
    },
  }
}

/** @param {number} cells @returns {Buffer} a copy of the key in the buffer */
const taken = cells => Buffer.from(memory.u8.slice(0, cells * 8))

/**
 * Runs a vector's source through the encoder.
 * @param {Call} call
 * @returns {{ bytes: Buffer, digest: string, portable: boolean } | undefined} undefined where the runtime lacks something
 */
export function encodeVector({ source, self, maxCells, requires }) {
  if (requires !== undefined && !(requires in globalThis)) return undefined
  const args = new Function('KEY', 'WITH_BODY', `return [${source}]`)(KEY_METHOD, withBody)
  start()
  return finished(writeCall(self ? {} : undefined, args, maxCells ?? BUFFER_CELLS))
}

/** @param {number} cells */
function finished(cells) {
  const bytes = taken(cells)
  const digest = bytes[0] === 34 ? bytes.subarray(8, 24) : Buffer.from(keyDigest(cells).subarray(0, 16))
  return { bytes, digest: digest.toString('hex'), portable: walked.portable }
}

/** @param {Call} call one whose source cannot run here */
function assembled({ name, assemble }) {
  if (assemble === undefined) throw new Error(`${name}: this runtime lacks what it needs`)
  start()
  const level = sink.open()
  sink.head(CALL, 1)
  assemble()
  return { ...finished(sink.close(level, BUFFER_CELLS)), portable: true }
}

/** @returns {{ vectors: Vector[], damaged: Damaged[] }} */
function build() {
  const vectors = CALLS.map(call => {
    const { bytes, digest, portable } = encodeVector(call) ?? assembled(call)
    const { assemble, ...rest } = call
    return { ...rest, portable, cells: bytes.toString('hex'), digest, text: describeCall(decodeKey(bytes)) }
  })
  return { vectors, damaged: damage(vectors) }
}

/** @param {Uint8Array} bytes @returns {string | null} */
function textOf(bytes) {
  try {
    return describeCall(decodeKey(bytes))
  } catch {
    return null
  }
}

/** Keys with one or two bytes or cells changed, moved or lost, the same every time. @param {Vector[]} vectors @returns {Damaged[]} */
function damage(vectors) {
  let state = 1
  const below = (/** @type {number} */ n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
  const short = vectors.map(({ cells }) => Buffer.from(cells, 'hex')).filter(({ length }) => length <= 240)
  return Array.from({ length: DAMAGED }, () => {
    let bytes = Buffer.from(short[below(short.length)])
    for (let changes = 1 + below(2); changes > 0 && bytes.length > 0; changes--) {
      const at = below(bytes.length / 8) * 8
      switch (below(12)) {
        case 1:
          bytes.writeUInt32LE(1 + below(36), at)
          break
        case 2:
          bytes.writeUInt32LE(below(5), at + 4)
          break
        case 3:
          bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 8)])
          break
        case 4:
          bytes = Buffer.concat([
            bytes.subarray(0, at),
            short[below(short.length)].subarray(8),
            bytes.subarray(at),
          ])
          break
        default:
          bytes[below(bytes.length)] = below(256)
      }
    }
    return { cells: bytes.toString('hex'), text: textOf(bytes) }
  })
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { vectors, damaged } = build()
  const lines = (/** @type {object[]} */ list) => list.map(entry => JSON.stringify(entry)).join(',\n')
  const json = `{"vectors":[\n${lines(vectors)}\n],"damaged":[\n${lines(damaged)}\n]}\n`
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, json)
    console.log(`${vectors.length} vectors, ${damaged.length} damaged keys`)
  } else if (readFileSync(FILE, 'utf8') !== json) {
    console.error('tests/vectors/keys.json is not what the encoder and the decoder give now')
    process.exitCode = 1
  }
}
