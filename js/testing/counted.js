import { MimicTypeError, show } from '../errors.js'
import { likeOf } from '../likeness.js'

/**
 * A spy: the function, with the arguments of its calls in `calls`. `this`, the result and what it throws are passed on untouched.
 * @template {(...args: any[]) => any} F
 * @param {F} fn
 * @returns {import('../testing.js').Counted<F>}
 */
export function counted(fn) {
  if (typeof fn !== 'function') {
    throw new MimicTypeError('ERR_NOT_A_FUNCTION', `counted(fn) counts a function's calls; got ${show(fn)}`)
  }
  /** @type {any[][]} */
  const calls = []
  const { spy } = {
    /** @this {unknown} @param {any[]} args */
    spy(...args) {
      calls.push(args)
      return Reflect.apply(fn, this, args)
    },
  }
  const reset = () => {
    calls.length = 0
  }
  return /** @type {any} */ (
    Object.defineProperties(likeOf(spy, fn), {
      calls: { value: calls, configurable: true },
      reset: { value: reset, configurable: true },
    })
  )
}
