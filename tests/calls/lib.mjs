import assert from 'node:assert/strict'

/** Small tools of the scenarios. */

/** More turns of the event loop than any of the packages needs between its own steps. */
const TURNS = 40

export async function tick(turns = 4) {
  for (let i = 0; i < turns; i++) await new Promise(resolve => setImmediate(resolve))
}

export function deferred() {
  const handle = {}
  handle.promise = new Promise((resolve, reject) => Object.assign(handle, { resolve, reject }))
  return handle
}

/** An async function that counts: `spy.runs`. */
export function spy(fn = async (...args) => args[0]) {
  async function spied(...args) {
    spied.runs++
    return fn.apply(this, args)
  }
  spied.runs = 0
  return spied
}

/** A function whose runs end when the scenario says so. */
export function gated() {
  const runs = []
  return {
    runs,
    async fn(...args) {
      const run = { ...deferred(), args }
      runs.push(run)
      return run.promise
    },
    /** The run of this index, as soon as it has begun; packages call the function a few turns later. */
    async run(index) {
      for (let i = 0; i < TURNS && runs.length <= index; i++) await tick(1)
      assert.ok(runs.length > index, `the function ran ${runs.length} times, not ${index + 1}`)
      return runs[index]
    },
  }
}

/** How a promise ends, without leaving its rejection unhandled. @returns {Promise<{ value?: any, error?: any, failed: boolean }>} */
export function outcome(promise) {
  return Promise.resolve(promise).then(
    value => ({ value, failed: false }),
    error => ({ error, failed: true }),
  )
}

/** What a promise resolves to that must not wait for anything. @template T @param {T | Promise<T>} promise @param {string} what */
export async function soon(promise, what) {
  let end
  outcome(promise).then(result => {
    end = result
  })
  for (let i = 0; i < TURNS && end === undefined; i++) await tick(1)
  assert.ok(end !== undefined, `${what} has to wait`)
  if (end.failed) throw end.error
  return end.value
}

/** Whether a promise is still open after a while without any cause to settle. */
export async function isOpen(promise) {
  let open = true
  outcome(promise).then(() => {
    open = false
  })
  await tick()
  return open
}

/** The process's unhandled rejections during `run` and a while after. */
export async function unhandled(run) {
  const seen = []
  const listener = error => seen.push(error)
  process.on('unhandledRejection', listener)
  await run()
  await new Promise(resolve => setTimeout(resolve, 50))
  process.off('unhandledRejection', listener)
  return seen
}

export async function rejects(promise, error, what) {
  const end = await outcome(promise)
  assert.ok(end.failed, `${what}: it resolves to ${show(end.value)}`)
  assert.ok(Object.is(end.error, error), `${what}: it gets ${show(end.error)}`)
}

/** For scenarios about something else than whether the very error comes through: it may be wrapped. */
export async function failsWith(promise, error, what) {
  const end = await outcome(promise)
  assert.ok(end.failed, `${what}: it resolves to ${show(end.value)}`)
  const isIt = end.error === error || end.error?.cause === error
  assert.ok(isIt, `${what}: it gets ${show(end.error)}`)
}

export function same(actual, expected, what) {
  assert.ok(Object.is(actual, expected), `${what}: ${show(actual)}, not ${show(expected)}`)
}

function show(value) {
  if (value instanceof Error) return `${value.name} "${value.message}"`
  return typeof value === 'string'
    ? `'${value}'`
    : String(value?.constructor === Object ? 'an object' : value)
}
