// `my-mimic/mimic`: the examples of My Mimic, translated, and what it got wrong.
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs' // biome-ignore format: one line
import { join } from 'node:path'
import { describe, mock, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Config, IState, MemoryState, Mime, TempFileState } from '../../js/entry/mimic.js'
import { compilers } from '../decorators/compilers.mjs'
import { folder, spyState } from '../mimic/kit.mjs'

/** What the examples of the document print. */
function printing() {
  const lines = []
  return { print: text => lines.push(String(text)), lines }
}

describe('the document', () => {
  test('how to use', () => {
    mock.timers.enable({ apis: ['Date'] })
    const { print, lines } = printing()

    const cachedCallback = Mime(1)(function cachedCallback(paramA, paramB) {
      print('Function was called')
      return paramA + paramB
    })
    let result = cachedCallback(1, 2)
    print(result)
    result = cachedCallback(1, 2)
    print(result)
    mock.timers.tick(2000)
    print('Await 2 seconds')
    result = cachedCallback(1, 2)
    print(result)

    assert.equal(lines.join('\n'), 'Function was called\n3\n3\nAwait 2 seconds\nFunction was called\n3')
  })

  test('the same with an async function', async () => {
    mock.timers.enable({ apis: ['Date'] })
    const { print, lines } = printing()
    const cachedCallback = Mime(1)(async (paramA, paramB) => {
      print('Function was called')
      return paramA + paramB
    })
    print(await cachedCallback(1, 2))
    print(await cachedCallback(1, 2))
    mock.timers.tick(2000)
    print('Await 2 seconds')
    print(await cachedCallback(1, 2))
    assert.equal(lines.join('\n'), 'Function was called\n3\n3\nAwait 2 seconds\nFunction was called\n3')
  })

  test('configuration: a state of one’s own', async () => {
    const asked = []
    class MyState extends IState {
      syncGet(key) {
        asked.push(['syncGet', typeof key])
      }
      syncSet(key, value, ttl = null) {
        asked.push(['syncSet', typeof key, value, ttl])
      }
      async asyncGet(key) {
        asked.push(['asyncGet', typeof key])
      }
      async asyncSet(key, value, ttl = null) {
        asked.push(['asyncSet', typeof key, value, ttl])
      }
    }
    Mime.setConfig(new Config({ state: MyState }))
    const calls = []
    const add = Mime(5)((a, b) => a + b + calls.push('add'))
    const load = Mime(null)(async id => ({ id, n: calls.push('load') }))
    assert.equal(add(1, 2), 4)
    assert.deepEqual(await load(7), { id: 7, n: 2 })
    // Each function asks first whether it was cleared by others.
    assert.deepEqual(asked, [
      ['syncGet', 'string'],
      ['syncGet', 'string'],
      ['syncSet', 'string', 4, 5],
      ['asyncGet', 'string'],
      ['asyncGet', 'string'],
      ['asyncSet', 'string', { id: 7, n: 2 }, null],
    ])
  })
})

describe('the known faults are not copied', () => {
  for (const [name, state] of [
    ['in memory', () => MemoryState],
    ['in a state', () => spyState().state],
    ['in files', () => new TempFileState()],
  ]) {
    test(`falsy values are cached, ${name}`, async () => {
      Mime.setConfig(new Config({ state: state() }))
      for (const value of [0, '', false, NaN, null, undefined, 0n, -0]) {
        const calls = []
        const sync = Mime(60)(() => [calls.push('sync'), value][1])
        assert.ok(Object.is(sync(), value) && Object.is(sync(), value))
        const load = Mime(60)(async () => [calls.push('load'), value][1])
        assert.ok(Object.is(await load(), value) && Object.is(await load(), value))
        assert.deepEqual(calls, ['sync', 'load'], String(value))
      }
    })

    test(`(1, 23) is not (12, 3), ${name}`, () => {
      Mime.setConfig(new Config({ state: state() }))
      const f = Mime(60)((...args) => args.join())
      assert.deepEqual([f(1, 23), f(12, 3), f('1', 23)], ['1,23', '12,3', '1,23'])
      assert.equal(f.stats().loads, 3)
    })

    test(`functions of one name and source do not share, ${name}`, async () => {
      Mime.setConfig(new Config({ state: state() }))
      const make = base => Mime(60)(function named(x) { return base + x }) // biome-ignore format: one line
      const makeAsync = base => Mime(60)(async x => base + x)
      assert.deepEqual([make(1)(1), make(2)(1), make(3)(1)], [2, 3, 4])
      assert.deepEqual([await makeAsync(1)(1), await makeAsync(2)(1)], [2, 3])
    })

    test(`ten concurrent calls make one, ${name}`, async () => {
      Mime.setConfig(new Config({ state: state() }))
      let calls = 0
      const load = Mime(60)(async id => {
        await new Promise(setImmediate)
        return { id, n: ++calls }
      })
      const answers = await Promise.all(Array.from({ length: 10 }, () => load(1)))
      assert.ok(answers.every(answer => answer === answers[0]))
      assert.equal(calls, 1)
    })
  }

  test('ttl null never expires; nothing and a string with its unit are ttls, too', () => {
    mock.timers.enable({ apis: ['Date'] })
    for (const ttl of [null, undefined]) {
      const f = Mime(ttl)(() => ({}))
      const first = f()
      mock.timers.tick(1e12)
      assert.equal(f(), first)
    }
    const f = Mime('250ms')(() => ({}))
    const first = f()
    mock.timers.tick(249)
    assert.equal(f(), first)
    mock.timers.tick(1)
    assert.notEqual(f(), first)
  })
})

