import { MimicTypeError } from './errors.js'

/**
 * `mime(ttl | options)` as a decorator of methods and getters, in both forms that there are: the standard one gets a function and a context,
 * TypeScript's older one (`experimentalDecorators`, Babel's `legacy`) a target, a property key and a descriptor.
 *
 * The wrapped method is one for the whole class. Its `this` is a part of each key, by identity, so every instance has entries of its own.
 */

/** What to do instead, by what was decorated. @type {Record<string, string>} */
const ADVICE = {
  accessor: 'decorate a method or a getter',
  class: 'decorate its methods and getters',
  field: 'decorate a method or a getter, or give the field a wrapped function: x = mime(fn, ttl)',
  function: 'a function is wrapped by mime(fn, ttl)',
  parameter: 'decorate the method',
  setter: 'decorate the getter',
}

/**
 * Whether a call of `mime` asks for a decorator: it has no function, nor `undefined` in the place of one, which is a mistake.
 * @param {ArrayLike<unknown>} args
 */
export function asksForDecorator(args) {
  return args.length === 0 || (args.length === 1 && args[0] !== undefined && typeof args[0] !== 'function')
}

/**
 * @param {(fn: Function, name: string) => Function} wrap
 * @returns {(target: any, where: unknown, descriptor?: unknown) => Function | PropertyDescriptor}
 */
export function decorator(wrap) {
  return (target, where, descriptor) => {
    if (isContext(where)) {
      if (where.kind !== 'method' && where.kind !== 'getter') throw refusal(where.kind, where.name)
      return wrap(target, nameOf(where.name))
    }
    const kind = legacyKind(target, where, descriptor)
    const part = kind === 'method' ? 'value' : 'get'
    if (kind !== 'method' && kind !== 'getter') throw refusal(kind, where ?? target?.name)
    const described = /** @type {any} */ (descriptor)
    return { ...described, [part]: wrap(described[part], nameOf(where)) }
  }
}

/**
 * A decorator that wraps a plain function as well, `Mime(60)(fn)`.
 * @param {(fn: Function, name?: string) => Function} wrap gets a name where something was decorated
 * @returns {(target: any, where?: unknown, descriptor?: unknown) => any}
 */
export function wrapperOrDecorator(wrap) {
  const decorate = decorator(wrap)
  return (target, where, descriptor) =>
    where === undefined ? wrap(target) : decorate(target, where, descriptor)
}

/**
 * `@mime` without parentheses calls `mime` itself with what is decorated.
 * @param {ArrayLike<unknown>} args
 */
export function refuseBare(args) {
  const [, where, descriptor] = Array.from(args)
  const isLegacy = isKey(where) && typeof (/** @type {any} */ (descriptor)?.configurable) === 'boolean'
  if (!isContext(where) && !isLegacy) return
  const name = nameOf(isContext(where) ? where.name : where)
  throw new MimicTypeError('ERR_DECORATOR', `@mime on ${name} needs parentheses: @mime() or @mime('5m')`)
}

/** @param {unknown} value @returns {value is { kind: string, name: unknown }} what the standard form's second argument is */
function isContext(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (/** @type {any} */ (value).kind) === 'string' &&
    typeof (/** @type {any} */ (value).addInitializer) === 'function'
  )
}

/** @param {unknown} value */
function isKey(value) {
  return typeof value === 'string' || typeof value === 'symbol' || typeof value === 'number'
}

/**
 * The older form does not say what it decorates. A field has no descriptor, from Babel one with an initializer.
 * @param {unknown} target
 * @param {unknown} key
 * @param {any} descriptor
 */
function legacyKind(target, key, descriptor) {
  if (typeof descriptor === 'number') return 'parameter'
  if (!isKey(key)) return isClass(target) ? 'class' : 'function'
  if (typeof descriptor?.value === 'function') return 'method'
  if (typeof descriptor?.get === 'function') return 'getter'
  return typeof descriptor?.set === 'function' ? 'setter' : 'field'
}

/** Classes of the language that are functions, too. */
const CALLABLE =
  /^(Object|Function|Array|String|Number|Boolean|Symbol|BigInt|Date|RegExp|\w*Error|Collator|DateTimeFormat|NumberFormat)$/

/** A method may be named `class`, but has no prototype. @param {unknown} value */
export function isClass(value) {
  if (typeof value !== 'function') return false
  const prototype = Object.getOwnPropertyDescriptor(value, 'prototype')
  if (prototype === undefined) return false
  const text = Function.prototype.toString.call(value)
  if (/^class\b/.test(text)) return true
  // Map, Promise, URL: they throw when they are called.
  return prototype.writable === false && /\[native code\]\s*\}$/.test(text) && !CALLABLE.test(value.name)
}

/** A property's name as functions have it: a symbol's description in brackets. @param {unknown} key */
function nameOf(key) {
  if (typeof key !== 'symbol') return String(key)
  return key.description === undefined ? '' : `[${key.description}]`
}

/** @param {string} kind @param {unknown} name */
function refusal(kind, name) {
  const what = name === undefined || name === '' ? kind : `${kind} ${nameOf(name)}`
  const advice = ADVICE[kind] ?? 'decorate a method or a getter'
  return new MimicTypeError('ERR_DECORATOR', `mime(ttl) cannot decorate the ${what}; ${advice}`)
}
