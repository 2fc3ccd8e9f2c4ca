// `my-mimic/mimic`: the examples of My Mimic, translated, and what it got wrong.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, mock, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Config, IState, MemoryState, Mime, TempFileState } from '../../js/entry/mimic.js'
import { compilers } from '../decorators/compilers.mjs'

const folder = mkdtempSync(join(tmpdir(), 'mimic-face-'))
after(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => {
  Mime.setConfig(new Config())
  mock.timers.reset()
})

let folders = 0
const newFolder = () => join(folder, `f${++folders}`)

/** What the examples of the document print. */
function printing() {
  const lines = []
  return { print: text => lines.push(String(text)), lines }
}

/** A state that remembers what it was asked, in the methods' spelling of one language. */
function spyState(isPython) {
  const held = new Map()
  const asked = []
  const say =
    (name, use) =>
    (...args) => {
      asked.push([name, ...args.slice(1)])
      return use(...args)
    }
  const get = key => held.get(key)
  const set = (key, value) => void held.set(key, value)
  const names = isPython
    ? ['sync_get', 'sync_set', 'async_get', 'async_set']
    : ['syncGet', 'syncSet', 'asyncGet', 'asyncSet']
  const uses = [get, set, async key => get(key), async (key, value) => set(key, value)]
  return { held, asked, state: Object.fromEntries(names.map((name, i) => [name, say(name, uses[i])])) }
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
    assert.deepEqual(asked, [
      ['syncGet', 'string'],
      ['syncSet', 'string', 4, 5],
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

describe('Config and states', () => {
  test('Python’s spellings', async () => {
    const { state, asked, held } = spyState(true)
    class Made {
      constructor(kwargs) {
        this.kwargs = kwargs
        Object.assign(this, state)
      }
      sync_get() {}
      sync_set() {}
      async async_get() {}
      async async_set() {}
    }
    const config = new Config({ state: Made, state_kwargs: { host: 'here' } })
    assert.deepEqual(config.stateKwargs, { host: 'here' })
    Mime.set_config(config)
    const f = Mime(5)(x => x + 1)
    assert.deepEqual([f(1), f(1)], [2, 2])
    const load = Mime(5)(async x => x + 1)
    assert.equal(await load(1), 2)
    assert.deepEqual(asked.map(([name]) => name), ['sync_get', 'sync_set', 'async_get', 'async_set']) // biome-ignore format: one line
    assert.equal(held.size, 2)
  })

  test('the class is constructed once, with stateKwargs, for each Config', () => {
    const made = []
    class Counting extends MemoryState {
      constructor(kwargs) {
        super()
        made.push(kwargs)
      }
    }
    const config = new Config({ state: Counting, stateKwargs: { a: 1 } })
    Mime.setConfig(config)
    Mime(1)(() => 1)()
    Mime.setConfig(config)
    Mime(1)(() => 2)()
    new Config({ state: Counting })
    assert.deepEqual(made, [{ a: 1 }, undefined])
  })

  test('a configuration concerns functions wrapped before it', () => {
    const f = Mime(60)(x => x)
    const { state, held } = spyState()
    Mime.setConfig(new Config({ state }))
    f(1)
    assert.equal(held.size, 1)
    Mime.setConfig(new Config())
    f(2)
    assert.equal(held.size, 1)
  })

  test('what is incomplete is refused when configured, naming what is missing', () => {
    const partly = { syncGet() {}, sync_set() {} }
    assert.throws(() => new Config({ state: partly }), { code: 'ERR_INVALID_OPTION', message: /it has no asyncGet, asyncSet/ }) // biome-ignore format: one line
    assert.throws(() => new Config({ state: class {} }), { code: 'ERR_INVALID_OPTION' })
    assert.throws(() => new Config({ state: 5 }), { code: 'ERR_INVALID_OPTION', message: /5/ })
    assert.throws(() => new Config({ sate: partly }), { code: 'ERR_UNKNOWN_OPTION', message: /sate/ })
    assert.throws(() => Mime.setConfig(MemoryState), { code: 'ERR_INVALID_OPTION', message: /new Config/ })
    assert.throws(() => new IState(), { name: 'MimicTypeError', code: 'ERR_STATE_INCOMPLETE', message: /abstract/ }) // biome-ignore format: one line
    class Partly extends IState {
      syncGet() {}
    }
    assert.throws(() => new Partly(), { code: 'ERR_STATE_INCOMPLETE', message: /Partly.*syncSet, asyncGet, asyncSet/ }) // biome-ignore format: one line
  })

  for (const [name, make] of [
    ['MemoryState', () => new MemoryState()],
    ['TempFileState', () => new TempFileState({ BASE_PATH: newFolder() })],
  ]) {
    test(`${name}: sets and gets, for its ttl`, async () => {
      mock.timers.enable({ apis: ['Date'] })
      const state = make()
      assert.equal(state.syncGet('a'), undefined)
      assert.equal(await state.asyncGet('a'), undefined)
      state.syncSet('a', 0, 1)
      await state.asyncSet('b', '', 2)
      state.syncSet('c', 3, null)
      await state.asyncSet('d', 4)
      const all = () => ['a', 'b', 'c', 'd'].map(key => state.syncGet(key))
      assert.deepEqual(all(), [0, '', 3, 4])
      assert.equal(await state.asyncGet('a'), 0)
      mock.timers.tick(1000)
      assert.deepEqual(all(), [undefined, '', 3, 4])
      assert.equal(await state.asyncGet('a'), undefined)
      mock.timers.tick(1000)
      assert.deepEqual(all(), [undefined, undefined, 3, 4])
      state.syncSet('c', 3, 0)
      assert.equal(state.syncGet('c'), undefined)
    })
  }
})

describe('TempFileState', () => {
  test('by default a folder of its own, which goes with the process', () => {
    const state = new TempFileState({ BASE_PATH: folder })
    assert.ok(state.path.startsWith(join(folder, 'my-mimic-')))
    assert.notEqual(new TempFileState({ BASE_PATH: folder }).path, state.path)
    const script = `
      import { TempFileState } from ${JSON.stringify(new URL('../../js/entry/mimic.js', import.meta.url).href)}
      const state = new TempFileState()
      state.syncSet('a', 1)
      console.log(state.path)`
    const path = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim() // biome-ignore format: one line
    assert.ok(path.startsWith(tmpdir()))
    assert.equal(existsSync(path), false)
  })

  test('STATIC keeps the same files, with their types, from run to run', async () => {
    const BASE_PATH = newFolder()
    const value = new Map([['a', [1n, new Date(5), new Uint8Array(100_000)]]])
    const first = new TempFileState({ BASE_PATH, STATIC: true })
    assert.equal(first.path, BASE_PATH)
    first.syncSet('k', value)
    await first.asyncSet('ключ', value)
    const second = new TempFileState({ BASE_PATH, STATIC: true })
    assert.deepEqual(second.syncGet('k'), value)
    assert.deepEqual(await second.asyncGet('ключ'), value)
    class Fixed extends TempFileState {
      static BASE_PATH = BASE_PATH
      static STATIC = true
    }
    assert.deepEqual(new Fixed().syncGet('k'), value)
    assert.equal(statSync(join(BASE_PATH, readdirSync(BASE_PATH)[0])).mode & 0o077, 0)
  })

  test('results are there in the next run', () => {
    const stateKwargs = { BASE_PATH: newFolder(), STATIC: true }
    const script = `
      import { Config, Mime, TempFileState } from ${JSON.stringify(new URL('../../js/entry/mimic.js', import.meta.url).href)}
      Mime.setConfig(new Config({ state: TempFileState, stateKwargs: ${JSON.stringify(stateKwargs)} }))
      console.log(Mime(60)(x => ({ x, at: process.hrtime.bigint() }))(1).at)`
    const run = () => execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }) // biome-ignore format: one line
    assert.equal(run(), run())
  })

  test('of two values set for one key the later stays', async () => {
    const state = new TempFileState()
    await Promise.all(Array.from({ length: 20 }, (_, i) => state.asyncSet('k', i)))
    assert.equal(await state.asyncGet('k'), 19)
    state.asyncSet('k', 'last')
    assert.equal(await state.asyncGet('k'), 'last')
  })

  test('what is damaged, cut or of another key is as if it had never been set', async () => {
    const BASE_PATH = newFolder()
    const state = new TempFileState({ BASE_PATH, STATIC: true })
    state.syncSet('a', 'text')
    const [name] = readdirSync(BASE_PATH)
    const file = join(BASE_PATH, name)
    const bytes = readFileSync(file)
    for (let at = 0; at < bytes.length; at++) {
      const wrong = Buffer.from(bytes)
      wrong[at] ^= 1
      writeFileSync(file, wrong)
      assert.equal(state.syncGet('a'), undefined, `byte ${at}`)
      writeFileSync(file, bytes.subarray(0, at))
      assert.equal(await state.asyncGet('a'), undefined, `${at} bytes`)
    }
    writeFileSync(file, bytes)
    assert.equal(state.syncGet('a'), 'text')
    state.syncSet('b', 'other')
    const other = readdirSync(BASE_PATH).find(found => found !== name)
    writeFileSync(join(BASE_PATH, other), bytes)
    assert.equal(state.syncGet('b'), undefined)
  })

  test('a value that no file holds: an error, and the older one is gone; through Mime an event', () => {
    const state = new TempFileState()
    state.syncSet('k', 1)
    assert.throws(() => state.syncSet('k', () => {}), { code: 'ERR_VALUE_UNSUPPORTED' })
    assert.equal(state.syncGet('k'), undefined)
    Mime.setConfig(new Config({ state }))
    const codes = []
    const f = Mime({ onEvent: ({ type, code }) => type === 'error' && codes.push(code) })(x => () => x)
    assert.equal(f(1), f(1))
    assert.deepEqual(codes, ['ERR_VALUE_UNSUPPORTED'])
  })

  const isRoot = process.getuid?.() === 0
  test('STATIC alone: a folder of one’s own among the temporary ones; another user’s is refused', {
    skip: !isRoot && 'only root can give a folder away',
  }, () => {
    const { TMPDIR } = process.env
    process.env.TMPDIR = newFolder()
    try {
      const { path } = new TempFileState({ STATIC: true })
      assert.equal(path, join(process.env.TMPDIR, `my-mimic-${process.getuid()}`))
      assert.equal(statSync(path).mode & 0o077, 0)
      assert.equal(new TempFileState({ STATIC: true }).path, path)
      chownSync(path, 12345, 12345)
      assert.throws(() => new TempFileState({ STATIC: true }), { code: 'ERR_INVALID_OPTION', message: /another user/ }) // biome-ignore format: one line
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = TMPDIR
    }
  })

  test('a folder that cannot be is refused, naming it', () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    assert.throws(() => new TempFileState({ BASE_PATH: 10 }), { name: 'MimicTypeError', code: 'ERR_INVALID_OPTION', message: /BASE_PATH.*10/ }) // biome-ignore format: one line
    assert.throws(() => new TempFileState({ BASE_PATH: file }), { code: 'ERR_INVALID_OPTION', message: /BASE_PATH.*file/ }) // biome-ignore format: one line
    assert.throws(() => new TempFileState({ STATIC: 'yes' }), { code: 'ERR_INVALID_OPTION', message: /STATIC/ }) // biome-ignore format: one line
    assert.throws(() => new TempFileState({ path: file }), { code: 'ERR_UNKNOWN_OPTION', message: /path/ })
  })
})
