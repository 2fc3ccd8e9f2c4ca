// `mime(ttl)` as a decorator: the same assertions on what each compiler makes of the same classes.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createMime, MimicTypeError, mime } from '../../js/entry/inline.js'
import { compilers } from '../decorators/compilers.mjs'
import { sourcesFor } from '../decorators/sources.mjs'

const folder = mkdtempSync(join(tmpdir(), 'mimic-decorators-'))
after(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'package.json'), '{"type":"module"}')

/** @type {{ name: string, path: string, modules: Record<string, any> }[]} */
const compiled = []
for (const [i, compiler] of compilers.entries()) {
  const path = join(folder, String(i))
  mkdirSync(path)
  const sources = sourcesFor(compiler)
  compiler.compile(sources, path)
  /** @type {Record<string, any>} */
  const modules = {}
  for (const name of Object.keys(sources))
    modules[name] = await import(pathToFileURL(join(path, `${name}.js`)).href)
  compiled.push({ name: compiler.name, path, modules })
}

/** Options with which a call says its function's name. @param {unknown[]} names */
const saying = names => ({
  key() {
    throw new Error('said')
  },
  onEvent: event => event.type === 'error' && names.push(event.name),
})

/** @param {(mime: any) => void} define @param {string} what */
function assertRefused(define, what) {
  assert.throws(
    () => define(mime),
    error => {
      assert.ok(error instanceof MimicTypeError && error instanceof TypeError)
      assert.equal(error.code, 'ERR_DECORATOR')
      assert.match(error.message, new RegExp(`cannot decorate the ${what}; .*(decorate|wrapped)`))
      return true
    },
  )
}

for (const { name, modules } of compiled) {
  describe(name, () => {
    const { subject, computed, standard, parameters } = modules

    test('a method: every instance has entries of its own', () => {
      const { Api, calls } = subject.build(mime)
      const [one, two] = [new Api(1), new Api(2)]
      assert.deepEqual(one.add(1), { sum: 2 })
      assert.equal(one.add(1), one.add(1))
      assert.deepEqual(two.add(1), { sum: 3 })
      assert.notEqual(one.add(1, 0), one.add(1))
      assert.deepEqual(calls, ['add', 'add', 'add'])
      assert.equal(Api.prototype.add.name, 'add')
      assert.equal(Api.prototype.add.length, 1)
      const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(Api.prototype, 'add')
      assert.deepEqual(
        { writable, enumerable, configurable },
        { writable: true, enumerable: false, configurable: true },
      )
    })

    test('the verbs are on the method, for all instances; with call they ask about one', () => {
      const { Api, calls } = subject.build(mime)
      const [one, two] = [new Api(1), new Api(2)]
      one.add(1)
      two.add(1)
      assert.equal(one.add, two.add)
      assert.equal(one.add.stats().entries, 2)
      assert.equal(one.add.has.call(one, 1), true)
      assert.equal(one.add.invalidate.call(one, 1), true)
      one.add(1)
      two.add(1)
      assert.equal(calls.length, 3)
    })

    test('an async method: concurrent calls share one load, a rejection is not remembered', async () => {
      const { Api, calls } = subject.build(mime)
      const [one, two] = [new Api(1), new Api(2)]
      const [a, b, c] = await Promise.all([one.load(1), one.load(1), two.load(1)])
      assert.equal(a, b)
      assert.equal(a.api, one)
      assert.equal(c.api, two)
      assert.equal(calls.length, 2)
      await assert.rejects(one.load('bad'), { message: 'bad' })
      await assert.rejects(one.load('bad'), { message: 'bad' })
      assert.equal(calls.length, 4)
    })

    test('a getter, with its options; the setter beside it stays', () => {
      const { Api, calls } = subject.build(mime)
      const [one, two, three] = [new Api(1), new Api(2), new Api(3)]
      assert.equal(one.total, one.total)
      assert.deepEqual([one.total, two.total], [{ base: 1 }, { base: 2 }])
      assert.equal(calls.length, 2)
      one.total = 5
      assert.equal(one.base, 5)
      assert.deepEqual(three.total, { base: 3 })
      const { get } = Object.getOwnPropertyDescriptor(Api.prototype, 'total')
      assert.equal(get.stats().entries, 2)
    })

    test('static methods and getters; a subclass is another `this`', () => {
      const { Api, Sub, calls } = subject.build(mime)
      assert.equal(Api.make(1), Api.make(1))
      assert.equal(Api.make(1).self, Api)
      assert.equal(Sub.make(1).self, Sub)
      assert.equal(Api.kind, Api.kind)
      assert.equal(Sub.kind.self, Sub)
      assert.deepEqual(calls, ['make', 'make', 'kind', 'kind'])
    })

    test('a name that is a number', () => {
      const { Api, calls } = subject.build(mime)
      const api = new Api(0)
      assert.equal(api[42](1), api['42'](1))
      assert.deepEqual(calls, ['42'])
    })

    // Babel's older form has none.
    if (computed) {
      test('names that are computed', () => {
        const names = []
        const method = computed.build(mime, saying(names))
        assert.equal(method(1), method(1))
        assert.equal(method.name, '[tag]')
        assert.deepEqual(names, ['[Symbol.iterator]', 'two words'])
      })
    }

    test('an inherited method, called through super', () => {
      const { Sub, calls } = subject.build(mime)
      const sub = new Sub(1)
      assert.equal(sub.add(1, 2), sub.add(1, 2))
      assert.deepEqual(calls, ['add'])
    })

    test('one decorator on two methods makes two caches', () => {
      const { Api } = subject.build(mime)
      const api = new Api(0)
      assert.deepEqual([api.one(1), api.two(1), api.one(1)], [['one', 1], ['two', 1], ['one', 1]]) // biome-ignore format: one line
      assert.equal(api.one.stats().hits, 1)
    })

    test('the function is known by the property, unless a name is given', () => {
      const names = []
      subject.heard(mime, saying(names))
      assert.deepEqual(names, ['method', 'property', 'fixed', '42', 'given'])
    })

    test('of another `mime` it has the defaults', () => {
      const { Api } = subject.build(createMime({ maxEntries: 1 }))
      const api = new Api(0)
      for (let i = 0; i < 3; i++) api[42](i)
      assert.equal(api[42].stats().entries, 1)
    })

    // The older form has none.
    if (standard) {
      test('private methods, getters and statics', () => {
        const names = []
        const { Vault, calls } = standard.build(mime, saying(names))
        const [one, two] = [new Vault(1), new Vault(2)]
        assert.equal(one.secret('x'), one.secret('x'))
        assert.deepEqual(two.secret('x'), { n: 2, x: 'x' })
        assert.equal(one.hidden(), one.hidden())
        assert.deepEqual(two.hidden(), { n: 2 })
        assert.equal(Vault.shared(1), Vault.shared(1))
        assert.deepEqual(calls, ['secret', 'secret', 'hidden', 'hidden', 'shared'])
        one.heard()
        assert.deepEqual(names, ['#heard'])
      })
    }

    for (const module of [subject, standard, parameters]) {
      for (const [what, define] of Object.entries(module?.refused ?? {})) {
        test(`on a ${what} it says what to do`, () => assertRefused(define, what))
      }
    }

    for (const [what, define] of Object.entries(subject.bare)) {
      test(`@mime without parentheses on a ${what}`, () => {
        const message = `@mime on ${what} needs parentheses: @mime() or @mime('5m')`
        assert.throws(() => define(mime), { name: 'MimicTypeError', code: 'ERR_DECORATOR', message })
      })
    }
  })
}

