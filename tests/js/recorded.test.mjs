import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { mime } from '../../js/entry/inline.js'
import { counted, expectCalls, expectHit, recorded } from '../../js/entry/testing.js'
import { catchError, ENTRY, entriesOf, folder, newFile } from '../recorded/kit.mjs'

const run = promisify(execFile)

describe('recorded', () => {
  test('results are recorded once and replayed without a call, for exactly the same arguments', () => {
    const file = newFile()
    const fn = counted(function area(x, y) {
      return { area: x * y }
    })
    const first = recorded(fn, { file })
    assert.deepEqual([first.name, first.length], ['area', 2])
    assert.deepEqual([first(2, 3), first(2, 3)], [{ area: 6 }, { area: 6 }])
    expectCalls(fn, 1)
    const replayed = recorded(fn, { file, mode: 'replay' })
    assert.deepEqual(replayed(2, 3), { area: 6 })
    assert.notEqual(replayed(2, 3), replayed(2, 3))
    expectCalls(fn, 1)
    first('2', 3)
    first(2, 3, undefined)
    expectCalls(fn, 3)
  })

  test('values come back with their types', () => {
    const value = {
      map: new Map([[1, new Set([-0])]]),
      at: new Date(5),
      big: 5n,
      none: undefined,
      bytes: new Uint8Array([1, 2]),
    }
    value.self = value
    const file = newFile()
    const values = [
      undefined,
      null,
      0,
      -0,
      NaN,
      '',
      false,
      'é\ud800',
      [1, , 2],
      value,
      { __proto__: null, a: 1 },
    ]
    const fn = recorded(i => values[i], { file, name: 'values' })
    for (const i of values.keys()) fn(i)
    const replayed = recorded(() => assert.fail('called'), { file, name: 'values', mode: 'replay' })
    for (const [i, value] of values.entries()) assert.deepEqual(replayed(i), value)
  })

  test('the file is for people: sorted, one entry a call, arguments in words, JSON where it is plain', () => {
    const file = newFile()
    const user = recorded(
      function user(id) {
        return id === 3 ? new Map() : { id, tags: ['a'] }
      },
      { file },
    )
    user(3)
    user({ by: 'name' })
    user(1)
    const text = readFileSync(file, 'utf8')
    assert.equal(text, `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`)
    assert.deepEqual(
      entriesOf(file).map(({ call, outcome, value }) => [call, outcome, value]),
      [
        ['user(1)', 'returned', { id: 1, tags: ['a'] }],
        ['user(3)', 'returned', undefined],
        ['user({by: "name"})', 'returned', { id: { by: 'name' }, tags: ['a'] }],
      ],
    )
    assert.match(entriesOf(file)[0].key, /^[0-9a-f]{32}$/)
    assert.deepEqual(
      readdirSync(join(folder, 'deeper')).filter(name => name.endsWith('.tmp')),
      [],
    )
  })

  test('JSON is shown where it says everything, and nowhere else', () => {
    const file = newFile()
    const shared = { a: 1 }
    const plain = [null, true, 0, 1.5, '', '\ud800', [], {}, [[1], { a: ['b'] }], [shared, shared]]
    let deep = []
    for (let i = 0; i < 20_000; i++) deep = [deep]
    const other = [
      [-0],
      [NaN],
      [undefined],
      { a: undefined },
      [1, , 2],
      Object.assign([1], { more: 2 }),
      { toJSON: 'x' },
      { [Symbol.for('x')]: 1 },
      Object.create(null),
      new Date(0),
      5n,
      deep,
      Array.from({ length: 10_001 }, () => []),
    ]
    const values = [...plain, ...other]
    const f = recorded(i => values[i], { file, name: 'f' })
    for (const i of values.keys()) f(i)
    const shown = new Map(entriesOf(file).map(entry => [entry.call, entry]))
    for (const i of values.keys()) {
      assert.equal('value' in shown.get(`f(${i})`), i < plain.length, `f(${i})`)
      if (i < plain.length) assert.deepEqual(shown.get(`f(${i})`).value, plain[i])
      recorded(() => assert.fail('called'), { file, name: 'f', mode: 'replay' })(i)
    }
  })

  test('the same calls in another order give the same bytes, errors too', () => {
    const make = () => {
      const file = newFile()
      const f = recorded(
        function load(id) {
          if (id > 2) throw new Error('no', { cause: new Error('why') })
          return { at: new Map([[id, new Error('kept')]]) }
        },
        { file },
      )
      return [file, id => catchError(() => f(id))]
    }
    const [one, load] = make()
    const [two, again] = make()
    for (const id of [1, 2, 3, 4]) load(id)
    for (const id of [4, 2, 3, 1]) again(id)
    assert.equal(readFileSync(one, 'utf8'), readFileSync(two, 'utf8'))
    for (const { bytes } of entriesOf(one)) {
      assert.ok(!Buffer.from(bytes, 'base64').includes('testing.test.mjs'), 'a stack was recorded')
    }
  })

  test('errors are recorded and thrown again', () => {
    const file = newFile()
    const fail = () => {
      throw Object.assign(new RangeError('too far', { cause: 'x' }), { status: 404 })
    }
    assert.throws(() => recorded(fail, { file })(1), RangeError)
    const replayed = recorded(fail, { file, mode: 'replay' })
    const error = catchError(() => replayed(1))
    assert.ok(error instanceof RangeError)
    assert.deepEqual([error.message, error.cause, error.status], ['too far', 'x', 404])
    assert.equal(entriesOf(file)[0].outcome, 'threw')
    assert.equal(entriesOf(file)[0].error, 'RangeError: too far')
    const odd = recorded(
      () => {
        throw 5
      },
      { file, name: 'odd' },
    )
    assert.equal(
      catchError(() => odd()),
      5,
    )
    assert.equal(
      catchError(() => odd()),
      5,
    )
  })

  test('async functions stay async, their refusals too', async () => {
    const file = newFile()
    const fn = counted(async function load(id) {
      if (id === 2) throw new TypeError('no')
      return id * 10
    })
    const live = recorded(fn, { file })
    assert.equal(await live(1), 10)
    await assert.rejects(live(2), TypeError)
    expectCalls(fn, 2)
    assert.deepEqual(
      entriesOf(file).map(({ outcome }) => outcome),
      ['resolved', 'rejected'],
    )
    const source = `
      import { recorded } from '${ENTRY}'
      const load = recorded(id => { throw new Error('called') }, { file: ${JSON.stringify(file)}, name: 'load', mode: 'replay' })
      const one = load(1)
      const settled = await Promise.allSettled([one, load(2), load(3)])
      console.log(one instanceof Promise, settled[0].value, settled[1].reason.name, settled[2].reason.code)
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source])
    assert.equal(stdout.trim(), 'true 10 TypeError ERR_NOT_RECORDED')
    await assert.rejects(
      live(() => {}),
      { code: 'ERR_NOT_PORTABLE' },
    )
    await assert.rejects(recorded(fn, { file: newFile(), mode: 'replay' })(1), { code: 'ERR_NOT_RECORDED' })
  })

  test('replay throws for a call that is not recorded, and names the nearest', () => {
    const file = newFile()
    const fn = counted(function user(id, options) {
      return [id, options]
    })
    const replayed = recorded(fn, { file, mode: 'replay' })
    assert.throws(() => replayed(1), { code: 'ERR_NOT_RECORDED', message: /^user\(1\) is not.*no such file/ })
    const live = recorded(fn, { file })
    live(7, { fields: ['name'] })
    live(8, { all: true })
    assert.throws(() => replayed(7, { fields: ['names'] }), {
      code: 'ERR_NOT_RECORDED',
      message:
        /^user\(7, \{fields: \["names"\]\}\) is not in .*\.json: the nearest in it is user\(7, \{fields: \["name"\]\}\)/,
    })
    assert.throws(() => replayed(8, { all: false }), { message: /nearest in it is user\(8, \{all: true\}\)/ })
    const other = recorded(fn, { file, mode: 'replay', name: 'other' })
    assert.throws(() => other(1), { message: /nothing of other is in it/ })
    expectCalls(fn, 2)
  })

  test('record calls always and replaces', () => {
    const file = newFile()
    let value = 1
    const fn = counted(() => value)
    const f = recorded(fn, { file, mode: 'record', name: 'f' })
    f()
    value = 2
    assert.equal(f(), 2)
    expectCalls(fn, 2)
    assert.deepEqual(
      entriesOf(file).map(({ value }) => value),
      [2],
    )
    assert.equal(recorded(fn, { file: pathToFileURL(file), mode: 'replay', name: 'f' })(), 2)
  })

  test('functions of different names share a file', () => {
    const file = newFile()
    const one = recorded(x => `one ${x}`, { file, name: 'one' })
    const two = recorded(x => `two ${x}`, { file, name: 'two' })
    for (const x of [1, 2]) {
      one(x)
      two(x)
    }
    assert.deepEqual(
      entriesOf(file).map(({ call }) => call),
      ['one(1)', 'one(2)', 'two(1)', 'two(2)'],
    )
    assert.equal(recorded(() => {}, { file, name: 'one', mode: 'replay' })(2), 'one 2')
  })

  test('this is passed on and is no part of the key; the key is taken before the call', () => {
    const file = newFile()
    function add(list) {
      list.push(this.more)
      return list
    }
    recorded(add, { file }).call({ more: 1 }, [])
    assert.deepEqual(recorded(add, { file, mode: 'replay' })([]), [1])
  })

  test('long arguments are told apart to the last unit', () => {
    const file = newFile()
    const fn = counted(text => text.at(-1))
    const f = recorded(fn, { file, name: 'last' })
    const text = 'x'.repeat(100_000)
    assert.deepEqual([f(`${text}a`), f(`${text}b`), f(`${text}a`)], ['a', 'b', 'a'])
    expectCalls(fn, 2)
  })

  test('works behind mime: a miss replays', async () => {
    const file = newFile()
    const fn = counted(async function load(id) {
      return { id }
    })
    await mime(recorded(fn, { file }), '5m')(1)
    const f = mime(recorded(fn, { file, mode: 'replay' }), '5m')
    assert.deepEqual(await f(1), { id: 1 })
    expectHit(f, 1)
    expectCalls(f, 1)
    expectCalls(fn, 1)
    await assert.rejects(f(2), { code: 'ERR_NOT_RECORDED' })
  })
})
