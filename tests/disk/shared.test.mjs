import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { child, ended, entryOf, isTold, keyOf, opened, scratch, told } from './help.mjs'

/** A directory that several processes or threads use at once. */

const SECONDS = Number(process.env.MIMIC_SECONDS ?? 60)

/** @param {any[]} answers @param {import('node:test').TestContext} t */
function check(answers, t) {
  const sum = name => answers.reduce((total, answer) => total + answer[name], 0)
  t.diagnostic(`${sum('reads')} reads, ${sum('compactions')} compactions, ${sum('evicted')} evicted`)
  assert.deepEqual(answers.flatMap(({ said }) => said), []) // biome-ignore format: one line
  assert.equal(sum('wrong'), 0)
  assert.equal(sum('corrupt'), 0)
  assert.ok(answers.every(({ reads }) => reads > 20))
  assert.ok(sum('compactions') > 0)
}

describe('four at once: every value read is one that was written for its key', () => {
  /** @param {number} seed @param {string} path @param {number} seconds */
  const task = (seed, path, seconds) => ({ path, seed, milliseconds: seconds * 1000, maxBytes: 2_000_000 })

  test(`processes, ${SECONDS} s`, { timeout: (SECONDS + 120) * 1000 }, async t => {
    const path = scratch(t)
    const answers = [1, 2, 3, 4].map(async seed => {
      const process = child(t, './mixer.mjs', [JSON.stringify(task(seed, path, SECONDS))])
      const [answer] = await once(process, 'message')
      assert.equal(await ended(process), 0)
      return answer
    })
    check(await Promise.all(answers), t)
    const store = opened(t, path)
    for (let name = 0; name < 400; name++) {
      const entry = store.getSync(keyOf(name, `space ${name % 3}`))
      assert.ok(entry === undefined || isTold(name, entry.value))
    }
  })

  test('worker threads', { timeout: 120_000 }, async t => {
    const path = scratch(t)
    const answers = [5, 6, 7, 8].map(async seed => {
      const worker = new Worker(new URL('./mixer.mjs', import.meta.url), { workerData: task(seed, path, Math.min(SECONDS, 10)) }) // biome-ignore format: one line
      const [answer] = await once(worker, 'message')
      return answer
    })
    check(await Promise.all(answers), t)
  })
})

test('what another process writes is seen within a second', { timeout: 60_000 }, async t => {
  const path = scratch(t)
  const store = opened(t, path)
  const writer = child(t, './once.mjs', [path, 'flush'])
  store.getSync(keyOf('here'))
  await once(writer, 'message')
  await sleep(1000)
  assert.equal(store.getSync(keyOf('here'))?.value, told('here', 1))
})

describe('at the end of a process what waits is written', () => {
  for (const way of ['end', 'exit', 'throw', 'worker']) {
    test(way, { timeout: 60_000 }, async t => {
      const path = scratch(t)
      const started = Date.now()
      const process = child(t, './once.mjs', [path, way], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
      assert.equal(await ended(process), way === 'throw' ? 1 : 0)
      assert.ok(Date.now() - started < 30_000, 'nothing keeps it alive')
      assert.equal(opened(t, path).getSync(keyOf('here'))?.value, told('here', 1))
    })
  }
})

test('a holder of the lock that is killed does not keep it', { timeout: 60_000 }, async t => {
  const path = scratch(t)
  const holder = child(t, './once.mjs', [path, 'lock'])
  await once(holder, 'message')
  holder.kill('SIGKILL')
  await ended(holder)
  const store = opened(t, path, { maxBytes: 100_000 })
  const end = Date.now() + 20_000
  while (store.stats().compactions === 0) {
    assert.ok(Date.now() < end, 'nobody compacts')
    for (let i = 0; i < 400; i++) store.set(keyOf(i), entryOf(told(i, 1)))
    await store.flush()
    await sleep(500)
  }
})
