import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { memory, provideModule, start } from '../../js/core.js'

/** What cannot be had: a call is answered all the same, uncached, and nothing traps. */

const PAGE = 65_536
const MOST_PAGES = 96
const MOST_ENTRIES = 2 ** 29 - 1

provideModule(
  () =>
    new WebAssembly.Module(withMaximum(readFileSync(new URL('../../pkg/my_mimic_bg.wasm', import.meta.url)))),
)
const { createMime, mime } = await import('../../js/entry/inline.js')

/** The module with a maximum for its memory, which the linker left out. @param {Uint8Array} bytes */
function withMaximum(bytes) {
  let at = 8
  const number = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
  }
  for (;;) {
    const start = at
    const section = bytes[at++]
    const length = number()
    const end = at + length
    if (section !== 5) {
      at = end
      continue
    }
    assert.deepEqual([number(), number()], [1, 0], 'one memory without a maximum')
    const least = bytes.subarray(at, end)
    const body = [1, 1, ...least, 0x80 | (MOST_PAGES & 127), MOST_PAGES >> 7]
    return Buffer.concat([
      bytes.subarray(0, start),
      Buffer.from([5, body.length, ...body]),
      bytes.subarray(end),
    ])
  }
}

const pages = () => {
  start()
  return memory.u8.buffer.byteLength / PAGE
}

/** Fills memory with entries until calls are no longer kept. */
function exhaust(options = {}) {
  const f = mime((x, text) => `${x}${text.length}`, {
    maxEntries: MOST_ENTRIES,
    maxBytes: Infinity,
    ...options,
  })
  const text = 'k'.repeat(4000)
  for (let i = 0; i < 3000; i++) assert.equal(f(i, text), `${i}4000`)
  // The rest, in ever smaller pieces.
  for (let length = 2000; length > 0; length >>= 1) {
    for (let i = 0; i < 40_000 && f.stats().pending === 0; i++) {
      const { entries } = f.stats()
      assert.equal(f(i, 'k'.repeat(length)), `${i}${length}`)
      if (f.stats().entries === entries && i > 100) break
    }
  }
  return { f, text }
}

for (const ttl of [null, '1h']) {
  test(`wasm memory is exhausted, ttl ${ttl}: right answers, hits go on, and space that is freed is used again`, () => {
    const { f, text } = exhaust({ ttl })
    assert.equal(pages(), MOST_PAGES, 'the memory is full')
    const full = f.stats()
    assert.ok(full.entries > 500 && full.entries < 3000)
    assert.equal(f(0, text), '04000')
    assert.equal(f.stats().hits, full.hits + 1)
    assert.equal(f(1e6, text), '10000004000')
    assert.equal(f.stats().entries, full.entries, 'not kept')
    f.clear()
    for (let i = 0; i < 100; i++) f(i, text)
    assert.equal(f.stats().entries, 100)
    assert.equal(f.stats().traps, 0)
    f.clear()
  })
}

test('every operation on a full memory', async () => {
  const { f, text } = exhaust()
  const others = Array.from({ length: 300 }, (_, i) =>
    createMime()(i % 2 ? async x => `other ${x}` : x => `other ${x}`, {
      ttl: i % 3 ? null : '1s',
      tags: () => ['t'],
    }),
  )
  for (const other of others) for (const x of [1, 2]) assert.equal(await other(x), `other ${x}`)
  f.set([-1, text], 'set')
  assert.equal(f.has(0, text), true)
  assert.equal(f.peek(0, text), '04000')
  await f.refresh(0, text)
  assert.equal(f(0, 'x'.repeat(200_000)), '0200000', 'a key longer than the buffer')
  assert.ok(f.explain(1e6, text))
  assert.equal(f.invalidate(0, text), true)
  assert.equal(f(0, text), '04000')
  for (const other of [f, ...others]) assert.equal(other.stats().traps, 0)
  f.clear()
})

test('an absurd bound is refused with a code, or is a bound', () => {
  const absurd = [
    Infinity,
    Number.MAX_VALUE,
    Number.MAX_SAFE_INTEGER,
    2 ** 53,
    2 ** 32,
    2 ** 31,
    2 ** 29,
    MOST_ENTRIES,
  ]
  absurd.push(1, 0.5, 0, -0, -1, -Infinity, NaN, Number.MIN_VALUE)
  const counts = { refused: 0, made: 0 }
  for (const maxEntries of absurd) {
    for (const maxBytes of absurd) {
      try {
        const f = mime(x => x * 2, { maxEntries, maxBytes, sizeOf: () => Number.MAX_VALUE })
        const g = mime(x => x * 2, { maxEntries, maxBytes })
        for (const x of [1, 2, 1]) assert.deepEqual([f(x), g(x)], [x * 2, x * 2])
        assert.ok(g.stats().entries <= maxEntries && g.stats().bytes <= maxBytes)
        assert.equal(f.stats().traps + g.stats().traps, 0)
        counts.made++
      } catch (error) {
        assert.equal(error.code, 'ERR_INVALID_OPTION', error)
        counts.refused++
      }
    }
  }
  assert.ok(counts.made > 20 && counts.refused > 50, JSON.stringify(counts))
})
