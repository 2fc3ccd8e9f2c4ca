import { getEventListeners } from 'node:events'
import { createMime, memoryStore } from '../../js/entry/inline.js'
import { Time } from './time.mjs'

/**
 * One schedule's real things: a wrapped function whose loads end when the plan says so, its callers, its store, its time.
 * Each value, and each error, has the number of the load or `set` that made it.
 */

const { setImmediate } = globalThis
const turn = () => new Promise(resolve => setImmediate(resolve))

/** Without a stack: there are many. @param {string} message */
function failure(message) {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = new Error(message)
  Error.stackTraceLimit = stackTraceLimit
  return error
}

/** In milliseconds, as the options take them. */
const durations = ['ttl', 'staleWhileRevalidate', 'staleIfError', 'timeout']

/** The real options of a plan's. */
function optionsOf({ store, isSync, listens, ...options }) {
  const real = { ...options }
  for (const name of durations) if (real[name] !== undefined) real[name] = `${real[name]}ms`
  if (options.tags) real.tags = ([key], { version }) => [key, 'all', `v${version}`]
  return real
}

/** A store that takes its time to answer, and answers with what it had when it was asked. */
function slowStore(world) {
  const { getSync, ...store } = memoryStore()
  const get = key => {
    const entry = getSync(key)
    return new Promise(resolve => world.reads.push(() => resolve(entry)))
  }
  return { ...store, get }
}

export class World {
  time = new Time()
  versions = 0
  /** @type {any[]} */
  loads = []
  /** @type {any[]} */
  callers = []
  /** @type {Map<string, AbortController>} */
  controllers = new Map()
  refreshes = 0
  /** Questions to the slow store. @type {(() => void)[]} */
  reads = []
  failing = false
  /** Events of entries that left, by cause. */
  removed = { expired: 0, size: 0, invalidated: 0, replaced: 0 }

  /** @param {any} plan @param {{ loaded(load: any): void, evicted(value: any): void }} watch */
  constructor({ options, prefill = [] }, watch) {
    this.options = options
    this.watch = watch
    this.restore = this.time.install()
    const given = { name: 'f', version: '1', clock: { now: () => this.time.now }, ...optionsOf(options) }
    if (options.store) given.store = options.store === 'slow' ? slowStore(this) : memoryStore()
    const before = createMime()(this.#fn(), given)
    for (const key of prefill) before.set([key], { key, version: 0 })
    this.mime = createMime()
    this.f = this.mime(this.#fn(), given)
    this.f.on('remove', ({ cause, value, count = 1 }) => {
      this.removed[cause] += count
      if (cause === 'size') watch.evicted(value)
    })
  }

  #fn() {
    if (this.options.isSync) {
      return key => {
        const load = this.#load(key)
        if (this.failing) throw load.error
        return load.value
      }
    }
    return async (key, signal) => {
      const load = this.#load(key)
      load.signal = signal
      load.isOver = false
      return new Promise((resolve, reject) => {
        load.end = isOk => {
          load.isOver = true
          if (isOk) resolve(load.value)
          else reject(load.error)
        }
        if (this.options.listens) signal?.addEventListener('abort', () => load.isOver || load.end(false))
      })
    }
  }

  #load(key) {
    const version = ++this.versions
    const load = { key, version, value: { key, version }, error: failure(`load ${version}`), isOver: true }
    this.loads.push(load)
    this.watch.loaded(load)
    return load
  }

  controllerOf(name) {
    if (!this.controllers.has(name)) this.controllers.set(name, new AbortController())
    return this.controllers.get(name)
  }

  get running() {
    return this.loads.filter(load => !load.isOver)
  }

  canTake(step) {
    if (step.do === 'end') return this.running.some(load => (step.key ?? load.key) === load.key)
    if (step.do === 'read') return this.reads.length > 0
    return true
  }

  take(step) {
    return this[`do_${step.do}`](step)
  }

  do_call(step) {
    return this.#call(step, this.f)
  }

  do_refresh(step) {
    this.refreshes++
    return this.#call(step, this.f.refresh)
  }

  #call({ key, signal, ignores = false }, verb) {
    const caller = { key, signal, ignores, state: 'open' }
    this.callers.push(caller)
    const args = signal === undefined ? [key] : [key, this.controllerOf(signal).signal]
    try {
      caller.promise = verb(...args)
    } catch (error) {
      caller.state = this.nameOf(error)
      return caller
    }
    if (this.options.isSync) this.#gets(caller, caller.promise)
    else if (!(caller.promise instanceof Promise)) caller.state = 'got no promise'
    else if (!ignores) {
      caller.promise.then(
        value => this.#gets(caller, value),
        error => {
          caller.state = this.nameOf(error)
        },
      )
    }
    return caller
  }

  #gets(caller, value) {
    caller.value = value
    caller.state = value?.key === caller.key ? `value ${value.version}` : `the value of another key`
  }

  nameOf(error) {
    for (const [name, { signal }] of this.controllers) if (signal.reason === error) return `left by ${name}`
    const load = this.loads.find(load => load.error === error)
    return load ? `error ${load.version}` : `a strange error: ${error?.stack}`
  }

  do_invalidate({ key }) {
    this.f.invalidate(key)
  }

  do_invalidateIf({ key }) {
    this.f.invalidateIf(([other]) => other === key)
  }

  do_tag({ name }) {
    this.mime.invalidateTags(name)
  }

  do_set({ key }) {
    this.f.set([key], { key, version: ++this.versions })
  }

  do_clear() {
    this.f.clear()
  }

  do_abort({ signal }) {
    const controller = this.controllerOf(signal)
    controller.abort(failure(`left by ${signal}`))
  }

  do_pass({ milliseconds }) {
    this.time.pass(milliseconds)
  }

  do_end({ ok, which, key }) {
    const running = this.running.filter(load => (key ?? load.key) === load.key)
    const load = which === 'newest' ? running.at(-1) : running[0]
    load.end(ok)
    return load
  }

  do_read() {
    this.reads.shift()()
  }

  do_fails({ is }) {
    this.failing = is
  }

  do_tick() {}

  /** All that promises can do by themselves is done. */
  settle() {
    return turn()
  }

  /** What is left over when everything has ended. @returns {string[]} */
  leftovers() {
    const { f, time, controllers, callers, options } = this
    const found = []
    const { pending, entries, bytes } = f.stats()
    if (pending !== 0) found.push(`${pending} slots pending`)
    if (entries > (options.maxEntries ?? Infinity)) found.push(`${entries} entries`)
    if (time.timers.size > 0) found.push(`${time.timers.size} timers`)
    for (const [name, { signal }] of controllers) {
      const count = getEventListeners(signal, 'abort').length
      if (count > 0) found.push(`${count} listeners on ${name}`)
    }
    for (const key of new Set(callers.map(({ key }) => key))) {
      if (f.explain(key).reason === 'pending') found.push(`a slot of ${key} that is pending`)
    }
    if (entries === 0 && bytes !== 0) found.push(`${bytes} bytes`)
    return found
  }
}
