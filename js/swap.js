import { BYTES, DATE, isInternal, kindOf, TEXT, textOf, timeOf, viewedBytes } from './key/kinds.js'
import { make } from './key/make.js'
import { isSignal } from './key/walk.js'
import { signalOf, withSignal } from './request.js'

/**
 * AbortSignals in the arguments of a call: found in arrays, plain objects, the values of Maps, and Requests, however deep, and replaced in a copy
 * that has the same shape, cycles and shared parts included. What the caller gave stays as it is, and what holds no signal is not copied. A
 * signal that is itself a member of a Set or a key of a Map stays.
 */

/** @typedef {{ parts: unknown[], copy: () => any, fill: (copy: any, swap: (part: unknown) => unknown) => void }} Container */

/**
 * @param {readonly any[]} args
 * @param {AbortSignal} [replacement]
 * @returns {{ args: any[], signals: AbortSignal[] }}
 */
export function swapSignals(args, replacement) {
  const { containers, signals, holders } = survey(args, containerOf)
  if (replacement === undefined || signals.length === 0) return { args: [...args], signals }
  const swapped = copied(args, containers, holders, part => {
    if (isSignal(part)) return replacement
    return signalOf(part) === undefined ? part : requestWith(/** @type {Request} */ (part), replacement)
  })
  return { args: swapped, signals }
}

/** The arguments as they are now, with copies of what counts by its content and may change. @param {readonly any[]} args @returns {any[]} */
export function snapshot(args) {
  try {
    const flat = flatCopies(args)
    if (flat !== undefined) return flat
    const { containers } = survey(args, part => (isContent(part) ? containerOf(part) : builtinOf(part)))
    return copied(args, containers, containers.keys(), part => part)
  } catch {
    // A proxy may throw when it is looked at once more. The function meets that itself.
    return [...args]
  }
}

/**
 * @param {readonly any[]} args
 * @param {Map<unknown, Container>} containers
 * @param {Iterable<unknown>} chosen those of which there are to be copies
 * @param {(part: unknown) => unknown} other in place of what is none of them
 */
function copied(args, containers, chosen, other) {
  /** @type {Map<unknown, any>} */
  const copies = new Map()
  for (const part of chosen) copies.set(part, containers.get(part)?.copy())
  const swap = (/** @type {unknown} */ part) => (copies.has(part) ? copies.get(part) : other(part))
  for (const [part, copy] of copies) containers.get(part)?.fill(copy, swap)
  return args.map(swap)
}

/**
 * The usual case, which is to take little time: primitives, and one plain object of such.
 * @param {readonly any[]} args
 * @returns {any[] | undefined} nothing for any other
 */
function flatCopies(args) {
  const copies = [...args]
  const at = copies.findIndex(isObject)
  if (at < 0) return copies
  const record = args[at]
  if (copies.some((arg, i) => i > at && isObject(arg)) || !isContent(record)) return undefined
  if (Object.getPrototypeOf(record) !== Object.prototype) return undefined
  /** @type {Record<PropertyKey, unknown>} */
  const copy = {}
  for (const name of Reflect.ownKeys(record)) {
    const { value, enumerable, writable, configurable } = /** @type {PropertyDescriptor} */ (
      Reflect.getOwnPropertyDescriptor(record, name)
    )
    if (isObject(value) || !(enumerable && writable && configurable) || name === '__proto__') return undefined
    copy[name] = value
  }
  copies[at] = copy
  return copies
}

/** @param {unknown} part */
const isObject = part => typeof part === 'object' && part !== null

/** Larger ones are data that nobody changes while he waits, and take long to copy. */
const LARGE = 10_000

/** What else looks plain, as `arguments` or `Math` do, would not be the same in a copy. @param {any} part */
function isContent(part) {
  const prototype = Object.getPrototypeOf(part)
  if (Array.isArray(part)) return prototype === Array.prototype && part.length <= LARGE
  if (prototype === Map.prototype || prototype === Set.prototype) return part.size <= LARGE
  const isPlain = prototype === null || prototype === Object.prototype
  return isPlain && Object.prototype.toString.call(part) === '[object Object]' && part !== Object.prototype
}

/** A time, bytes or a text that can be changed. @param {any} part @returns {Container | undefined} nothing for all else */
function builtinOf(part) {
  const copy = copyOfBuiltin(part)
  return copy && { parts: [], copy: () => copy, fill() {} }
}

