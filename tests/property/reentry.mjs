import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { diskStore } from '../../js/entry/disk.js'
import { createMime, mime } from '../../js/entry/inline.js'
import { assertDistinct, assertSame, assertSound, recorder } from './calls.mjs'

/** User code that runs during a walk and calls memoized functions itself. Imported by tests/js/key-hostile.test.mjs. */

const LENGTHS = [0, 100, 3000, 65_400, 70_000, 200_000]

describe('getters that call memoized functions', () => {
  for (const outerLength of LENGTHS) {
    for (const innerLength of LENGTHS) {
      test(`${outerLength} characters before and after, ${innerLength} inside`, () => {
        const f = recorder()
        const g = recorder()
        const long = 'o'.repeat(outerLength)
        const make = (tag, act) => ({
          a: `${long}${tag}`,
          get b() {
            act()
            return 1
          },
          c: long,
          d: [tag, { e: long }],
        })
        const inner = name => () => {
          const text = 'i'.repeat(innerLength)
          assert.equal(g(text, name), g(text, name))
          assert.equal(f({ text, name }), f({ name, text }))
          assert.notEqual(g(text, name), g(text, `${name}!`))
        }
        const acts = {
          quiet: () => {},
          once: inner('one'),
          twice: () => {
            inner('two')()
            inner('three')()
          },
          nested: () => g(make('in', () => f(make('deeper', inner('four'))))),
          caught: () => {
            try {
              g({
                a: 'x'.repeat(innerLength),
                get b() {
                  inner('five')()
                  throw new Error('after the nested call')
                },
              })
            } catch {
              assert.fail('nothing may come out of the cache')
            }
          },
        }
        const records = Object.values(acts).flatMap(act => [f(make('x', act), long), f(make('x', act), long)])
        assert.equal(new Set(records).size, 1, 'the same content is the same call, whatever ran meanwhile')
        const others = Object.values(acts).map(act => f(make('y', act), long))
        assert.equal(new Set(others).size, 1)
        assert.notEqual(records[0], others[0])
        assertSound(f)
      })
    }
  }

  test('a throw after a nested call: that argument goes by identity, the others count', () => {
    const f = recorder()
    for (const length of LENGTHS) {
      const long = 'x'.repeat(length)
      const bad = {
        a: long,
        get b() {
          f(long, 'inner')
          throw new Error('after')
        },
      }
      assert.equal(f(`${long}1`, bad, 2), f(`${long}1`, bad, 2))
      assert.notEqual(f(`${long}1`, bad, 2), f(`${long}2`, bad, 2))
      assert.notEqual(f(`${long}1`, bad, 2), f(`${long}1`, bad, 3))
      assertSound(f)
    }
  })

  test('[mime.key]() that calls memoized functions', () => {
    const g = recorder()
    class Busy {
      constructor(x) {
        this.x = x
      }
      [mime.key]() {
        g('k'.repeat(70_000), this.x)
        return this.x
      }
    }
    assertSame(new Busy(1), new Busy(1))
    assertDistinct(new Busy(1), new Busy(2))
  })

  test('every other verb, and wrapping, in a getter', () => {
    const g = recorder()
    g(1)
    const acts = [
      () => g.stats(),
      () => g.has(1),
      () => g.peek({ a: 1 }),
      () => g.set([5], 6),
      () => g.invalidate(7),
      () => g.clear(),
      () => mime(() => 1)(2),
    ]
    for (const act of acts) {
      const make = x => ({ get a() { return String(act()).slice(0, 0) }, x }) // biome-ignore format: one line
      assertDistinct(make(1), make(2))
    }
  })

  test('what else goes through the key buffer, in a getter: a dump that waits, a store that opens, writes, or is asked', async () => {
    const named = of => of(function stored(x) { return 'v'.repeat(500) + x }, { version: '1' }) // biome-ignore format: one line
    const content = { aaaaaaaaaaaaaa: 2, bbbbbbbbbbbbbbbb: 3 }
    const from = createMime()
    named(from)(content)
    const dump = from.dump()
    const path = mkdtempSync(join(tmpdir(), 'mimic-reentry-'))
    const opened = () => named(createMime({ store: diskStore({ path }) }))
    const first = opened()
    first(content)
    await first.flush()
    const kept = []
    const acts = {
      'a dump that waits': () => {
        const to = createMime()
        to.load(dump)
        return () => void named(to)
      },
      clear: () => () => opened().clear(),
      'a hit of a new store': () => () => void kept.push(opened()(content)),
      'flush of what waits': () => {
        const f = opened()
        f({ ...content, flushed: true })
        return () => void kept.push(f.flush())
      },
      'close of what waits': () => {
        const f = opened()
        f({ ...content, closed: true })
        return () => void kept.push(f[Symbol.asyncDispose]())
      },
    }
    const f = recorder()
    for (const [what, prepare] of Object.entries(acts)) {
      for (const before of ['', 'o'.repeat(70_000)]) {
        const make = (tag, act) => [before + tag + what, { get b() { act(); return 1 } }, { c: tag }] // biome-ignore format: one line
        const [x, y] = [f(make('x', prepare())), f(make('y', prepare()))]
        assert.notEqual(x, y, what)
        assert.equal(f(make('x', prepare())), x, what)
        assert.equal(f(make('x', () => {})), x, what)
      }
    }
    assertSound(f)
    await Promise.all(kept)
    await first[Symbol.asyncDispose]()
    rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  })

  test('the stack ends during a nested call', () => {
    const f = recorder()
    const g = recorder()
    for (const depth of [0, 1, 2, 3, 5, 7, 11, 13, 17]) {
      const nested = () => g(Object.defineProperty({}, 'a', { enumerable: true, get: () => descend(depth) }))
      const descend = n => {
        if (n > 0) descend(n - 1)
        else nested()
        return 1
      }
      const bad = Object.defineProperty({}, 'a', { enumerable: true, get: () => descend(depth) })
      for (const long of ['', 'x'.repeat(70_000)]) {
        const [left, right] = [f(`${long}a`, bad), f(`${long}b`, bad)]
        assert.ok(left !== right, `depth ${depth}`)
        assertSound(f)
      }
    }
  })
})