describe('Mime', () => {
  test('with new, with options, and with the verbs of mime', () => {
    const f = new Mime({ ttl: 60, maxEntries: 1 })(x => ({ x }))
    assert.equal(f(1), f(1))
    f(2)
    assert.equal(f.stats().entries, 1)
    f.clear()
    assert.equal(f.has(2), false)
  })

  test('refuses classes, what is no function, bare use and bad options', () => {
    class Api {}
    assert.throws(() => Mime(60)(Api), { name: 'MimicTypeError', code: 'ERR_NOT_A_FUNCTION', message: /class Api; decorate its methods/ }) // biome-ignore format: one line
    assert.throws(() => Mime(60)(5), { code: 'ERR_NOT_A_FUNCTION', message: /5/ })
    assert.throws(() => Mime(60)(), { code: 'ERR_NOT_A_FUNCTION' })
    assert.throws(() => Mime(x => x), { code: 'ERR_DECORATOR', message: /Mime\(60\)\(fn\)/ })
    assert.throws(() => Mime({}, 'name', {}), { code: 'ERR_DECORATOR' })
    assert.throws(() => Mime(-1), { name: 'MimicRangeError', code: 'ERR_INVALID_OPTION', message: /-1/ })
    assert.throws(() => Mime({ tll: 1 }), { code: 'ERR_UNKNOWN_OPTION', message: /tll.*ttl/ })
    assert.throws(() => Mime({ store: {} }), { code: 'ERR_UNKNOWN_OPTION', message: /setConfig/ })
  })

  test('wrapping twice gives the same', () => {
    const f = Mime(60)(x => x)
    assert.equal(Mime(60)(f), f)
    assert.throws(() => Mime(61)(f), { code: 'ERR_ALREADY_WRAPPED', message: /ttl/ })
  })

  for (const { name, form, compile } of compilers.filter(({ name }) => /esbuild|Babel/.test(name))) {
    test(`as a decorator: ${name}`, async () => {
      const path = mkdtempSync(join(folder, 'compiled-'))
      writeFileSync(join(path, 'package.json'), '{"type":"module"}')
      const source = `
export const build = Mime => {
  class Api {
    calls = 0
    @Mime(60) load(id) { return { id, n: ++this.calls } }
    @Mime('5m') get total() { return { n: ++this.calls } }
    @Mime(null) static make(x) { return { x } }
  }
  return Api
}
export const whole = Mime => { @Mime(60) class Whole {} }
`
      compile({ api: source }, path)
      const { build, whole } = await import(pathToFileURL(join(path, 'api.js')).href)
      const Api = build(Mime)
      const [one, other] = [new Api(), new Api()]
      assert.equal(one.load(1), one.load(1))
      assert.notEqual(one.load(1), other.load(1))
      assert.equal(one.total, one.total)
      assert.equal(Api.make(1), Api.make(1))
      assert.equal(one.load.name, 'load')
      const code = form === 'legacy' ? 'ERR_NOT_A_FUNCTION' : 'ERR_DECORATOR'
      assert.throws(() => whole(Mime), { code, message: /class Whole; decorate its methods/ })
    })
  }
})
