// Methods that are called on classes and functions: each has results of its own, and those that the next run can tell apart are written.
import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import { mime } from '../../js/entry/inline.js'
import { entry, place, run } from '../cachestor/kit.mjs'

/** @param {any} target has a method `load` that is to be decorated */
function decorated(target, cached) {
  const descriptor = cached(target, 'load', Object.getOwnPropertyDescriptor(target, 'load'))
  return Object.defineProperty(target, 'load', descriptor)
}

/** A class with a static method that depends on what it is called on. @param {any} cached @param {unknown[]} calls */
function baseFor(cached, calls) {
  const methods = {
    load(id) {
      calls.push(`${this.table}:${id}`)
      return `${this.table}:${id}`
    },
  }
  return decorated(Object.assign(class {}, methods), cached)
}

/** What is said on the console. */
function warnings() {
  const { mock: said } = mock.method(console, 'warn', () => {})
  return () => said.calls.map(({ arguments: [text] }) => text)
}

describe('a static method that is inherited', () => {
  for (const [what, options] of [
    ['plain', {}],
    ['by a serialiser of one’s own', { serialiser: { encode: (...args) => [String(args), 'hash'] } }],
  ]) {
    test(`${what}: each class has its own results, written only for the first of a name`, () => {
      const said = warnings()
      const { open, folder, files } = place()
      const calls = []
      const Base = baseFor(open(options).cache({ folder }), calls)
      const name = `Model ${what}`
      const model = table => ({ [name]: class extends Base { static table = table } })[name] // biome-ignore format: one line
      const unnamed = table => (() => class extends Base { static table = table })() // biome-ignore format: one line
      const classes = [model('a'), model('b'), unnamed('c'), unnamed('d')]
      const expected = ['a:1', 'b:1', 'c:1', 'd:1']
      for (let i = 0; i < 3; i++) assert.deepEqual(classes.map(some => some.load(1)), expected) // biome-ignore format: one line
      assert.deepEqual(calls, expected)
      assert.equal(files().length, 1)
      assert.equal(said().length, 1)
      assert.match(said()[0], /results of load stay in memory: the class or function .* a static \[mime\.key\]\(\) method$/) // biome-ignore format: one line
    })
  }

  test('what a class says by a static [mime.key]() is what it counts as, and is written', () => {
    const said = warnings()
    const { open, folder, files } = place()
    const calls = []
    const Base = baseFor(open().cache({ folder }), calls)
    const methods = {
      [mime.key]() {
        return this.table
      },
    }
    const Keyed = Object.assign(class extends Base {}, methods)
    const model = table => class Model extends Keyed { static table = table } // biome-ignore format: one line
    const [a, b, again] = [model('a'), model('b'), model('a')]
    class Other extends Keyed {
      static table = 'a'
    }
    assert.deepEqual([a, b, again, Other].map(some => some.load(1)), ['a:1', 'b:1', 'a:1', 'a:1']) // biome-ignore format: one line
    assert.deepEqual(calls, ['a:1', 'b:1', 'a:1'])
    assert.deepEqual([files().length, said()], [3, []])
  })

  test('of a class that is gone nobody has the results', () => {
    const { path } = place()
    const script = `
      import { setImmediate as turn } from 'node:timers/promises'
      import { setFlagsFromString } from 'node:v8'
      import { runInNewContext } from 'node:vm'
      import { CacheStor, TypeStorage } from ${entry}
      const stor = new CacheStor({ dbFile: 'my.db', typeStorage: TypeStorage.IN_DISK })
      class Base { static load(id) { return this.table + id } }
      const cached = stor.cache({ folder: 'results', maxEntries: 0 })
      Object.defineProperty(Base, 'load', cached(Base, 'load', Object.getOwnPropertyDescriptor(Base, 'load')))
      const model = table => class Model extends Base { static table = table }
      const seen = []
      const call = table => {
        const Model = model(table)
        const ref = new WeakRef(Model)
        seen.push(Model.load(1))
        return ref
      }
      setFlagsFromString('--expose-gc')
      const gc = runInNewContext('gc')
      const first = call('a')
      for (let i = 0; i < 50 && first.deref(); i++) { await turn(); gc() }
      call('b')
      console.log(first.deref() === undefined, ...seen)`
    assert.equal(run(script, path), 'true a1 b1\n')
  })
})

test('functions that something is called on count by identity, whatever their name', () => {
  const said = warnings()
  const { open, folder } = place()
  const calls = []
  const { load } = decorated(
    {
      load(id) {
        calls.push(this.of)
        return `${this.of}:${id}`
      },
    },
    open().cache({ folder }),
  )
  const named = of => {
    function handler() {}
    return Object.assign(handler, { of, load })
  }
  const [a, b] = [named('a'), named('b')]
  for (let i = 0; i < 2; i++) assert.deepEqual([a.load(1), b.load(1)], ['a:1', 'b:1'])
  assert.deepEqual(calls, ['a', 'b'])
  assert.equal(said().length, 1)
})

test('a class whose name is no text, and one that stands for another, have results of their own', () => {
  warnings()
  const { open, folder } = place()
  const calls = []
  const Base = baseFor(open().cache({ folder }), calls)
  class Named extends Base {
    static table = 'a'
    static name() {}
  }
  class Plain extends Base {
    static table = 'b'
  }
  const proxy = new Proxy(Plain, { get: (target, key, self) => (key === 'table' ? 'c' : Reflect.get(target, key, self)) }) // biome-ignore format: one line
  assert.deepEqual([Named.load(1), Plain.load(1), proxy.load(1)], ['a:1', 'b:1', 'c:1'])
})
