// Calls a function that all its siblings call, when it is told to: tests/disk/elect.test.mjs. As a process or as a worker thread.
import { appendFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMime } from '../../js/entry/inline.js'
import { diskStore } from '../../js/entry/disk.js'

const { path, log, from = 0, keys, way, takes = 30, me } = workerData ?? JSON.parse(process.argv[2])
const store = diskStore({ path, flushAfter: 60_000 })
const codes = []
const onEvent = ({ type, code }) => type === 'error' && codes.push(code)
const mime = createMime({
  store,
  singleFlight: 'machine',
  lockTimeout: '1m',
  name: 'load',
  version: '1',
  onEvent,
})
const say = message => (parentPort ? parentPort.postMessage(message) : process.send?.(message))

const load = mime(async key => {
  appendFileSync(log, `${key} begins ${me}\n`)
  say('loading')
  if (way === 'hang') await new Promise(() => setInterval(() => {}, 1000))
  // A loop that is blocked renews nothing, and answers nobody.
  if (way === 'block') for (const end = Date.now() + takes; Date.now() < end; );
  else await sleep(takes)
  appendFileSync(log, `${key} ends ${me}\n`)
  if (way === 'fail') throw new Error(`failure of ${me}`)
  return `value of ${key}`
})

const { on } = parentPort ?? process
on.call(parentPort ?? process, 'message', async () => {
  const calls = Array.from({ length: keys }, (_, i) => load(from + i))
  say('called')
  const answers = await Promise.allSettled(calls)
  const right = answers.filter(({ value }, i) => value === `value of ${from + i}`).length
  say({ right, codes, failures: answers.flatMap(({ reason }) => reason?.message ?? []) })
  await store.close()
  parentPort?.close()
  if (!parentPort) process.disconnect()
})
say('ready')
