import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { child, scratch } from './help.mjs'

/** One load per key over all processes and threads of the machine. */

/** @param {import('node:test').TestContext} t */
function place(t) {
  const path = scratch(t)
  const log = join(scratch(t), 'log')
  let count = 0
  /** @param {object} task @param {boolean} [isThread] */
  const start = async (task, isThread = false) => {
    const data = { path, log, me: ++count, ...task }
    const one = isThread
      ? new Worker(new URL('./elector.mjs', import.meta.url), { workerData: data })
      : child(t, './elector.mjs', [JSON.stringify(data)])
    if (one instanceof Worker) t.after(() => one.terminate())
    const heard = []
    one.on('message', message => heard.push(message))
    const send = one instanceof Worker ? () => one.postMessage('go') : () => one.send('go')
    const says = async words => {
      while (!heard.includes(words)) await once(one, 'message')
    }
    const answer = async () => {
      while (typeof heard.at(-1) !== 'object') await once(one, 'message')
      return heard.at(-1)
    }
    const gone = once(one, 'exit')
    await says('ready')
    return { one, gone, send, says, answer }
  }
  /** @returns {string[]} what was logged, such as `7 begins 1` */
  const logged = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [])
  const loads = () => logged().filter(line => line.includes('begins')).map(line => line.split(' ')[0]) // biome-ignore format: one line
  const locks = () => readdirSync(join(path, 'locks'))
  return { start, logged, loads, locks }
}

/** @param {{ start: (task: object, isThread?: boolean) => Promise<any> }} at @param {number} count @param {object} task @param {boolean} [isThread] */
async function together(at, count, task, isThread) {
  const all = await Promise.all(Array.from({ length: count }, () => at.start(task, isThread)))
  for (const { send } of all) send()
  const answers = await Promise.all(all.map(({ answer }) => answer()))
  await Promise.all(all.map(({ gone }) => gone))
  return answers
}

for (const isThread of [false, true]) {
  const what = isThread ? 'worker threads' : 'processes'
  test(`8 ${what} × 50 cold keys make exactly 50 loads`, { timeout: 120_000 }, async t => {
    const at = place(t)
    const answers = await together(at, 8, { keys: 50 }, isThread)
    assert.deepEqual(answers, Array(8).fill({ right: 50, codes: [], failures: [] }))
    assert.deepEqual(at.loads().length, 50)
    assert.equal(new Set(at.loads()).size, 50)
    assert.deepEqual(at.locks(), [])
  })
}

test('keys of a killed loader are taken over, each by one', { timeout: 120_000 }, async t => {
  const at = place(t)
  const killed = await at.start({ keys: 20, way: 'hang' })
  killed.send()
  while (at.loads().length < 20) await sleep(10)
  const all = await Promise.all(Array.from({ length: 6 }, () => at.start({ keys: 20 })))
  for (const { send } of all) send()
  await Promise.all(all.map(({ says }) => says('called')))
  await sleep(300)
  assert.equal(at.loads().length, 20)
  killed.one.kill('SIGKILL')
  const since = Date.now()
  const answers = await Promise.all(all.map(({ answer }) => answer()))
  const took = Date.now() - since
  assert.deepEqual(answers, Array(6).fill({ right: 20, codes: [], failures: [] }))
  assert.equal(at.loads().length, 40)
  assert.ok(took < 8000, `taken over after ${took} ms`)
  t.diagnostic(`all had their values ${took} ms after the kill`)
})

test('keys of a thread that was ended are taken over, though its process lives', {
  timeout: 120_000,
}, async t => {
  const at = place(t)
  const gone = await at.start({ keys: 3, way: 'hang' }, true)
  gone.send()
  while (at.loads().length < 3) await sleep(10)
  await gone.one.terminate()
  assert.deepEqual(await together(at, 2, { keys: 3 }), Array(2).fill({ right: 3, codes: [], failures: [] }))
  assert.equal(at.loads().length, 6)
})

test('a loader whose loop is blocked keeps its key', { timeout: 120_000 }, async t => {
  const at = place(t)
  const blocked = await at.start({ keys: 1, way: 'block', takes: 4000 })
  blocked.send()
  await blocked.says('loading')
  const answers = await together(at, 3, { keys: 1 })
  assert.deepEqual(answers, Array(3).fill({ right: 1, codes: [], failures: [] }))
  assert.equal(at.loads().length, 1)
})

test('a load that fails frees its key: each process’s own caller tries, one after the other', {
  timeout: 120_000,
}, async t => {
  const at = place(t)
  const answers = await together(at, 5, { keys: 1, way: 'fail' })
  const failures = answers.flatMap(answer => answer.failures)
  assert.deepEqual(
    failures.sort(),
    [1, 2, 3, 4, 5].map(me => `failure of ${me}`),
  )
  const log = at.logged()
  assert.equal(log.length, 10)
  for (let i = 0; i < log.length; i += 2)
    assert.equal(log[i].replace('begins', 'ends'), log[i + 1], log.join('\n'))
})

test('a process that ends in the middle of its loads leaves nothing locked', {
  timeout: 120_000,
}, async t => {
  const at = place(t)
  const one = await at.start({ keys: 5, way: 'hang' })
  one.send()
  while (at.loads().length < 5) await sleep(10)
  assert.equal(at.locks().length, 6)
  one.one.kill('SIGKILL')
  await one.gone
  // What the killed one has left goes with the first who comes, whatever he asks for.
  const next = await at.start({ keys: 1, from: 100 })
  next.send()
  await next.answer()
  await next.gone
  assert.deepEqual(at.locks(), [])
})
