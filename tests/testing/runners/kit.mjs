import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mime } from 'my-mimic'
import { counted, expectCalls, expectHit, expectMiss, recorded, virtualClock } from 'my-mimic/testing'

/**
 * What a user's test file does with the kit, the same under each runner.
 * @param {(name: string, run: () => unknown) => void} test
 * @param {(actual: unknown, expected: unknown) => void} equal
 * @param {(fn: (x: number) => number) => any} spyOf the runner's own spy
 */
export function kitTests(test, equal, spyOf) {
  test('the clock, expectations and spies', () => {
    const clock = virtualClock()
    const spy = counted(x => ({ x }))
    const f = mime(spy, { ttl: '5m', clock })
    expectMiss(f, { id: 1 })
    f({ id: 1 })
    f({ id: 1 })
    expectHit(f, { id: 1 })
    clock.advance('5m')
    expectMiss(f, { id: 1 })
    expectCalls(f, 1)
    expectCalls(spy, 1)
    let message = ''
    try {
      expectHit(f, { id: 1 })
    } catch (error) {
      message = error.message
    }
    equal(message.includes('the entry expired 0 ms ago'), true)
  })

  test("the runner's own spy", () => {
    const spy = spyOf(x => x + 1)
    const f = mime(spy)
    equal([f(1), f(1)].join(), '2,2')
    expectCalls(spy, 1)
  })

  test('record and replay', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mimic-kit-'))
    try {
      const file = join(folder, 'calls.json')
      const live = counted(async function user(id) {
        if (id === 2) throw new RangeError('no such user')
        return { id, at: new Date(5), bytes: new Uint8Array([1, 2]), tags: new Map([['a', 1n]]) }
      })
      const recording = recorded(live, { file })
      const first = await recording(1)
      let thrown = await recording(2).catch(error => error)
      equal(thrown.message, 'no such user')
      const replayed = recorded(live, { file, mode: 'replay' })
      equal(JSON.stringify((await replayed(1)).at), JSON.stringify(first.at))
      equal((await replayed(1)).bytes.join(), '1,2')
      equal((await replayed(1)).tags.get('a'), 1n)
      thrown = await replayed(2).catch(error => error)
      equal(thrown instanceof RangeError, true)
      thrown = await replayed(3).catch(error => error)
      equal(thrown.code, 'ERR_NOT_RECORDED')
      expectCalls(live, 2)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('a batch is one call', async () => {
    const load = counted(async keys => keys.map(key => (key === 2 ? new Error('no') : key)))
    const f = mime.batch(load, '5m')
    const settled = await Promise.allSettled([f(1), f(2), f(3)])
    equal(settled.map(({ status }) => status).join(), 'fulfilled,rejected,fulfilled')
    expectCalls(load, 1)
  })
}
