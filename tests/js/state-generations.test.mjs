// What was cleared in a state stays so in the next run, and in others: each run is a store of its own over the same values.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs' // biome-ignore format: one line
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { createMime } from '../../js/entry/inline.js'

const isMarker = key => key.endsWith('-generation')

/** A state over `held`, as a new run has it; the names of what it was asked in `asked`. */
function state(held, asked = []) {
  const get = key => {
    asked.push(key)
    return held.get(key)
  }
  return {
    syncGet: get,
    syncSet: (key, value) => void held.set(key, value),
    asyncGet: async key => get(key),
    asyncSet: async (key, value) => void held.set(key, value),
  }
}

/** What the world says now, through a function in a run of its own. */
function world() {
  const held = new Map()
  let value = 'old'
  const kinds = { sync: x => `${value} ${x}`, async: async x => `${value} ${x}` }
  return {
    held,
    says(now) {
      value = now
    },
    run(kind, store = state(held)) {
      const mime = createMime({ store })
      return Object.assign(mime(kinds[kind], { name: 'price', version: '1', tags: ['p'] }), { mime })
    },
  }
}

const WAYS = {
  clear: f => f.clear(),
  invalidateTags: f => f.mime.invalidateTags('p'),
  invalidateIf: f => f.invalidateIf(() => true),
}

for (const kind of ['sync', 'async']) {
  describe(`the state of ${kind} functions`, () => {
    for (const [name, forget] of Object.entries(WAYS)) {
      test(`${name} concerns what the run has read, set and never seen, and later runs, too`, async () => {
        const { run, says } = world()
        for (const x of [1, 2]) await run(kind)(x)
        says('new')
        const second = run(kind)
        assert.equal(await second(1), 'old 1')
        await second(3)
        forget(second)
        assert.equal(await second(1), 'new 1')
        await second.flush()
        says('newer')
        const third = run(kind)
        assert.deepEqual([await third(1), await third(2), await third(3)], ['new 1', 'newer 2', 'newer 3']) // biome-ignore format: one line
      })
    }

    test('a run that clears before it calls anything', async () => {
      const { run, says } = world()
      await run(kind)(1)
      says('new')
      const second = run(kind)
      second.clear()
      await second.flush()
      assert.equal(await run(kind)(1), 'new 1')
    })

    test('what a run first does is set, invalidate or refresh: it concerns what stands after the clearing', async () => {
      const { run, says } = world()
      const first = run(kind)
      await first(1)
      first.clear()
      for (const x of [1, 2, 3]) await first(x)
      await first.flush()
      says('new')
      const one = run(kind)
      one.set([1], 'set')
      const two = run(kind)
      two.invalidate(2)
      const three = run(kind)
      await three.refresh(3)
      for (const f of [one, two, three]) await f.flush()
      const last = run(kind)
      assert.deepEqual([await last(1), await last(2), await last(3)], ['set', 'new 2', 'new 3'])
    })

    test('what was set just before is cleared as well', async () => {
      const { run, says } = world()
      const first = run(kind)
      first.set([1], 'set')
      first.clear()
      says('new')
      assert.equal(await first(1), 'new 1')
      await first.flush()
      assert.equal(await run(kind)(1), 'new 1')
    })

    test('others notice within a second; the generation is read no more often', async t => {
      const { held, run, says } = world()
      const asked = []
      const here = run(kind, state(held, asked))
      for (const x of [1, 2, 3, 4]) await here(x)
      assert.equal(asked.filter(isMarker).length, 1)
      const there = run(kind)
      await there(1)
      there.clear()
      await there.flush()
      says('new')
      await there(5)
      await there.flush()
      const real = performance.now
      t.mock.method(performance, 'now', () => real.call(performance) + 1000)
      says('newer')
      assert.equal(await here(5), 'new 5')
      assert.equal(asked.filter(isMarker).length, 2)
      here.set([5], 'set')
      await here.flush()
      assert.equal(await run(kind)(5), 'set')
    })

    for (const [name, change, expected] of [
      ['invalidate', f => f.invalidate(1), 'new 1'],
      ['set', f => f.set([1], 'set'), 'set'],
      ['refresh', f => f.refresh(1), 'new 1'],
    ]) {
      test(`${name} within the second after another run has cleared concerns what was set since`, async t => {
        const { run, says } = world()
        const second = run(kind)
        await second(2)
        const first = run(kind)
        first.clear()
        await first.flush()
        const third = run(kind)
        third.set([1], 'old')
        await third.flush()
        says('new')
        await change(second)
        await second.flush()
        assert.equal(await run(kind)(1), expected)
        const real = performance.now
        t.mock.method(performance, 'now', () => real.call(performance) + 1000)
        assert.equal(await second(1), expected)
      })
    }

    test('a generation that the state has lost, or could not take, is told it again', async t => {
      const real = performance.now
      let later = 0
      t.mock.method(performance, 'now', () => real.call(performance) + later)
      for (const fails of [false, true]) {
        const { held, run, says } = world()
        await run(kind)(1)
        says('new')
        const whole = state(held)
        const failing = { ...whole }
        const second = run(kind, failing)
        if (fails) {
          failing.syncSet = failing.asyncSet = () => {
            throw new Error('boom')
          }
        }
        second.clear()
        await second.flush()
        if (!fails) for (const key of [...held.keys()].filter(isMarker)) held.delete(key)
        Object.assign(failing, whole)
        later += 1000
        assert.equal(await second(2), 'new 2')
        await second.flush()
        assert.equal(await run(kind)(1), 'new 1')
      }
    })

    test('keys are hex digits that stand for name, version, clearing and the whole key', async () => {
      const { held, run } = world()
      const { mime } = run(kind)
      const names = ['../..', 'a/b', '\u{1F600}', 'CON', 'x'.repeat(500)]
      for (const name of names) {
        for (const version of ['1', '2']) {
          const f = mime(kind === 'sync' ? x => x : async x => x, { name, version })
          for (const x of [1, '\0']) await f(x)
          f.clear()
          for (const x of [1, '\0']) await f(x)
          await f.flush()
        }
      }
      const keys = [...held.keys()]
      for (const key of keys) assert.match(key, /^[0-9a-f]{64}(-g[0-9a-f]{15}|-generation)?$/)
      const count = names.length * 2
      assert.equal(keys.filter(isMarker).length, count)
      assert.equal(keys.length, count * 5)
    })
  })
}