test('the entries of an instance go with it', () => {
  const modules = compiled.map(({ path }) => pathToFileURL(join(path, 'subject.js')).href)
  const script = fileURLToPath(new URL('../decorators/collected.mjs', import.meta.url))
  const output = execFileSync(process.execPath, ['--expose-gc', script, ...modules], { encoding: 'utf8' })
  const expected = compiled.map(() => ({ before: [300, 2, 300], after: [1, 1, 1], values: 1 }))
  assert.deepEqual(JSON.parse(output), expected)
})

describe('the decorator is made where it is written', () => {
  for (const [what, given, Type, code] of [
    ['a negative ttl', -1, RangeError, 'ERR_INVALID_OPTION'],
    ['a ttl without a unit', 'abc', RangeError, 'ERR_INVALID_OPTION'],
    ['a boolean', true, TypeError, 'ERR_INVALID_OPTION'],
    ['an array', ['5m'], TypeError, 'ERR_INVALID_OPTION'],
    ['a misspelt option', { maxEntires: 5 }, TypeError, 'ERR_UNKNOWN_OPTION'],
    ['a bad option', { maxEntries: '5' }, TypeError, 'ERR_INVALID_OPTION'],
  ]) {
    test(`${what} throws there`, () => {
      assert.throws(() => mime(given), error => error instanceof Type && error.code === code) // biome-ignore format: one line
    })
  }

  test('a later change of the options changes nothing', () => {
    const options = { maxEntries: 5 }
    const decorate = mime(options)
    options.maxEntries = 1
    const descriptor = decorate({}, 'f', { value: x => x })
    for (let i = 0; i < 3; i++) descriptor.value(i)
    assert.equal(descriptor.value.stats().entries, 3)
  })

  test('a decorator above it in the older form gets the whole descriptor', () => {
    const described = { get: () => 1, set() {}, enumerable: false, configurable: true }
    const { get, ...rest } = mime('5m')({}, 'x', described)
    assert.notEqual(get, described.get)
    assert.deepEqual(rest, { set: described.set, enumerable: false, configurable: true })
  })

  test('twice the same is once, twice another is refused', () => {
    const method = { value: x => x, configurable: true }
    const once = mime('5m')({}, 'f', method)
    assert.equal(mime('5m')({}, 'f', once).value, once.value)
    assert.throws(() => mime('6m')({}, 'f', once), { code: 'ERR_ALREADY_WRAPPED' })
  })

  test('undefined in the place of the function is a mistake, not a decorator', () => {
    assert.throws(() => mime(undefined), { name: 'MimicTypeError', code: 'ERR_NOT_A_FUNCTION' })
    assert.throws(() => mime(undefined, 60), { name: 'MimicTypeError', code: 'ERR_NOT_A_FUNCTION' })
    assert.throws(() => mime('5m', {}), { name: 'MimicTypeError', code: 'ERR_NOT_A_FUNCTION' })
    assert.throws(() => mime({}, -1), { name: 'MimicTypeError', code: 'ERR_NOT_A_FUNCTION' })
  })

  test('called with a function it says how to wrap one', () => {
    assertRefused(() => mime('5m')(function load() {}), 'function load')
    assert.throws(() => mime('5m')(), { code: 'ERR_DECORATOR' })
    assert.throws(() => mime('5m')({}, 'x', null), { code: 'ERR_DECORATOR' })
  })

  test('a kind that nobody knows yet', () => {
    assertRefused(() => mime()(undefined, { kind: 'enum', name: 'E', addInitializer() {} }), 'enum E')
  })

  test('the index and the list that map() adds are no decoration', () => {
    assert.deepEqual(
      [x => x, x => -x].map(mime).map(f => f(1)),
      [1, -1],
    )
  })
})
