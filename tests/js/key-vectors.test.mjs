import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { encodeVector } from '../../scripts/vectors-keys.mjs'
import { decodeKey } from '../../js/key/decode.js'
import { describeCall, describeNode } from '../../js/key/describe.js'
import { diffKeys } from '../../js/key/diff.js'

/** The golden keys: this runtime's encoder writes the same bytes, and the decoder reads them as Rust's does. */

const { vectors, damaged } = JSON.parse(
  readFileSync(new URL('../vectors/keys.json', import.meta.url), 'utf8'),
)

const bytesOf = hex => new Uint8Array(Buffer.from(hex, 'hex'))

test('every call gives the golden bytes and digest', () => {
  for (const vector of vectors) {
    const encoded = encodeVector(vector)
    if (encoded === undefined) continue
    assert.equal(encoded.bytes.toString('hex'), vector.cells, vector.name)
    assert.equal(encoded.digest, vector.digest, vector.name)
    assert.equal(encoded.portable, vector.portable, vector.name)
  }
})

test('no two vectors share a key or a digest', () => {
  assert.equal(new Set(vectors.map(({ cells }) => cells)).size, vectors.length)
  assert.equal(new Set(vectors.map(({ digest }) => digest)).size, vectors.length)
})

test('every key decodes to its text, and to the same tree again', () => {
  for (const { name, cells, text } of vectors) {
    const bytes = bytesOf(cells)
    const tree = decodeKey(bytes)
    assert.equal(describeCall(tree), text, name)
    assert.deepEqual(decodeKey(Buffer.from(cells, 'hex')), tree, name)
    assert.equal(diffKeys(tree, decodeKey(bytes)), undefined, name)
  }
})

test('any two keys differ somewhere', () => {
  const trees = vectors.map(({ cells }) => decodeKey(bytesOf(cells)))
  for (const [i, a] of trees.entries()) {
    for (const [j, b] of trees.entries()) {
      if (i === j) continue
      const found = diffKeys(a, b)
      assert.ok(found, `${vectors[i].name} and ${vectors[j].name}`)
      assert.ok(found.similarity >= 0 && found.similarity < 1, `${found.similarity}`)
      assert.ok(found.a !== found.b || a.digested, `${vectors[i].name} and ${vectors[j].name}: ${found.a}`)
    }
  }
})

test('damaged keys decode, or are corrupt, as recorded', () => {
  for (const { cells, text } of damaged) {
    if (text === null) assert.throws(() => decodeKey(bytesOf(cells)), { code: 'ERR_KEY_CORRUPT' })
    else assert.equal(describeCall(decodeKey(bytesOf(cells))), text)
  }
})

test('containers put off stand in their places', () => {
  const { cells } = vectors.find(({ name }) => name === 'nesting: a branch at every level')
  let node = decodeKey(bytesOf(cells)).args[0]
  for (let i = 129; i >= 0; i--) {
    assert.equal(node.type, 'array')
    assert.equal(describeNode(node.items[0]), `[${i}]`)
    assert.equal(describeNode(node.items[2]), i === 0 ? 'Map(1) {0 => 0}' : `Map(1) {${i} => {i: ${i}}}`)
    node = node.items[1]
  }
  assert.equal(node.value, 0)
})