test('an answer about the generation that comes late counts for nothing', async () => {
  const { held, run, says } = world()
  const first = run('async')
  await first(1)
  first.clear()
  await first.flush()
  let answer
  const whole = state(held)
  const asyncGet = key => {
    if (!isMarker(key)) return whole.asyncGet(key)
    const found = held.get(key)
    return new Promise(resolve => {
      answer = () => resolve(found)
    })
  }
  const second = run('async', { ...whole, asyncGet })
  const called = second(1)
  second.clear()
  says('new')
  answer()
  await called
  assert.equal(await second(2), 'new 2')
  await second.flush()
  says('newer')
  assert.equal(await run('async')(2), 'new 2')
})

test('an answer about the generation counts although a later one is still to come', async () => {
  const { held, run, says } = world()
  const whole = state(held)
  const answers = []
  let isHeld = false
  const asyncGet = key => {
    const found = whole.asyncGet(key)
    if (!isHeld || !isMarker(key)) return found
    return new Promise(resolve => answers.push(() => resolve(found)))
  }
  const second = run('async', { ...whole, asyncGet })
  await second(2)
  const first = run('async')
  first.clear()
  for (const x of [1, 3]) first.set([x], 'old')
  await first.flush()
  isHeld = true
  const turn = () => new Promise(resolve => setImmediate(resolve))
  second.invalidate(1)
  await turn()
  second.invalidate(3)
  await turn()
  assert.equal(answers.length, 2)
  answers[0]()
  await turn()
  says('new')
  assert.equal(await run('async')(1), 'new 1')
  answers[1]()
  await second.flush()
  assert.equal(await run('async')(3), 'new 3')
})

test('a question what a call would do asks by sync methods, and nothing else does', async () => {
  const { held, run, says } = world()
  const missing = () => {
    throw new Error('this state is for async functions')
  }
  await run('async')(1)
  const second = run('async', { ...state(held), syncGet: missing, syncSet: missing })
  await second(2)
  assert.equal(second.explain(1).outcome, 'miss')
  second.clear()
  await second.flush()
  assert.equal(second.stats().storeErrors, 0)
  says('new')
  assert.equal(await run('async')(1), 'new 1')
})

test('one promise that the state never keeps does not stop it for ever', async t => {
  const held = new Map()
  let isHanging = true
  const whole = state(held)
  const asyncGet = async key => (isHanging && isMarker(key) ? new Promise(() => {}) : whole.asyncGet(key))
  const wrap = () =>
    createMime({ store: { ...whole, asyncGet }, storeTimeout: '5ms' })(async x => x, { name: 'f' })
  const f = wrap()
  assert.equal(await f(1), 1)
  isHanging = false
  const real = performance.now
  t.mock.method(performance, 'now', () => real.call(performance) + 1000)
  assert.equal(await f(2), 2)
  const again = wrap()
  assert.deepEqual([await again(1), await again(2)], [1, 2])
  assert.equal(again.stats().storeHits, 2)
})

test('a state of files, named by their keys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mimic-state-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const get = key =>
    existsSync(join(folder, key)) ? JSON.parse(readFileSync(join(folder, key), 'utf8')) : null
  const set = (key, value) => writeFileSync(join(folder, key), JSON.stringify(value))
  const store = () => ({ syncGet: get, syncSet: set, asyncGet: async key => get(key), asyncSet: async (key, value) => set(key, value) }) // biome-ignore format: one line
  const wrap = () => createMime({ store: store() })(x => x + 1, { name: '../a/b' })
  const [first, second] = [wrap(), wrap()]
  assert.deepEqual([first(1), second(1)], [2, 2])
  assert.equal(second.stats().storeHits, 1)
  assert.equal(first.stats().storeErrors, 0)
  assert.equal(readdirSync(folder).length, 1)
})
