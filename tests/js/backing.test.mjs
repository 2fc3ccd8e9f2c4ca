// What a store of one's own gives that is no entry, or not in time: the function's result, an event and a counter.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { deferred, settled } from '../calls/wrapped.mjs'

const ENTRY = { value: 'stored', storedAt: 0, deadline: Infinity, ttl: Infinity }
const boom = new Error('boom')

/** A store that gives this, to sync and to async functions. @param {() => any} give */
const giving = give => ({ ...memoryStore(), getSync: give, get: give })
const sync = x => `of ${x}`
const late = async x => sync(x)

/** @param {Function} fn @param {any} store @param {object} [options] */
function told(fn, store, options) {
  const errors = []
  const onEvent = ({ type, error }) => type === 'error' && errors.push(error)
  const f = createMime({ store, onEvent, name: 'load', version: '1', ...options })(fn)
  return { f: x => f(x), stats: () => f.stats(), errors }
}

describe('what is no entry', () => {
  const bad = {
    'a number': 42,
    'a string': 'x',
    true: true,
    'an array': [],
    'an object': {},
    'a function': () => {},
    'one without a value': { ...ENTRY, value: undefined },
  }
  delete bad['one without a value'].value
  const times = [undefined, null, NaN, -1, '99999999999999', 10n, Symbol('x'), {}, new Date()]
  for (const field of ['storedAt', 'deadline', 'ttl']) {
    for (const time of times) bad[`${field}: ${typeof time} ${String(time)}`] = { ...ENTRY, [field]: time }
  }

  for (const [what, entry] of Object.entries(bad)) {
    test(what, async () => {
      const store = giving(() => entry)
      const one = told(sync, store)
      assert.equal(one.f(1), 'of 1')
      assert.deepEqual([one.errors.map(({ code }) => code), one.stats().storeErrors], [['ERR_STORE_CORRUPT'], 1]) // biome-ignore format: one line
      const other = told(late, { ...store, getSync: undefined })
      assert.equal(await other.f(1), 'of 1')
      assert.deepEqual([other.errors.map(({ code }) => code), other.stats().storeErrors], [['ERR_STORE_CORRUPT'], 1]) // biome-ignore format: one line
    })
  }

  test('a getter that throws', async () => {
    for (const field of ['value', 'storedAt', 'deadline', 'ttl', 'isAsync', 'isPassing']) {
      const entry = Object.defineProperty({ ...ENTRY }, field, {
        get() {
          throw boom
        },
      })
      const one = told(
        sync,
        giving(() => entry),
      )
      assert.deepEqual([one.f(1), one.errors], ['of 1', [boom]])
      const other = told(late, { ...giving(() => entry), getSync: undefined })
      assert.deepEqual([await other.f(1), other.errors], ['of 1', [boom]])
    }
  })

  test('a getter that says something else the next time is asked once', () => {
    let reads = 0
    const entry = { ...ENTRY, get ttl() { return reads++ === 0 ? 1000 : 10n } } // biome-ignore format: one line
    const { f, errors } = told(
      sync,
      giving(() => entry),
    )
    assert.deepEqual([f(1), errors, reads], ['stored', [], 1])
  })

  test('a promise where none may be is no entry, and its failure is told', async () => {
    const { f, errors } = told(
      sync,
      giving(() => Promise.reject(boom)),
    )
    assert.equal(f(1), 'of 1')
    await settled()
    assert.deepEqual([errors.map(({ code }) => code), errors[1]], [['ERR_STORE_CORRUPT', undefined], boom])
  })

  test('nothing is told of nothing, of what has expired, and of tags, which the function says itself', async () => {
    const entries = [undefined, null, { ...ENTRY, deadline: 5 }, { ...ENTRY, ttl: 0 }, { ...ENTRY, tags: 5 }]
    const expected = ['of 1', 'of 1', 'of 1', 'of 1', 'stored']
    for (const [i, entry] of entries.entries()) {
      const one = told(
        sync,
        giving(() => entry),
      )
      assert.deepEqual([one.f(1), one.errors], [expected[i], []])
      const other = told(
        late,
        giving(() => entry),
      )
      assert.deepEqual([await other.f(1), other.errors], [expected[i], []])
    }
  })
})

describe('a store that does not answer in time', () => {
  const hanging = giving(() => undefined)
  hanging.get = () => new Promise(() => {})

  test('is an event for each call that goes on without it, those that joined not counted', async () => {
    const { f, stats, errors } = told(late, hanging, { storeTimeout: '5ms' })
    assert.deepEqual(await Promise.all([f(1), f(1), f(2)]), ['of 1', 'of 1', 'of 2'])
    assert.deepEqual([errors.map(({ code }) => code), stats().storeErrors], [['ERR_STORE_TIMEOUT', 'ERR_STORE_TIMEOUT'], 2]) // biome-ignore format: one line
    for (const word of ['load', '5 ms', 'storeTimeout']) assert.ok(errors[0].message.includes(word), word)
  })

  test('what it answers, or fails with, afterwards is neither', async () => {
    for (const end of ['resolve', 'reject']) {
      const answer = deferred()
      const { f, errors } = told(late, { ...hanging, get: () => answer.promise }, { storeTimeout: '5ms' })
      assert.equal(await f(1), 'of 1')
      answer[end](ENTRY)
      await settled()
      assert.deepEqual([errors.length, await f(1)], [1, 'of 1'])
    }
  })

  test('one that does is none', async () => {
    const { f, errors } = told(late, { ...hanging, get: async () => ENTRY }, { storeTimeout: '5ms' })
    assert.deepEqual([await f(1), errors], ['stored', []])
  })
})
