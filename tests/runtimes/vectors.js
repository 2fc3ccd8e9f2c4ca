/**
 * The golden vectors in whatever runtime imports this: nothing here is Node's or a browser's. The entry file is the caller's to import, for
 * it says how the runtime gets the module.
 */

import { BUFFER_CELLS, keyDigest, memory, start } from '../../js/core.js'
import { hex } from '../../js/hex.js'
import { decodeKey } from '../../js/key/decode.js'
import { describeCall } from '../../js/key/describe.js'
import { rememberBody } from '../../js/key/request.js'
import { KEY_METHOD, walked, writeCall } from '../../js/key.js'

/**
 * @typedef {import('../../js/index.js')} Lib
 * @typedef {object} Vector
 * @property {string} name
 * @property {string} source
 * @property {boolean} [self]
 * @property {number} [maxCells]
 * @property {string} [requires]
 * @property {boolean} portable
 * @property {string} cells
 * @property {string} digest
 * @property {string} text
 * @typedef {{ vectors: Vector[], damaged: { cells: string, text: string | null }[] }} Golden
 * @typedef {(source: string) => (key: symbol, withBody: Function) => unknown[]} Compile a vector's source as a function that gives its arguments
 * @typedef {object} Outcome
 * @property {number} ran vectors
 * @property {{ name: string, lacks: string }[]} skipped
 * @property {string[]} wrong one sentence each
 * @property {number} checks other than vectors
 */

/** `hash` of the arguments in a source. */
const PINS = [
  ['', '64d13e7479435c90cb6a1dad9f7b8b76389e455e64a4776b399f6a177a23f521'],
  ['{ id: 1, tags: ["x"] }', '3ec2b547c65503ed18b9622338b499e3c3e0f31b2b60563cf98103edec0392ec'],
  ['{ tags: ["x"], id: 1 }', '3ec2b547c65503ed18b9622338b499e3c3e0f31b2b60563cf98103edec0392ec'],
  ['"é".repeat(100000)', 'db100f8a5dd515f5bee601eb9b7c54ff9c78299e835819a0b18d9c85ff2c9beb'],
  ['"…"', '1ed21b7ab311ce1fbf7476ca7a31e01195ef0f27d5194736657e2c9843bcb9f3'],
  [
    'NaN, -0, 2n ** 64n, new Date(0), /a/g',
    'efb110430bdf385f7e268a31feb94a662f9a63939fce3171097c5f540ceaa670',
  ],
]

/** The sources of the pins, for a runtime that cannot compile them itself. */
export const pinSources = PINS.map(([source]) => source)

/** A Request whose body has been read. @param {object} request @param {number[]} bytes */
export function withBody(request, bytes) {
  rememberBody(request, Uint8Array.from(bytes))
  return request
}

/** @type {Compile} */
const compiled = source => /** @type {any} */ (new Function('KEY', 'WITH_BODY', `return [${source}]`))

/**
 * Everything that every runtime can do. Identities are counted from the start of a process: nothing may have been keyed before.
 * @param {Golden} golden
 * @param {Lib} lib
 * @param {Compile} [compile]
 * @returns {Promise<Outcome>}
 */
export async function exercise(golden, lib, compile = compiled) {
  /** @type {Outcome} */
  const outcome = { ran: 0, skipped: [], wrong: [], checks: 0 }
  for (const vector of golden.vectors) {
    const { name, requires } = vector
    if (requires !== undefined && !(requires in globalThis)) {
      outcome.skipped.push({ name, lacks: requires })
      continue
    }
    outcome.ran++
    attempt(outcome, name, () => differences(vector, compile))
  }
  for (const { cells, text } of golden.damaged) {
    outcome.checks++
    attempt(outcome, `damaged key ${cells}`, () => same('text', textOf(bytesOf(cells)), text))
  }
  for (const [source, pin] of PINS) {
    outcome.checks++
    attempt(outcome, `hash(${source})`, () =>
      same('hash', lib.hash(...compile(source)(KEY_METHOD, withBody)), pin),
    )
  }
  outcome.checks++
  attempt(outcome, 'hash of an identity', () =>
    same(
      'code',
      codeOf(() => lib.hash(() => {})),
      'ERR_NOT_PORTABLE',
    ),
  )
  outcome.checks++
  attempt(outcome, 'memoizing', await memoize(lib))
  return outcome
}

