import { MimicError } from './errors.js'

/**
 * Who waits for whom, as far as the runtime can tell: a load that waits for itself, by whatever detour, would never end.
 *
 * `AsyncLocalStorage` says inside which load a call is made. Where the engine has no frames for it (Node before 24) it slows every promise of
 * the process down while it is in use, so it rests when no load has run for a second.
 *
 * @typedef {object} Context
 * @property {import('./flight.js').Flight | undefined} flight until it has ended
 * @property {Context | undefined} outer the load in which this one began
 * @property {Context[] | undefined} joined loads that wait for this one because they share it
 */

const { process, setTimeout: startTimer } = globalThis
/** @type {typeof import('node:async_hooks') | undefined} */
const hooks = process?.getBuiltinModule?.('node:async_hooks')
/** @type {import('node:async_hooks').AsyncLocalStorage<Context> | undefined} */
const storage = hooks?.AsyncLocalStorage && new hooks.AsyncLocalStorage()
const { node, deno, bun } = /** @type {Record<string, string | undefined>} */ (process?.versions ?? {})
const slowsPromises = Number.parseInt(node ?? '24', 10) < 24 && deno === undefined && bun === undefined
const REST_AFTER = 1000

let running = 0
let isResting = false

/**
 * @param {import('./flight.js').Flight} flight
 * @param {Function} fn
 * @param {unknown} self
 */
export function inside(flight, fn, self) {
  if (storage === undefined) return Reflect.apply(fn, self, flight.args)
  // Whoever began it in the background does not wait for it.
  const outer = flight.inBackground ? undefined : storage.getStore()
  const context = contextOf(flight)
  context.outer = outer
  return storage.run(context, Reflect.apply, fn, self, flight.args)
}

/** It may be waited for before its function runs: while a store or a lock is. @param {import('./flight.js').Flight} flight @returns {Context} */
function contextOf(flight) {
  if (flight.context === undefined) {
    running++
    flight.context = { flight, outer: undefined, joined: undefined }
  }
  return flight.context
}

/** @param {import('./flight.js').Flight} flight */
export function ended(flight) {
  const { context } = flight
  if (context === undefined) return
  flight.context = undefined
  // What goes on in it may go on for ever, and is all that holds it.
  context.flight = context.outer = context.joined = undefined
  running--
  if (running === 0 && slowsPromises && !isResting) rest()
}

function rest() {
  isResting = true
  startTimer?.(() => {
    isResting = false
    if (running === 0) storage?.disable()
  }, REST_AFTER)?.unref?.()
}

/** The load in which this is called, for those that wait together for what goes on in it. */
export function currentLoad() {
  return storage?.getStore()
}

/**
 * @param {import('./flight.js').Flight} flight
 * @param {Context} own
 * @returns {boolean} whether the one waits for the other
 */
export function waitsFor(flight, own) {
  const seen = new Set()
  const waiting = [own]
  for (const context of waiting) {
    // Nobody waits for a load that has ended; what goes on in its context goes on by itself.
    if (context.flight === undefined || seen.has(context)) continue
    if (context.flight === flight) return true
    seen.add(context)
    if (context.outer) waiting.push(context.outer)
    if (context.joined) waiting.push(...context.joined)
  }
  return false
}

/**
 * A call inside a load is about to wait for another load.
 * @param {import('./flight.js').Flight} flight the other one
 * @returns {boolean} whether that one waits for the first already
 */
export function waitsForItself(flight) {
  const own = storage?.getStore()
  return own !== undefined && waitsFor(flight, own)
}

/** It waits for it, where it does not wait for itself. @param {import('./flight.js').Flight} flight */
export function joins(flight) {
  const own = storage?.getStore()
  // Where that has ended nobody waits in it.
  if (own?.flight === undefined) return
  const context = contextOf(flight)
  context.joined ??= []
  context.joined.push(own)
}

/** Who waited for a load has an old value instead: he may be waited for. @param {import('./flight.js').Flight} flight */
export function stoodIn({ context, fallback }) {
  if (context === undefined) return
  context.joined = undefined
  // Who refreshes waits on.
  if (fallback?.isForFirst) context.outer = undefined
}

/**
 * What such a call gets. It may be one that nobody waits for: then nobody is told.
 * @param {string | undefined} name
 */
export function selfAwait(name = 'a memoized function') {
  const message = `${name} waits for its own result: its load called it again with the same arguments; call the function itself, or with other arguments`
  const promise = Promise.reject(new MimicError('ERR_SELF_AWAIT', message))
  promise.catch(() => {})
  return promise
}
