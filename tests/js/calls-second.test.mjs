// From its second load on a sync function may go a shorter way: whatever holds of the first result holds of those after it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createMime } from '../../js/entry/inline.js'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')

/** A wrapped function whose first load is over. */
function second(fn, options, mime = createMime()) {
  const mimed = mime(fn, options)
  mimed('first')
  return mimed
}

test('each option that concerns what is stored', () => {
  let now = 0
  const clock = { now: () => now }
  assert.ok(Object.isFrozen(second(n => ({ n }), { freeze: true })(2)))
  const cloned = second(n => ({ n }), { clone: true })
  assert.notEqual(cloned(2), cloned(2))
  const ofEach = second(n => n, { ttl: value => (value === 2 ? '1s' : '1h'), clock })
  const early = second(n => n, { ttl: '1h', jitter: '59m', clock })
  for (const [mimed, keys] of [
    [ofEach, [2, 3]],
    [early, Array.from({ length: 50 }, (_, n) => n)],
  ]) {
    keys.forEach(key => mimed(key))
  }
  now = 30 * 60_000
  assert.deepEqual([ofEach.has(2), ofEach.has(3)], [false, true])
  const left = Array.from({ length: 50 }, (_, n) => early.has(n)).filter(Boolean).length
  assert.ok(left > 0 && left < 50, String(left))
  const mime = createMime()
  const tagged = second(n => n, { tags: ([n]) => [`n:${n}`] }, mime)
  tagged(2)
  tagged(3)
  mime.invalidateTags('n:2')
  assert.deepEqual([tagged.has(2), tagged.has(3)], [false, true])
  const sized = second(n => n, { maxBytes: 10_000, sizeOf: n => (n === 2 ? 20_000 : 1) })
  sized(2)
  sized(3)
  assert.deepEqual([sized.has(2), sized.has(3), sized.stats().refused], [false, true, 1])
})

test('a signal that its key leaves out gets one of ours in its place', () => {
  const { signal } = new AbortController()
  const seen = []
  const mimed = second(
    (n, options) => {
      seen.push(options?.signal)
      return n
    },
    { key: n => n },
  )
  mimed(2, { signal })
  assert.ok(seen[1] instanceof AbortSignal && seen[1] !== signal)
  const without = second((_n, given) => seen.push(given), {})
  without(2, signal)
  assert.ok(seen.at(-1) instanceof AbortSignal && seen.at(-1) !== signal)
})

test('each result that is no plain one', async () => {
  const mimed = second(n =>
    n === 'iterator' ? [1][Symbol.iterator]() : n === 'promise' ? Promise.resolve(n) : n,
  )
  assert.notEqual(mimed('iterator'), mimed('iterator'))
  assert.equal(mimed.has('iterator'), false)
  const promise = mimed('promise')
  assert.ok(promise instanceof Promise)
  assert.equal(await mimed('promise'), 'promise')
  assert.equal(await promise, 'promise')
  assert.deepEqual([await mimed.peek('promise'), mimed.stats().coalesced], ['promise', 1])
})

test('a throw, an invalidation during the load, a clear, and a call of itself', () => {
  const deeds = {
    throws() {
      throw new RangeError('no')
    },
    invalidates: () => mimed.invalidate('invalidates'),
    clears: () => mimed.clear(),
    'gives its slot away': name => {
      mimed.invalidate(name)
      mimed('takes it')
    },
    recurses: () => [mimed('inner'), mimed('inner')],
    sets: () => mimed.set(['sets'], 'other'),
    refreshes: () => mimed.refresh('refreshes again'),
    listens: () => mimed.on('hit', () => {}),
  }
  const mimed = second(name => deeds[name]?.(name) ?? name)
  assert.throws(() => mimed('throws'), RangeError)
  assert.throws(() => mimed('throws'), RangeError)
  for (const name of ['invalidates', 'clears', 'gives its slot away']) {
    mimed(name)
    assert.equal(mimed.has(name), false, name)
  }
  assert.equal(mimed.peek('takes it'), 'takes it')
  assert.deepEqual(mimed('recurses'), ['inner', 'inner'])
  mimed('sets')
  assert.equal(mimed.peek('sets'), 'other')
  mimed('refreshes')
  assert.ok(mimed.has('refreshes') && mimed.has('refreshes again'))
  mimed('listens')
  assert.ok(mimed.has('listens'))
  const { loads, errors, pending, misses } = mimed.stats()
  assert.deepEqual([loads, errors, pending, misses], [13, 2, 0, 12])
})

test('a load of the same key further up the stack', () => {
  let depth = 0
  const mimed = second(n => (n === 'first' || depth++ > 2 ? n : [mimed(n)]))
  assert.deepEqual(mimed('x'), [[['x']]])
  assert.deepEqual([mimed.peek('x'), mimed.stats().pending], [[[['x']]], 0])
})

test('who listens hears, from the next call on, and no longer than he listens', () => {
  for (const [type, expected] of Object.entries({ miss: [3], remove: [2], hit: [3] })) {
    const heard = []
    const mimed = second(n => n, { maxEntries: 1 })
    mimed(2)
    const off = mimed.on(type, ({ args, value }) => heard.push(args?.[0] ?? value))
    mimed(3)
    mimed(3)
    off()
    mimed(4)
    mimed(4)
    assert.deepEqual(heard, expected, type)
  }
})

test('when it came in, where there is a ttl; without one no clock is read', () => {
  let now = 100
  let readings = 0
  const clock = { now: () => now + 0 * readings++ }
  const timed = second(n => n, { clock, ttl: '1s' })
  now = 200
  timed(2)
  now = 250
  assert.equal(timed.explain(2).entry?.age, 50)
  readings = 0
  const mimed = second(n => n, { clock })
  for (let n = 0; n < 200; n++) mimed(n)
  mimed.refresh(3)
  mimed.set([4], 4)
  mimed.peek(5)
  mimed.has(6)
  mimed.invalidate(7)
  mimed.stats()
  assert.equal(mimed.explain(2).entry?.timeLeft, Infinity)
  assert.equal(readings, 0)
})

test('what an identity is the key of goes with it', async () => {
  const mimed = second((_object, n) => n)
  const kept = new Set()
  for (let n = 0; n < 20; n++) {
    class Point {}
    const point = new Point()
    mimed(point, n)
    if (n < 5) kept.add(point)
  }
  assert.equal(mimed.stats().entries, 21)
  for (let i = 0; i < 50 && mimed.stats().entries > 7; i++) {
    gc()
    await setImmediate()
  }
  assert.ok(mimed.stats().entries <= 7 && kept.size === 5, String(mimed.stats().entries))
})

test('an async load that waits for itself is told so', async () => {
  const mimed = second(async key => (key === 'itself' ? mimed(key) : key))
  await assert.rejects(mimed('itself'), { code: 'ERR_SELF_AWAIT' })
})
