import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { counted, gate, manual, settled } from '../calls/wrapped.mjs'

const clock = manual()
const mime = createMime({ clock })
const boom = new Error('boom')

describe('invalidateIf', () => {
  test('asks with arguments and plain results, and says how many went', async () => {
    for (const fn of [x => x.n * 2, async x => x.n * 2]) {
      const f = mime(fn)
      for (const n of [1, 2, 3]) await f({ n, at: new Date(n) }, [undefined, -0, 2n])
      const asked = []
      const count = f.invalidateIf((args, value) => {
        asked.push([args, value])
        return value > 2
      })
      assert.equal(count, 2)
      assert.deepEqual(asked.map(([, value]) => value).sort(), [2, 4, 6]) // biome-ignore format: one line
      for (const [[given, list], value] of asked) {
        assert.deepEqual(given, { n: value / 2, at: new Date(value / 2) })
        assert.ok(Object.is(list[1], -0) && list[2] === 2n && 0 in list)
      }
      assert.deepEqual([f.stats().entries, f.stats().removals.invalidated], [1, 2])
      assert.equal(f.has({ n: 1, at: new Date(1) }, [undefined, -0, 2n]), true)
    }
  })

  test('with the option key it is asked with what that returned', () => {
    const f = mime(user => user.name, { key: user => user.id })
    f({ id: 7, name: 'a' })
    assert.equal(f.invalidateIf(([id]) => id === 7), 1) // biome-ignore format: one line
  })

  test('what counts by identity it gets itself, wherever that stands', () => {
    class User {
      constructor(id) {
        this.id = id
      }
    }
    const [one, two] = [new User(1), new User(2)]
    const callback = () => {}
    const name = Symbol('unique')
    const f = mime((...args) => args.length)
    f(one, { callback }, [1])
    f(two, new Map([[two, [callback, two]]]), { [name]: 1, plain: 2 })
    f(name, 'no identity else')
    f('none at all')
    const asked = []
    f.invalidateIf(args => void asked.push(args))
    asked.sort((a, b) => a.length - b.length || (a[0].id ?? 0) - (b[0].id ?? 0))
    assert.deepEqual(asked[0], ['none at all'])
    assert.deepEqual(asked[1], [name, 'no identity else'])
    assert.ok(asked[2][0] === one && asked[2][1].callback === callback)
    const [user, map, object] = asked[3]
    assert.ok(user === two && [...map.keys()][0] === two)
    assert.ok(map.get(two)[0] === callback && map.get(two)[1] === two)
    assert.deepEqual(object, { [name]: 1, plain: 2 })
    assert.equal(f.invalidateIf(([thing]) => thing instanceof User && thing.id === 2), 1) // biome-ignore format: one line
    assert.equal(f.has(one, { callback }, [1]), true)
  })

  test('any true answer is one, any false answer none', () => {
    const f = mime(x => x)
    for (const x of [1, 'a', {}, 0, '', null, undefined]) f(x)
    assert.equal(
      f.invalidateIf((_, value) => value),
      3,
    )
    assert.equal(f.stats().entries, 4)
  })

  test('what the predicate throws reaches its caller, and nothing has changed', () => {
    const store = memoryStore()
    const f = mime(x => x, { store, name: 'f' })
    f(1)
    f(2)
    let asked = 0
    const predicate = () => {
      if (asked++ > 0) throw boom
      return true
    }
    assert.throws(() => f.invalidateIf(predicate), boom)
    assert.deepEqual([f.has(1), f.has(2), store.stats().entries], [true, true, 2])
    for (const none of [undefined, 5, {}]) assert.throws(() => f.invalidateIf(none), { code: 'ERR_INVALID_ARGUMENT' }) // biome-ignore format: one line
  })

  test('a load that runs is not stored, whatever the predicate says; who waits gets its value', async () => {
    const { runs, load } = gate()
    const f = mime(load)
    const call = f(1)
    assert.equal(f.invalidateIf(() => false), 0) // biome-ignore format: one line
    runs[0].resolve('v')
    assert.equal(await call, 'v')
    assert.deepEqual([f.has(1), f.stats().pending], [false, 0])
  })

  test('an entry that is being reloaded: the predicate decides over the old value, the new one is not stored', async () => {
    for (const begin of [
      f => f.refresh(1),
      f => {
        clock.time += 1500
        return f(1)
      },
    ]) {
      // biome-ignore format: one line
      for (const goes of [true, false]) {
        const { runs, load } = gate()
        const f = mime(load, { ttl: '1s', staleWhileRevalidate: '1m' })
        f.set([1], 'old')
        begin(f)
        assert.equal(f.invalidateIf((_, value) => goes && value === 'old'), goes ? 1 : 0) // biome-ignore format: one line
        runs[0].resolve('outdated')
        await settled()
        assert.equal(await f.peek(1), goes ? undefined : 'old')
      }
    }
  })

  test('what only the store has cannot be asked about: it goes', () => {
    const store = memoryStore()
    const wrap = () => createMime()(x => x, { store, name: 'f', version: '1' })
    wrap()(1)
    wrap().invalidateIf(() => false)
    assert.equal(store.stats().entries, 0)
  })

  test('Responses are asked about as Responses, each time readable', async () => {
    const f = mime(async status => new Response('text', { status }))
    await f(200)
    await f(404)
    const texts = []
    const count = f.invalidateIf((_, response) => {
      texts.push(response.text())
      return !response.ok
    })
    assert.equal(count, 1)
    assert.deepEqual(await Promise.all(texts), ['text', 'text'])
    assert.equal(await (await f(200)).text(), 'text')
    assert.equal(f.stats().loads, 2)
  })

  test('what came into a slot after it was asked about stays, and of what went nobody is told twice', async () => {
    const heard = []
    for (const fn of [x => `v${x}`, async x => `v${x}`]) {
      const f = mime(fn)
      await Promise.all([f(1), f(2)])
      f.invalidateIf(([x]) => {
        if (x === 2) {
          f.invalidate(1)
          f(9)
        }
        return x === 1
      })
      await settled()
      assert.deepEqual([f.has(1), f.has(2), f.has(9)], [false, true, true])

      const g = mime(fn, { onEvent: event => event.type === 'remove' && heard.push(event.count ?? 1) })
      await Promise.all([g(1), g(2), g(3)])
      heard.length = 0
      assert.equal(g.invalidateIf(([x]) => x !== 2 || g.clear() === undefined), 2) // biome-ignore format: one line
      assert.deepEqual([g.stats().removals.invalidated, heard.reduce((a, b) => a + b)], [3, 3])
    }
  })

  test('the same where copying the value changes the cache', () => {
    let clear
    const f = mime(x => ({ x }), { clone: value => ({ ...value, cleared: clear?.() }) })
    const heard = []
    f.on('remove', ({ count = 1 }) => heard.push(count))
    f(1)
    f(2)
    clear = () => {
      clear = undefined
      f.clear()
    }
    f.invalidateIf(() => true)
    assert.deepEqual([f.stats().removals.invalidated, heard], [2, [2]])
  })

  test('a predicate that calls and forgets itself', () => {
    const f = mime(counted(x => x))
    for (let i = 0; i < 5; i++) f(i)
    const count = f.invalidateIf(([x]) => {
      f(100 + x)
      f.invalidate(x + 1)
      return x < 3
    })
    assert.ok(count >= 1)
    for (let i = 0; i < 200; i++) if (f.has(i)) assert.equal(f(i), i)
    assert.equal(f.stats().pending, 0)
  })
})
