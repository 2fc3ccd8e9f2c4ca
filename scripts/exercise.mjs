// Loads a freshly built module and asks it questions with known answers: an optimiser can break a module in silence.
// Run by `cargo xtask build` with the folder of the module; a non-zero exit keeps the module out of pkg/.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sizes, WASM_GZIP_BUDGET } from './budget.js'

const dir = resolve(process.argv[2] ?? 'pkg')
const glue = await import(pathToFileURL(resolve(dir, 'my_mimic.js')).href)
const { base64 } = await import(pathToFileURL(resolve(dir, 'inline.js')).href)

/** Of the slot that `reserve` got last. */
let generation = 0

const bytes = Buffer.from(base64, 'base64')
assert.ok(bytes.equals(readFileSync(resolve(dir, 'my_mimic_bg.wasm'))), 'inline.js is not the module')
glue.initSync({ module: new WebAssembly.Module(bytes) })
assert.equal(typeof glue.__wbg_reset_state, 'function', 'the glue cannot recover from a trap')

exercise()
recover()
exercise()
weigh()

/** A miss, a commit, a hit, another key, an expiry, an invalidation. */
function exercise() {
  glue.boot(0x12345678, 0x9abcdef0, 0)
  const index = glue.index_new(64, Infinity)
  assert.ok(index > 0, 'index_new')

  const slot = reserve(index, 42, 0)
  assert.equal(glue.probe(index, key(42), 0), ~((slot << 1) | 1), 'a second probe finds the pending slot')
  assert.equal(glue.commit(index, slot, generation, 1000, 1, 0), 0, 'commit removes nothing')
  assert.equal(glue.probe(index, key(42), 999), slot, 'a hit')
  assert.equal(glue.find(index, key(43), 999), -1, 'another key is not found')
  assert.ok(glue.probe(index, key(42), 1001) < 0, 'a miss after the deadline')
  glue.clear(index)

  const kept = reserve(index, 7, 0)
  assert.equal(glue.commit(index, kept, generation, Number.POSITIVE_INFINITY, 1, 0), 0)
  assert.equal(glue.find(index, key(7), 1e15), kept, 'an entry without a deadline stays')
  assert.equal(glue.remove(index, key(7)), kept, 'an invalidation names the slot')
  assert.equal(glue.find(index, key(7), 0), -1, 'and the entry is gone')
  glue.index_free(index)
}

/** @param {number} index @param {number} value @param {number} now */
function reserve(index, value, now) {
  const missed = glue.probe(index, key(value), now)
  assert.ok(missed < 0 && (~missed & 1) === 0, 'a first probe misses')
  generation = view(glue.out_ptr(), 1)[0]
  return ~missed >> 1
}

/** Writes the key of a call with one int32 (see "Key format" in ARCHITECTURE.md) and returns its cells. @param {number} value */
function key(value) {
  view(glue.key_ptr(), 4).set([32, 1, 5, value])
  return 2
}

/** A fresh view each time: memory may have grown. @param {number} address @param {number} length */
function view(address, length) {
  return new Uint32Array(glue.initSync().memory.buffer, address, length)
}

function recover() {
  assert.throws(() => glue.force_trap(), WebAssembly.RuntimeError)
  glue.__wbg_reset_state()
}

function weigh() {
  const { raw, gzip, brotli } = sizes(bytes)
  console.error(
    `      module: ${kib(raw)} raw, ${kib(gzip)} gzip, ${kib(brotli)} brotli; budget ${kib(WASM_GZIP_BUDGET)} gzip`,
  )
  assert.ok(
    gzip <= WASM_GZIP_BUDGET,
    `the module is over its budget of ${WASM_GZIP_BUDGET} bytes gzip: see scripts/budget.js`,
  )
}

/** @param {number} bytes */
function kib(bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`
}
