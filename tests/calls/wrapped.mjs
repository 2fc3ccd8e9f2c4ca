import { createMime } from '../../js/entry/inline.js'

/** What the tests of calls wrap functions with. */

/** A clock that goes when the test says so, in milliseconds. */
export function manual(time = 0) {
  const clock = { time, now: () => clock.time }
  return clock
}

/** A `mime` whose time is such a clock's. */
export function clocked() {
  const clock = manual()
  return { clock, mime: createMime({ clock }) }
}

/** Returns 0, 1, 2, … however it is called. */
export function counter() {
  let next = 0
  return () => next++
}

/** A function that counts its calls, and is not async by its syntax. */
export function counted(fn = (...args) => args) {
  function spied(...args) {
    spied.calls++
    return fn.apply(this, args)
  }
  spied.calls = 0
  return spied
}

/** A promise that ends when the test says so. */
export function deferred() {
  const handle = {}
  handle.promise = new Promise((resolve, reject) => Object.assign(handle, { resolve, reject }))
  return handle
}

/** Loads that end when the test says so: `load.runs[i].resolve(value)`, `.reject(error)`, `.args`. */
export function gate() {
  const runs = []
  return {
    runs,
    async load(...args) {
      const run = { args }
      const promise = new Promise((resolve, reject) => Object.assign(run, { resolve, reject }))
      runs.push(run)
      return promise
    },
  }
}

/** A loader for batches that notes the keys of each of its calls. */
export function loader(answer = key => key) {
  const load = async keys => {
    load.calls.push([...keys])
    return keys.map(answer)
  }
  load.calls = []
  return load
}

/** The types of all events of a function, in order. */
export function heard() {
  const types = []
  return { types, onEvent: event => types.push(event.type) }
}

/** Everything that can go on by itself has gone on. */
export async function settled(turns = 4) {
  for (let i = 0; i < turns; i++) await new Promise(resolve => setImmediate(resolve))
}

/** Whether a promise is still open when everything has gone on. */
export async function isWaiting(promise) {
  let waiting = true
  const end = () => (waiting = false)
  promise.then(end, end)
  await settled()
  return waiting
}
