/**
 * How a place inside a value is written in a message: `value.user.tags[2]`.
 */

/** @typedef {PropertyKey | { text: string }} Segment a name, an index, or something said already */

/** Longer paths are shown by their ends. */
const ENDS = 8

/**
 * @param {Segment[]} segments
 * @param {number} level how many of them count
 */
export function format(segments, level) {
  const used = segments.slice(0, level).map(show)
  if (used.length > ENDS * 2) used.splice(ENDS, used.length - ENDS * 2, '…')
  return `value${used.join('')}`
}

/** @param {Segment | undefined} segment */
function show(segment) {
  if (typeof segment === 'object') return segment.text
  if (typeof segment === 'string') {
    return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(segment)
      ? `.${segment}`
      : `[${JSON.stringify(segment)}]`
  }
  if (typeof segment === 'symbol') return `[Symbol.for(${JSON.stringify(Symbol.keyFor(segment))})]`
  return `[${segment}]`
}

/**
 * @param {'Map' | 'Set'} kind
 * @param {unknown[]} members keys and values by turns, or values
 * @param {number} i
 * @returns {Segment}
 */
export function member(kind, members, i) {
  if (kind === 'Set') return { text: `.values()[${i}]` }
  const place = i >> 1
  if (!(i & 1)) return { text: `.keys()[${place}]` }
  const key = members[i - 1]
  return { text: typeof key === 'string' ? `.get(${JSON.stringify(key)})` : `.values()[${place}]` }
}

/** Inside what a registered type made of its instance. @param {string} name @returns {Segment} */
export function as(name) {
  return { text: `<${name}>` }
}

/** Why this value has no stored form. @param {unknown} value */
export function describe(value) {
  if (typeof value === 'symbol')
    return `is a unique symbol, ${String(value)}; only Symbol.for(…) can be stored`
  if (typeof value === 'function') {
    const name = ownText(value, 'name')
    return `is a function${name === '' ? '' : ` (${name})`}, which cannot be stored`
  }
  const proto = Object.getPrototypeOf(value)
  const constructor =
    proto === null ? undefined : Object.getOwnPropertyDescriptor(proto, 'constructor')?.value
  const name =
    typeof constructor === 'function' && constructor.prototype === proto ? ownText(constructor, 'name') : ''
  if (constructor === Object) {
    const shown = Object.prototype.toString.call(value)
    return shown === '[object Object]'
      ? 'is a builtin that was given the prototype of a plain object, which cannot be stored'
      : `is ${shown}, which cannot be stored`
  }
  if (name === '') return 'has a prototype of its own, which would be lost; a plain object can be stored'
  const article = /^[AEIOU]/.test(name) ? 'an' : 'a'
  if (/\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(constructor))) {
    const brand = Object.prototype.toString.call(value)
    return brand === '[object Object]' || !brand.includes(name)
      ? `is ${article} ${name} by its prototype alone, which cannot be stored`
      : `is ${article} ${name}, which cannot be stored`
  }
  return `is an instance of ${name}, which cannot be stored; a plain object with what is in it can`
}

/** A property that runs no code to be read. @param {object} object @param {string} name @returns {string} */
function ownText(object, name) {
  const text = Object.getOwnPropertyDescriptor(object, name)?.value
  return typeof text === 'string' ? text : ''
}

/** @param {unknown} error whatever was thrown @returns {string} */
export function messageOf(error) {
  try {
    return error instanceof Error ? error.message : String(error)
  } catch {
    return 'something that cannot be shown'
  }
}
