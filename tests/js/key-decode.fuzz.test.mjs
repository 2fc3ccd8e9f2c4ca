import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { decodeKey } from '../../js/key/decode.js'
import { describeCall } from '../../js/key/describe.js'
import { diffKeys } from '../../js/key/diff.js'

/**
 * Whatever the bytes: a tree, or ERR_KEY_CORRUPT and nothing else. That Rust agrees on damaged keys is in the golden file, which
 * `tests/key_vectors.rs` reads too.
 */

const SEED = Number(process.env.FUZZ_SEED ?? 1)
const INPUTS = Number(process.env.FUZZ_INPUTS ?? 200_000)
const LIMIT = 300
/** What the value that passes the limit may add, names and brackets included. */
const SLACK = 2500

/** mulberry32 @param {number} seed */
function random(seed) {
  let state = seed >>> 0
  return n => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
}

const { vectors } = JSON.parse(readFileSync(new URL('../vectors/keys.json', import.meta.url), 'utf8'))
const keys = vectors.map(({ cells }) => Buffer.from(cells, 'hex')).filter(({ length }) => length <= 2400)

/** @param {(n: number) => number} below @param {Buffer} key */
function mutate(below, key) {
  if (key.length < 8) return key
  const at = below(key.length >> 3) * 8
  switch (below(8)) {
    case 0:
      key.writeUInt32LE(below(37), at)
      return key
    case 1:
      key.writeUInt32LE(below(6), at + 4)
      return key
    case 2:
      key.writeUInt32LE(0xffffffff - below(3), at + 4)
      return key
    case 3:
      return Buffer.concat([key.subarray(0, at), key.subarray(at + 8)])
    case 4:
      return key.subarray(0, below(8) ? at : below(key.length))
    case 5:
      return Buffer.concat([key.subarray(0, at), keys[below(keys.length)].subarray(8), key.subarray(at)])
    default:
      key[below(key.length)] = below(256)
      return key
  }
}

test('any bytes decode or are corrupt', () => {
  const below = random(SEED)
  let good = 0
  let last = decodeKey(keys[0])
  for (let i = 0; i < INPUTS; i++) {
    let key = Buffer.from(keys[below(keys.length)])
    if (below(20) === 0) for (let at = 8; at < key.length; at++) key[at] = below(4) ? 0 : below(37)
    for (let changes = 1 + below(3); changes > 0; changes--) key = mutate(below, key)
    try {
      const tree = decodeKey(key)
      good++
      const text = describeCall(tree, LIMIT)
      assert.ok(text.length <= LIMIT + SLACK, `${text.length} units`)
      const found = diffKeys(last, tree)
      if (found) assert.ok(found.similarity >= 0 && found.similarity < 1 && found.path.length <= 201)
      last = tree
    } catch (error) {
      assert.equal(
        error.code,
        'ERR_KEY_CORRUPT',
        `seed ${SEED}, input ${i}: ${error.stack}\n${key.toString('hex')}`,
      )
    }
  }
  assert.ok(good > INPUTS / 50, `only ${good} decoded: the mutations are too coarse`)
})
