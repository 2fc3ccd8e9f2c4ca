import { MimicTypeError, show } from '../../errors.js'

/**
 * A backend, or a store, that fails on demand.
 *
 * `throw` and `reject` do nothing; `hang` does nothing and never answers; `late` does what it is asked after a while; `garbage` does it and answers
 * something else.
 * @typedef {'throw' | 'reject' | 'hang' | 'late' | 'garbage'} Fault
 */

/** The ways of going wrong. @type {readonly Fault[]} */
export const FAULTS = ['throw', 'reject', 'hang', 'late', 'garbage']

/** What is not asked for data. */
const SPARED = new Set(['on', 'once', 'off', 'emit', 'addListener', 'removeListener', 'listeners', 'hasOwnProperty', 'toString', 'valueOf', 'then', 'stats']) // biome-ignore format: one line

/** Milliseconds. The one that is asked first may be the last to be done. */
const DELAYS = [25, 3, 12, 1, 18]

/**
 * The same object; a method of it goes wrong when `fault` says so.
 * @template {object} T
 * @param {T} target
 * @param {(method: string) => Fault | undefined} fault asked at each call
 * @returns {T}
 */
export function chaos(target, fault) {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null)
    throw refused('something that has methods', target)
  if (typeof fault !== 'function') throw refused('a function that names the fault', fault)
  let calls = 0
  return new Proxy(target, {
    get(_, name) {
      const value = Reflect.get(target, name, target)
      if (typeof value !== 'function' || name === 'constructor') return value
      return (/** @type {unknown[]} */ ...args) => {
        // On the object itself: only that has its class's private fields.
        const apply = () => Reflect.apply(value, target, args)
        if (typeof name !== 'string' || SPARED.has(name)) return apply()
        const chosen = fault(name)
        if (chosen === undefined) return apply()
        if (isSync(name) && chosen !== 'garbage') return strike('throw', name, apply, calls++)
        return name === 'iterator' ? walk(chosen, name, apply, calls++) : strike(chosen, name, apply, calls++)
      }
    },
  })
}

/** @param {string} what @param {unknown} given */
function refused(what, given) {
  return new MimicTypeError('ERR_INVALID_ARGUMENT', `chaos(target, fault) takes ${what}; got ${show(given)}`)
}

/** Its answer is taken as it comes: it cannot be late. @param {string} method */
function isSync(method) {
  return method.startsWith('sync') || method.endsWith('Sync')
}

/** @param {Fault} fault @param {string} method @param {() => any} apply @param {number} n */
function strike(fault, method, apply, n) {
  const error = new Error(`chaos: ${method} fails`)
  if (fault === 'throw') throw error
  if (fault === 'reject') return Promise.reject(error)
  if (fault === 'hang') return new Promise(() => {})
  if (fault === 'late') {
    return new Promise(resolve => setTimeout(resolve, DELAYS[n % DELAYS.length])).then(apply)
  }
  const answer = apply()
  return answer instanceof Promise ? answer.then(value => spoil(value, n)) : spoil(answer, n)
}

/** What gives its answers one by one fails at the first. @type {typeof strike} */
async function* walk(fault, method, apply, n) {
  if (fault !== 'garbage') await strike(fault, method, () => {}, n)
  for await (const answer of apply()) yield fault === 'garbage' ? spoil(answer, n) : answer
}

const GARBAGE = [42, 'garbage', {}, [], true, -1n, new Uint8Array(3), { value: 'x' }, '', NaN]

/** @param {any} answer @param {number} n */
function spoil(answer, n) {
  if (n % 2 === 0) {
    if (typeof answer === 'string') return changed(answer)
    if (typeof answer?.value === 'string') return { ...answer, value: changed(answer.value) }
  }
  return GARBAGE[(n >> 1) % GARBAGE.length]
}

/** @param {string} text with another character in the middle */
function changed(text) {
  const at = text.length >> 1
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}
