// The conformance suite itself: stores that do everything pass, and every check refuses a store with the fault that it is about.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ERRORS, TEXTS, VIEWS } from '../../js/codec/tags.js'
import { chaos, storeChecks, testStore } from '../../js/entry/testing-store.js'
import { KINDS } from '../../js/testing/store/kinds.js'
import { mutants } from '../stores/mutants.mjs'
import { Naive } from '../stores/naive.mjs'
import { placesOf, Reference } from '../stores/reference.mjs'

const places = placesOf()
const reference = {
  name: 'reference',
  open: place => new Reference(places.at(place)),
  remove: places.remove,
  sync: true,
  tags: true,
  persists: true,
}

describe('a store that does everything', () => {
  testStore({ ...reference, test })
})

describe('a store over a backend that goes wrong', () => {
  const open = (place, wrap) => new Naive(places.at(place), wrap)
  testStore({ name: 'naive', open, remove: places.remove, persists: true, test })
})

test('its kinds of values are all that the codec knows', () => {
  const met = new Set()
  /** @param {any} value */
  const walk = value => {
    const isNew = typeof value === 'object' && value !== null && !met.has(value)
    met.add(isNew ? value : typeof value)
    if (!isNew) return
    const proto = Object.getPrototypeOf(value)
    met.add(proto === null ? 'null prototype' : proto.constructor.name)
    // A view of a part is not one of the whole.
    if (ArrayBuffer.isView(value)) return
    if (value instanceof Map || value instanceof Set) for (const part of [...value].flat()) walk(part)
    for (const name of Reflect.ownKeys(value)) walk(value[name])
  }
  for (const make of Object.values(KINDS)) walk(make())
  const builtins = [...VIEWS, ...ERRORS, ...TEXTS].filter(name => name in globalThis)
  const others = ['Object', 'null prototype', 'Array', 'Map', 'Set', 'Date', 'RegExp', 'ArrayBuffer']
  const boxed = ['Boolean', 'Number', 'String', 'BigInt', 'Symbol']
  const primitives = ['undefined', 'boolean', 'number', 'bigint', 'string', 'symbol']
  const all = [...builtins, ...others, ...boxed, ...primitives]
  assert.deepEqual(all.filter(kind => !met.has(kind)), []) // biome-ignore format: one line
})

/** Only on the object itself is there what its methods need. */
class Private extends Reference {
  #listeners = 0

  on(event, listener) {
    this.#listeners++
    return super.on(event, listener)
  }

  stats() {
    return { ...super.stats(), listeners: this.#listeners }
  }
}

test('a store whose class has private fields is as good as any', async () => {
  const open = place => new Private(places.at(place))
  const checks = storeChecks({ ...reference, name: 'private', open })
  const faults = checks.filter(({ name }) => name.startsWith('private: faults'))
  assert.notEqual(faults.length, 0)
  for (const { run } of faults) await run()
})

/** The name of a check without that of the subject and its mode. @param {string} name */
const bare = name => name.replace(/^mutant: /, '').replace(/, for sync functions$/, '')

describe('mutants', () => {
  const refused = new Set()

  for (const { name, open, refusedBy, ...can } of mutants) {
    test(`${name} is refused`, async () => {
      const places = placesOf()
      const subject = { ...reference, ...can, name: 'mutant', patience: 400, remove: places.remove }
      const checks = storeChecks({ ...subject, open: (place, wrap) => open(places.at(place), wrap) })
      for (const beginning of refusedBy) {
        const chosen = checks.filter(check => bare(check.name).startsWith(beginning))
        assert.notEqual(chosen.length, 0, `there is no check ${beginning}…`)
        let isRefused = false
        for (const check of chosen) {
          await check.run().catch(error => {
            // By a claim of the check or what the mutant throws, not by a slip of the mutant's.
            assert.ok(error.code === 'ERR_ASSERTION' || error.constructor === Error, error.stack)
            isRefused = true
            refused.add(bare(check.name))
          })
          if (isRefused) break
        }
        assert.ok(isRefused, `no check ${beginning}… refuses it`)
      }
    })
  }

  test('every check has refused one', () => {
    const all = new Set(storeChecks({ ...reference, name: 'mutant' }).map(({ name }) => bare(name)))
    assert.deepEqual([...all].filter(name => !refused.has(name)), []) // biome-ignore format: one line
  })
})

test('chaos takes what has methods, and a function that names the fault', () => {
  for (const given of [[5, () => {}], [null, () => {}], [{}, 5], [{}]]) {
    assert.throws(() => chaos(...given), { code: 'ERR_INVALID_ARGUMENT', message: /chaos/ })
  }
})

test('under vitest without its globals the test is asked for: those of node:test would not be counted', () => {
  process.env.VITEST = 'true'
  try {
    assert.throws(() => testStore({ name: 'a store', open: () => new Naive() }), {
      code: 'ERR_NO_RUNNER',
      message: /vitest/,
    })
  } finally {
    delete process.env.VITEST
  }
})