/** @param {Outcome} outcome @param {string} name @param {() => string[]} check */
function attempt(outcome, name, check) {
  try {
    for (const difference of check()) outcome.wrong.push(`${name}: ${difference}`)
  } catch (error) {
    outcome.wrong.push(`${name}: threw ${error}`)
  }
}

/** @param {Vector} vector @param {Compile} compile */
function differences(vector, compile) {
  const args = compile(vector.source)(KEY_METHOD, withBody)
  start()
  const cells = writeCall(vector.self ? {} : undefined, args, vector.maxCells ?? BUFFER_CELLS)
  const { portable } = walked
  const bytes = memory.u8.slice(0, cells * 8)
  const digest = bytes[0] === 34 ? bytes.subarray(8, 24) : keyDigest(cells).subarray(0, 16)
  return [
    ...sameCells(hex(bytes), vector.cells),
    ...same('digest', hex(digest), vector.digest),
    ...same('portable', portable, vector.portable),
    ...same('text', textOf(bytes), vector.text),
  ]
}

/** @param {string} what @param {unknown} got @param {unknown} wanted */
function same(what, got, wanted) {
  return got === wanted ? [] : [`${what} is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`]
}

/** Names the first cell that differs; a key may have thousands. @param {string} got @param {string} wanted */
function sameCells(got, wanted) {
  if (got === wanted) return []
  let cell = 0
  while (got.slice(cell * 16, cell * 16 + 16) === wanted.slice(cell * 16, cell * 16 + 16)) cell++
  const shown = (/** @type {string} */ text) => text.slice(cell * 16, cell * 16 + 32) || 'the end'
  return [
    `cell ${cell} of ${got.length / 16} is ${shown(got)}, not ${shown(wanted)} of ${wanted.length / 16}`,
  ]
}

/** @param {string} text two digits a byte */
function bytesOf(text) {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(i * 2, i * 2 + 2), 16),
  )
}

/** @param {Uint8Array} bytes @returns {string | null} null where they are corrupt */
function textOf(bytes) {
  try {
    return describeCall(decodeKey(bytes))
  } catch (error) {
    if (/** @type {any} */ (error).code === 'ERR_KEY_CORRUPT') return null
    throw error
  }
}

/** @param {() => unknown} run */
function codeOf(run) {
  try {
    run()
    return 'nothing thrown'
  } catch (error) {
    return /** @type {any} */ (error).code
  }
}

/** Hits, sync and async, and calls that share one load. @param {Lib} lib @returns {Promise<() => string[]>} */
async function memoize({ mime }) {
  let calls = 0
  const add = mime((/** @type {{ a: number, b: number[] }} */ { a, b }) => {
    calls++
    return a + b[0]
  })
  const sums = [add({ a: 1, b: [2] }), add({ b: [2], a: 1 }), add({ a: 2, b: [2] })]
  let loads = 0
  const load = mime(async (/** @type {string} */ id) => {
    loads++
    await Promise.resolve()
    return { id }
  }, '5m')
  const [first, second] = await Promise.all([load('x'), load('x')])
  const third = await load('x')
  return () => [
    ...same('sums', sums.join(), '3,3,4'),
    ...same('calls', calls, 2),
    ...same('hits', add.stats().hits, 1),
    ...same('loads', loads, 1),
    ...same('one value', first === second && second === third && first.id === 'x', true),
  ]
}

/**
 * One call of a function that IndexedDB remembers; to be asked again after a reload.
 * @param {Lib} lib
 * @returns {Promise<{ calls: number, storeHits: number, value: string }>}
 */
export async function remember({ mime, indexedDBStore }) {
  let calls = 0
  const load = mime(
    async (/** @type {number} */ id, /** @type {object} */ options) => {
      calls++
      return { id, options, at: new Date(0), set: new Set(['é→😀', 1n]), map: new Map([[-0, undefined]]) }
    },
    { name: 'load', version: '1', store: indexedDBStore() },
  )
  const { at, set, map, ...rest } = await load(1, { b: [2] })
  await load.flush()
  const value = `${JSON.stringify(rest)} ${at.toISOString()} ${[...set].join()} ${map.has(0)}`
  return { calls, storeHits: load.stats().storeHits, value }
}
