// `my-mimic/mimic`: where its results are kept.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs' // biome-ignore format: one line
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, mock, test } from 'node:test'
import { Config, IState, MemoryState, Mime, TempFileState } from '../../js/entry/mimic.js'
import { folder, newFolder, spyState } from '../mimic/kit.mjs'

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
    for (const options of [5, MemoryState]) assert.throws(() => new Config(options), { code: 'ERR_INVALID_OPTION', message: /options/ }) // biome-ignore format: one line
    assert.throws(() => new Config({ sate: partly }), { code: 'ERR_UNKNOWN_OPTION', message: /sate/ })
    assert.throws(() => Mime.setConfig(MemoryState), { code: 'ERR_INVALID_OPTION', message: /new Config/ })
    assert.throws(() => new IState(), { name: 'MimicTypeError', code: 'ERR_STATE_INCOMPLETE', message: /abstract/ }) // biome-ignore format: one line
    for (const state of [
      class extends IState {
        syncGet() {}
      },
      class extends IState {
        syncGet = () => {}
      },
    ]) {
      // biome-ignore format: one line
      for (const given of [state, new state()]) {
        assert.throws(() => new Config({ state: given }), { code: 'ERR_INVALID_OPTION', message: /it has no syncSet, asyncGet, asyncSet/ }) // biome-ignore format: one line
      }
    }
    for (const state of [() => {}, null]) assert.throws(() => new Config({ state }), { code: 'ERR_INVALID_OPTION' }) // biome-ignore format: one line
  })

  test('methods may be fields, which only an instance has', async () => {
    for (const Base of [Object, IState]) {
      const held = new Map()
      class Fields extends Base {
        syncGet = key => held.get(key)
        syncSet = (key, value) => void held.set(key, value)
        async_get = async key => held.get(key)
        async_set = async (key, value) => void held.set(key, value)
      }
      Mime.setConfig(new Config({ state: Fields }))
      const version = Base.name
      assert.equal(Mime({ version })(function one() { return 1 })(), 1) // biome-ignore format: one line
      assert.equal(await Mime({ version })(async function two() { return 2 })(), 2) // biome-ignore format: one line
      assert.deepEqual([...held.values()], [1, 2])
    }
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

  test('what a run has cleared is not there in the next one', () => {
    const stateKwargs = { BASE_PATH: newFolder(), STATIC: true }
    const run = (kind, value, clear) => {
      const script = `
        import { Config, Mime, TempFileState } from ${JSON.stringify(new URL('../../js/entry/mimic.js', import.meta.url).href)}
        Mime.setConfig(new Config({ state: TempFileState, stateKwargs: ${JSON.stringify(stateKwargs)} }))
        const f = Mime('1d')(${kind} function f() { return process.argv[1] })
        console.log(await f())
        if (process.argv[2]) { f.clear(); console.log(await f()); await f.flush() }`
      return execFileSync(process.execPath, ['--input-type=module', '-e', script, value, clear], { encoding: 'utf8' }) // biome-ignore format: one line
    }
    for (const kind of ['', 'async']) {
      assert.equal(run(kind, 'old', ''), 'old\n')
      assert.equal(run(kind, 'new', 'clear'), 'old\nnew\n')
      assert.equal(run(kind, 'newer', ''), 'new\n')
    }
  })

  test('of two values set for one key the later stays', async () => {
    const state = new TempFileState()
    await Promise.all(Array.from({ length: 20 }, (_, i) => state.asyncSet('k', i)))
    assert.equal(await state.asyncGet('k'), 19)
    state.asyncSet('k', 'last')
    assert.equal(await state.asyncGet('k'), 'last')
  })

  test('what is set at once is later than what is being written', async () => {
    const state = new TempFileState({ BASE_PATH: newFolder() })
    for (const [set, left] of [
      [() => state.syncSet('k', 'new'), 'new'],
      [() => state.syncSet('k', 'new', 0), undefined],
      [() => assert.throws(() => state.syncSet('k', () => {}), { code: 'ERR_VALUE_UNSUPPORTED' }), undefined],
      [
        () =>
          assert.rejects(
            state.asyncSet('k', () => {}),
            { code: 'ERR_VALUE_UNSUPPORTED' },
          ),
        undefined,
      ],
    ])
      for (let turns = 0; turns < 10; turns++) {
        const writing = [state.asyncSet('k', 'old'), state.asyncSet('other', turns), state.asyncSet('k', 'older', turns % 2)] // biome-ignore format: one line
        for (let i = 0; i < turns; i++) await new Promise(setImmediate)
        set()
        assert.equal(state.syncGet('k'), left)
        await Promise.all(writing)
        assert.equal(state.syncGet('k'), left, `after ${turns} turns`)
        assert.equal(state.syncGet('other'), turns)
        await state.asyncSet('k', 'next')
        assert.equal(state.syncGet('k'), 'next')
      }
    assert.equal(readdirSync(state.path).length, 2)
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