/** @param {any} part @returns {object | undefined} */
function copyOfBuiltin(part) {
  const prototype = Object.getPrototypeOf(part)
  if (prototype === null || prototype === Object.prototype || prototype === Array.prototype) return undefined
  const { kind, name } = kindOf(prototype)
  try {
    if (kind === BYTES) {
      const { bytes } = viewedBytes(part, name)
      return bytes.length > LARGE ? undefined : make({ type: 'bytes', kind: name, value: bytes.slice() })
    }
    // What somebody has added would be missing.
    if ((kind !== DATE && kind !== TEXT) || !Reflect.ownKeys(part).every(isOfRuntime)) return undefined
    if (kind === DATE) return make({ type: 'date', value: timeOf(part), extra: [] })
    return make({ type: 'text', kind: name, value: textOf(part, name).text, extra: [] })
  } catch {
    // It only poses as one.
    return undefined
  }
}

/** @param {PropertyKey} name of a property of a builtin */
const isOfRuntime = name => typeof name === 'symbol' && isInternal(name)

/** @param {Request} request @param {AbortSignal} signal */
function requestWith(request, signal) {
  try {
    return withSignal(request, signal)
  } catch {
    // Its body was read: the function meets that itself.
    return request
  }
}

/** @param {readonly unknown[]} args @param {(part: object) => Container | undefined} look */
function survey(args, look) {
  /** @type {Map<unknown, Container>} */
  const containers = new Map()
  /** @type {Map<unknown, unknown[]>} */
  const above = new Map()
  /** @type {Set<AbortSignal>} */
  const signals = new Set()
  /** What has a signal somewhere in it. @type {Set<unknown>} */
  const holders = new Set()
  const waiting = args.map(part => ({ part, owner: /** @type {unknown} */ (undefined) }))
  for (const { part, owner } of waiting) {
    if (typeof part !== 'object' || part === null) continue
    const signal = isSignal(part) ? /** @type {AbortSignal} */ (part) : signalOf(part)
    if (signal !== undefined) {
      signals.add(signal)
      if (owner !== undefined) holders.add(owner)
      continue
    }
    const owners = above.get(part)
    if (owners !== undefined) {
      owners.push(owner)
      continue
    }
    above.set(part, [owner])
    const container = look(part)
    if (container === undefined) continue
    containers.set(part, container)
    for (const inner of container.parts) waiting.push({ part: inner, owner: part })
  }
  // A Set takes what is added while it is gone through.
  for (const holder of holders) for (const owner of above.get(holder) ?? []) if (owner) holders.add(owner)
  return { containers, signals: [...signals], holders }
}

/** @param {object} value @returns {Container | undefined} nothing for what has no parts, or cannot be read */
function containerOf(value) {
  try {
    const prototype = Object.getPrototypeOf(value)
    if (prototype === Map.prototype) return mapOf(/** @type {Map<unknown, unknown>} */ (value))
    if (prototype === Set.prototype) return setOf(/** @type {Set<unknown>} */ (value))
    const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null
    return isPlain || Array.isArray(value) ? recordOf(value) : undefined
  } catch {
    return undefined
  }
}

/** @param {object} record @param {() => any} [copy] @returns {Container} */
function recordOf(record, copy = () => emptyOf(record)) {
  const properties = Object.getOwnPropertyDescriptors(record)
  return {
    // What an accessor gives is not looked into: it is read once, by the key.
    parts: Reflect.ownKeys(properties).map(name => Reflect.get(properties, name).value),
    copy,
    fill(copy, swap) {
      for (const name of Reflect.ownKeys(properties)) {
        const property = Reflect.get(properties, name)
        Object.defineProperty(
          copy,
          name,
          'value' in property ? { ...property, value: swap(property.value) } : property,
        )
      }
    },
  }
}

/** @param {object} record */
function emptyOf(record) {
  return Array.isArray(record) ? [] : Object.create(Object.getPrototypeOf(record))
}

/** @param {Map<unknown, unknown>} map @returns {Container} */
function mapOf(map) {
  const own = recordOf(map, () => new Map())
  return {
    parts: [...own.parts, ...[...map.keys()].filter(isNoSignal), ...map.values()],
    copy: own.copy,
    fill(copy, swap) {
      own.fill(copy, swap)
      for (const [key, value] of map) copy.set(isNoSignal(key) ? swap(key) : key, swap(value))
    },
  }
}

/** @param {Set<unknown>} set @returns {Container} */
function setOf(set) {
  const own = recordOf(set, () => new Set())
  return {
    parts: [...own.parts, ...[...set].filter(isNoSignal)],
    copy: own.copy,
    fill(copy, swap) {
      own.fill(copy, swap)
      for (const member of set) copy.add(isNoSignal(member) ? swap(member) : member)
    },
  }
}

/** Several signals in a Set would become one. @param {unknown} part */
const isNoSignal = part => !isSignal(part)
