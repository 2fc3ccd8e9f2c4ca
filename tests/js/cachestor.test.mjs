// `my-mimic/cachestor`: the examples of MyCache, translated.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs' // biome-ignore format: one line
import { join } from 'node:path'
import { describe, mock, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { CacheStor, Serialise, SerialiseBin, SerialiseJson, TypeStorage } from '../../js/entry/cachestor.js'
import { compilers } from '../decorators/compilers.mjs'
import { counting, entry, place, run } from '../cachestor/kit.mjs'

describe('the document', () => {
  test('the first example', () => {
    const { path } = place()
    const script = `
      import { CacheStor, TypeStorage } from ${entry}

      const cacheStor = new CacheStor({ dbFile: 'cache/my.db', typeStorage: TypeStorage.IN_DISK })

      const example = cacheStor.cache({ folder: 'cache/example' })(
        function example(param1, { param2 = false, param3 = false } = {}) {
          console.log(\`param1='\${param1}',param2=\${param2},param3=\${param3}\`)
          return \`result - param1='\${param1}',param2=\${param2},param3=\${param3}\`
        },
      )

      const result = example('param2', { param3: true, param2: false })
      console.log(result)`
    const called = "param1='param2',param2=false,param3=true\n"
    assert.equal(run(script, path), `${called}result - ${called}`)
    assert.equal(run(script, path), `result - ${called}`)
    assert.equal(readdirSync(join(path, 'cache/example')).length, 1)
    assert.ok(existsSync(join(path, 'cache/my.db')))
  })

  test('the asynchronous example', () => {
    const { path } = place()
    const script = `
      import { setTimeout as sleep } from 'node:timers/promises'
      import { CacheStor } from ${entry}

      const cacheStor = new CacheStor({ dbFile: 'cache/my.db' })

      const example = cacheStor.cacheAsync({ folder: 'cache/example' })(
        async function example(param1, { param2 = false, param3 = false } = {}) {
          console.log(\`nested param1='\${param1}',param2=\${param2},param3=\${param3}\`)
          await sleep(10)
          return \`param1='\${param1}',param2=\${param2},param3=\${param3}\`
        },
      )

      const results = await Promise.all([
        example('param1', { param3: true, param2: false }),
        example('param1', { param3: true, param2: false }),
      ])
      await cacheStor.join()
      console.log('all done ')
      if (new Set(results).size !== 1) throw new Error('not the same')
      process.exit()`
    assert.equal(run(script, path), "nested param1='param1',param2=false,param3=true\nall done \n")
    assert.equal(run(script, path), 'all done \n')
  })
})

describe('results', () => {
  test('every kind that the codec knows comes back in the next run, also behind a promise', async () => {
    const { open, folder } = place()
    const cyclic = { list: [1, , 3] }
    cyclic.self = cyclic
    const values = {
      text: 'я\r\n\ud800\0',
      nothing: undefined,
      null: null,
      zero: -0,
      nan: NaN,
      big: 2n ** 70n,
      map: new Map([[{ a: 1 }, new Set([/x/gi])]]),
      date: new Date(5),
      bytes: new Uint8Array(200_000).fill(7),
      error: new RangeError('no', { cause: 5 }),
      cyclic,
    }
    for (const isAsync of [false, true]) {
      const build = stor =>
        isAsync
          ? stor.cacheAsync({ folder, version: 'a' })(async name => values[name])
          : stor.cache({ folder, version: 's' })(name => values[name])
      const first = open()
      for (const name of Object.keys(values)) await build(first)(name)
      await first.join()
      const second = open()
      const again = build(second)
      for (const [name, value] of Object.entries(values)) {
        const result = again(name)
        assert.equal(result instanceof Promise, isAsync)
        assert.deepEqual(await result, value, name)
      }
      assert.equal(again.stats().loads, 0)
    }
  })

  test('in memory: no file, not even an index', () => {
    const { open, folder, dbFile } = place()
    const stor = open({ typeStorage: TypeStorage.IN_MEMORY })
    const { f, calls } = counting(stor, folder)
    assert.equal(f(1), f(1))
    assert.deepEqual(calls, [1])
    assert.equal(existsSync(dbFile) || existsSync(folder), false)
    assert.equal(counting(new CacheStor(), folder).f.call(undefined, 1).x, 1)
  })

  test('arguments are exact, and two functions in one folder do not share', () => {
    const { open, folder, files } = place()
    for (const turn of [0, 1]) {
      const stor = open()
      const join = stor.cache({ folder })((...args) => args.map(String).join())
      const count = stor.cache({ folder })((...args) => args.length)
      assert.deepEqual([join(1, 23), join(12, 3), join('1', 23), count(1, 23)], ['1,23', '12,3', '1,23', 2])
      assert.equal(join.stats().loads + count.stats().loads, turn === 0 ? 4 : 0)
    }
    assert.equal(files().length, 4)
  })

  test('what cannot be written is served from memory, counted, and said once', () => {
    const warn = mock.method(console, 'warn', () => {})
    const { open, folder } = place()
    const stor = open()
    const f = stor.cache({ folder })(x => () => x)
    assert.equal(f(1), f(1))
    f(2)
    assert.equal(stor.stats().refused, 2)
    assert.equal(warn.mock.callCount(), 1)
  })

  test('a result that cannot be written takes the place of the older one', () => {
    mock.method(console, 'warn', () => {})
    const { open, folder } = place()
    let result = 1
    const build = () => open().cache({ folder })(function changing() { return result }) // biome-ignore format: one line
    const f = build()
    f()
    result = () => 2
    f.refresh()
    assert.equal(build()(), result)
  })

  test('a ttl, invalidate and clear are remembered', async () => {
    mock.timers.enable({ apis: ['Date'] })
    try {
      const { open, folder, files } = place()
      const first = counting(open(), folder, { ttl: 60 })
      for (const x of [1, 2, 3]) first.f.call(undefined, x)
      first.f.invalidate(1)
      assert.equal(files().length, 2)
      assert.equal(open().stats().entries, 2)
      const second = counting(open(), folder, { ttl: 60 })
      for (const x of [1, 2, 3]) second.f.call(undefined, x)
      assert.deepEqual(second.calls, [1])
      mock.timers.tick(60_000)
      const third = counting(open(), folder, { ttl: 60 })
      third.f.call(undefined, 2)
      assert.deepEqual(third.calls, [2])
      third.f.clear()
      assert.equal(files().length, 0)
      const fourth = counting(open(), folder, { ttl: 60 })
      fourth.f.call(undefined, 2)
      assert.deepEqual(fourth.calls, [2])
    } finally {
      mock.timers.reset()
    }
  })
})

describe('serialisers', () => {
  test('SerialiseJson: the index shows the arguments, which count by their exact value all the same', () => {
    const { open, folder, lines } = place()
    const f = open({ serialiser: new SerialiseJson() }).cache({ folder })(function shown(...args) { return args.length }) // biome-ignore format: one line
    f('param1', { param2: false, list: [1, null] })
    f(new Map([[1, 2n]]), undefined)
    f(new Map([[1, 2]]))
    f(new Date(0), /x/g, new Uint8Array([1, 2]))
    assert.deepEqual(
      lines().map(({ args }) => args),
      [
        ['param1', { param2: false, list: [1, null] }],
        [[[1, '2']], null],
        [[[1, 2]]],
        ['1970-01-01T00:00:00.000Z', '/x/g', [1, 2]],
      ],
    )
    const [line] = lines()
    assert.equal(line.name, 'shown')
    assert.match(line.file, /^example\/shown-[0-9a-f-]+\.bin$/)
    assert.match(readFileSync(join(folder, '../my.db'), 'utf8').split('\n')[0], /"args":\["param1",\{"/)
  })

  test('paths may be file URLs', () => {
    const { dbFile, folder, lines } = place()
    const open = () => new CacheStor({ dbFile: pathToFileURL(dbFile), typeStorage: TypeStorage.IN_DISK })
    counting(open(), pathToFileURL(folder)).f.call(undefined, 1)
    const next = counting(open(), folder)
    next.f.call(undefined, 1)
    assert.deepEqual(next.calls, [])
    assert.equal(lines().length, 1)
  })

  test('SerialiseBin, the default, leaves them out', () => {
    const { open, folder, lines } = place()
    counting(open({ serialiser: SerialiseBin }), folder).f.call(undefined, 1)
    const next = counting(open(), folder)
    next.f.call(undefined, 1)
    assert.deepEqual(next.calls, [])
    assert.equal('args' in lines()[0], false)
  })

  test('encode of each', () => {
    assert.deepEqual(new SerialiseJson().encode({ b: 1, a: 2 }), ['[{"b":1,"a":2}]', new SerialiseBin().encode({ a: 2, b: 1 })[1]]) // biome-ignore format: one line
    assert.notEqual(new SerialiseBin().encode(1, 23)[1], new SerialiseBin().encode(12, 3)[1])
    assert.throws(() => new Serialise().encode(1), { code: 'ERR_NOT_IMPLEMENTED' })
  })

  test('one of one’s own decides what counts as the same call; a constant hash does no harm', () => {
    class ById extends Serialise {
      encode({ id }, ...rest) {
        return [`id ${id}\n${rest}`, 'same']
      }
    }
    const { open, folder, lines } = place()
    for (const calls of [2, 0]) {
      const f = open({ serialiser: new ById() }).cache({ folder })(function of({ id }) { return { id } }) // biome-ignore format: one line
      assert.deepEqual([f({ id: 1, at: 5 }), f({ id: 1, at: 6 }), f({ id: 2 })], [{ id: 1 }, { id: 1 }, { id: 2 }]) // biome-ignore format: one line
      assert.equal(f.stats().loads, calls)
    }
    assert.deepEqual(lines().map(({ args }) => args), ['id 1\n', 'id 2\n']) // biome-ignore format: one line
  })

  test('whatever text a serialiser gives, its line comes back', () => {
    const texts = ['"\ud800"', '{"a":\n1}', '\r\n', '\ufeff{}', '[1]', '', '{"x', '"\u2028"']
    const { open, folder, lines } = place()
    const build = stor => stor.cache({ folder })(function of(text) { return { text } }) // biome-ignore format: one line
    const stor = open({ serialiser: { encode: text => [text, 'same'] } })
    for (const text of texts) build(stor)(text)
    assert.equal(lines().length, texts.length)
    const { entries, corrupt } = open().stats()
    assert.deepEqual({ entries, corrupt }, { entries: texts.length, corrupt: 0 })
  })

  test('one that fails: the call goes uncached, and that is said once', () => {
    const warn = mock.method(console, 'warn', () => {})
    const { open, folder } = place()
    for (const encode of [
      () => 'text',
      () => {
        throw new Error('no')
      },
    ]) {
      // biome-ignore format: one line
      const { f, calls } = counting(open({ serialiser: { encode } }), folder)
      assert.deepEqual([f(1), f(1)], [{ x: 1 }, { x: 1 }])
      assert.deepEqual(calls, [1, 1])
    }
    assert.equal(warn.mock.callCount(), 2)
    assert.match(warn.mock.calls[0].arguments[0], /encode\(\.\.\.args\).*two strings.*"text"/)
  })
})

describe('as a decorator', () => {
  for (const { name, compile } of compilers.filter(({ name }) => /esbuild|Babel/.test(name))) {
    test(`${name}: results of keyed instances and classes survive`, () => {
      const { path } = place()
      writeFileSync(join(path, 'package.json'), '{"type":"module"}')
      const source = `
export const build = (stor, folder, key, calls) => {
  class Api {
    constructor(id) { this.id = id }
    [key]() { return this.id }
    @stor.cache({ folder }) load(x) { calls.push('load'); return { id: this.id, x } }
    @stor.cacheAsync({ folder }) async page(x) { calls.push('page'); return { id: this.id, x } }
    @stor.cache({ folder }) get total() { calls.push('total'); return { id: this.id } }
    @stor.cache({ folder }) static make(x) { calls.push('make'); return { x } }
  }
  class Plain {
    @stor.cache({ folder }) load(x) { calls.push('plain'); return { x } }
  }
  return { Api, Plain }
}
export const whole = stor => { @stor.cache({ folder: 'x' }) class Whole {} }
`
      compile({ api: source }, path)
      const script = `
        import assert from 'node:assert/strict'
        import { CacheStor, Serialise, SerialiseJson, TypeStorage } from ${entry}
        import { mime } from ${JSON.stringify(new URL('../../js/entry/inline.js', import.meta.url).href)}
        import { build, whole } from ${JSON.stringify(pathToFileURL(join(path, 'api.js')).href)}

        const warnings = []
        console.warn = text => warnings.push(text)
        class Own extends Serialise {
          encode(...args) { return [String(args), 'hash'] }
        }
        const calls = []
        const serialiser = process.argv[1] === 'own' ? new Own() : new SerialiseJson()
        const dbFile = process.argv[1] + '/my.db'
        const stor = new CacheStor({ dbFile, typeStorage: TypeStorage.IN_DISK, serialiser })
        const { Api, Plain } = build(stor, process.argv[1], mime.key, calls)
        const [one, other] = [new Api(1), new Api(2)]
        assert.deepEqual([one.load(1), one.load(1), other.load(1)].map(({ id }) => id), [1, 1, 2])
        assert.deepEqual(await one.page(5), { id: 1, x: 5 })
        assert.deepEqual([one.total, Api.make(3)], [{ id: 1 }, { x: 3 }])
        const plain = new Plain()
        assert.equal(plain.load(1), plain.load(1))
        assert.equal(one.load.name, 'load')
        assert.match(warnings.join(), /^my-mimic: results of load stay in memory: [^,]*\\[mime\\.key\\]\\(\\) method$/)
        assert.throws(() => whole(stor), /class Whole; decorate its methods/)
        await stor.join()
        console.log(calls.join())`
      for (const serialiser of ['json', 'own']) {
        assert.equal(run(script, path, serialiser), 'load,load,page,total,make,plain\n')
        assert.equal(run(script, path, serialiser), 'plain\n')
      }
    })
  }
})

describe('what is refused', () => {
  test('options, naming them', () => {
    const { dbFile } = place()
    const refused = (options, message, code = 'ERR_INVALID_OPTION') =>
      assert.throws(() => new CacheStor(options), { code, message })
    refused({ typeStorage: TypeStorage.IN_DISK }, /dbFile/)
    refused(5, /options.*5/)
    refused({ dbFile: 5 }, /dbFile.*5/)
    refused({ dbFile, typeStorage: 'tape' }, /TypeStorage\.IN_MEMORY.*"tape"/)
    refused({ isDebugLog: 'yes' }, /isDebugLog/)
    refused({ logger: 5 }, /logger/)
    refused({ serialiser: {} }, /serialiser.*encode/)
    refused({ serialiser: new Serialise() }, /serialiser.*encode/)
    refused({ db_file: dbFile }, /db_file.*dbFile/, 'ERR_UNKNOWN_OPTION')
    const stor = new CacheStor()
    assert.throws(() => stor.cacheAsync({ folder: 'x' })(async () => 1), { code: 'ERR_INVALID_OPTION', message: /dbFile/ }) // biome-ignore format: one line
    assert.throws(() => stor.cache(), { code: 'ERR_INVALID_OPTION', message: /folder/ })
    assert.throws(() => stor.cache({ folder: 'x', tll: 5 }), { code: 'ERR_UNKNOWN_OPTION', message: /tll/ })
    assert.throws(() => stor.cache({ folder: 'x', key: () => 1 }), { code: 'ERR_UNKNOWN_OPTION', message: /serialiser/ }) // biome-ignore format: one line
    assert.throws(() => stor.cache({ folder: 'x' })(class Whole {}), { code: 'ERR_NOT_A_FUNCTION', message: /class Whole; decorate its methods/ }) // biome-ignore format: one line
    assert.throws(() => stor.cache({ folder: 'x' })(5), { code: 'ERR_NOT_A_FUNCTION', message: /got 5/ })
  })
})