describe('memory that grows during a walk', () => {
  test('wrapping functions in a getter', () => {
    const f = recorder()
    const kept = []
    for (let i = 0; i < 3000; i++) {
      const argument = {
        i,
        get grow() {
          kept.push(mime(() => 1, { maxEntries: 50 }))
          return 1
        },
      }
      assert.equal(f(argument).args[0], argument, `call ${i} got the result of another`)
    }
    assert.equal(kept.length, 3000)
  })

  test('a key longer than the buffer, while the core fills up', () => {
    const filler = recorder()
    const f = recorder()
    const text = 'a'.repeat(70_000)
    const first = [f(text), f({ text })]
    for (let i = 0; i < 40_000; i++) {
      filler('k'.repeat(i % 1000) + i)
      if (i % 7 === 0) {
        assert.equal(f(text), first[0])
        assert.equal(f({ text }), first[1])
      }
    }
  })
})

describe('each getter is read at most once', () => {
  const counted = (object, key, value, extra = {}) => {
    const reads = { count: 0, object }
    Object.defineProperty(object, key, {
      enumerable: true,
      configurable: true,
      ...extra,
      get() {
        reads.count++
        return value
      },
    })
    return reads
  }
  class Keyed {}
  const makers = {
    'of an object': () => counted({ b: 1 }, 'a', 1),
    'of an object with a signal': () => counted({ s: AbortSignal.abort() }, 'a', 1),
    'under a symbol': () => counted({}, Symbol.for('a'), 1),
    'of an array': () => counted([1, 2], 0, 1),
    'of an array, undefined': () => counted([1, 2], 0, undefined),
    'extra on an array': () => counted([1], 'x', 1),
    'of a Map': () => counted(new Map(), 'x', 1),
    'the message of an Error': () => counted(new Error(), 'message', 'm'),
    'the hidden message of an Error': () => counted(new Error(), 'message', 'm', { enumerable: false }),
    'the cause of an Error': () => counted(new Error(), 'cause', 1),
    '[mime.key] itself': () => counted(new Keyed(), mime.key, () => 1),
    'an object with a null prototype': () => counted(Object.create(null), 'a', 1),
  }
  for (const [what, make] of Object.entries(makers)) {
    test(what, () => {
      const reads = make()
      const f = recorder()
      f(reads.object)
      assert.ok(reads.count <= 1, `read ${reads.count} times`)
      assert.equal(f.runs, 1)
    })
  }
})
