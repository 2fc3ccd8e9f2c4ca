import * as kinds from './key/kinds.js'

/**
 * An estimate of what a value takes in memory, for a cache that is bounded in bytes. It counts as V8 lays things out on 64 bits without
 * compressed pointers (other engines and 32-bit pointers take less): `DECISIONS.md` has what was measured.
 *
 * Counted: the slot that holds the value; strings with 1 byte a unit, or 2 where one of the units looked at is beyond Latin-1; numbers that
 * are no int32 and bigints; the own enumerable data properties of any object; items, entries and members; the bytes that a typed array,
 * DataView or Buffer views, and those of an ArrayBuffer; an error's message, cause and errors. An object met again costs only its slot.
 *
 * Not seen: what stands behind accessors, in closures, `#private` fields, promises and objects of the host; room that an array or object keeps
 * to grow; properties of arrays that are no items; strings and buffers shared by several owners, counted for each.
 *
 * No getter runs. A Proxy is not looked into where the runtime tells it from its target; elsewhere its traps may run, and what throws, as
 * everything that throws when looked at, counts as a fixed 256 bytes.
 *
 * The work is bounded: after 10,000 parts (primitives and objects) nothing more is looked at, and what is left of every list, Map, Set and
 * dictionary that is open then is taken to be, on average, like what was seen of it. Small objects are not extrapolated, so a chain of
 * objects counts up to there. Only listing the names of an object depends on how many it has.
 */

const MAX_PARTS = 10_000
/** Of so few parts nothing follows for the others; a chain of Maps, each with one part seen of two, would double at each link. */
const LEAST_ALIKE = 16
const SLOT = 8
/** What shows nothing of what it holds, or throws. */
const OPAQUE = 256
/** No object is smaller: room for four properties. */
const MIN_OBJECT = 56
const PLAIN = { kind: kinds.FOREIGN_PLAIN, name: '' }
/** A string longer than this is looked at in as many places. */
const MAX_UNITS = 1000
/** An object with more properties is kept as a dictionary. */
const MAX_FIELDS = 32
/** Places of a long array looked at to tell whether it is a sparse one. */
const PROBES = 64

const { getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf, hasOwn, keys } = Object
const { apply } = Reflect
const { isArray } = Array
const { concat } = Array.prototype
const { ceil, clz32, floor, max, min } = Math
const bigintText = BigInt.prototype.toString
const mapSize = /** @type {any} */ (getOwnPropertyDescriptor(Map.prototype, 'size')).get
const setSize = /** @type {any} */ (getOwnPropertyDescriptor(Set.prototype, 'size')).get
const mapEntries = Map.prototype.entries
const setValues = Set.prototype.values
const nextEntry = getPrototypeOf(new Map().entries()).next
const nextMember = getPrototypeOf(new Set().values()).next
/** Where the runtime tells. @type {((value: unknown) => boolean) | undefined} */
export const isProxy = /** @type {any} */ (globalThis).process?.getBuiltinModule?.('node:util/types')?.isProxy

/** Members of a Map or Set, whatever its class says. @param {object} value @returns {number | undefined} nothing for what is neither */
export function membersOf(value) {
  try {
    if (value instanceof Map) return apply(mapSize, value, [])
    return value instanceof Set ? apply(setSize, value, []) : undefined
  } catch {
    // It only poses as one.
    return undefined
  }
}

/**
 * A container whose parts are looked at one by one.
 * @typedef {object} Frame
 * @property {Frame | undefined} outer what it is a part of
 * @property {() => unknown} next the next part
 * @property {number} total parts
 * @property {number} taken parts looked at
 * @property {number} bytes of these, their slots apart
 * @property {boolean} alike whether the parts not looked at are taken to be like the others
 * @property {number} doubles numbers that are no int32
 * @property {boolean} unboxed whether such numbers are in an array of numbers, which holds them in its slots
 */

/**
 * @param {unknown} value
 * @returns {number} bytes, a whole number, at least 8
 */
export function estimateSize(value) {
  return value !== null && (typeof value === 'object' || typeof value === 'function')
    ? new Estimate().of(value)
    : SLOT + primitiveSize(value)
}

/** @param {unknown} value @returns {number} beside its slot */
function primitiveSize(value) {
  switch (typeof value) {
    case 'string':
      return stringSize(value)
    case 'number':
      return isInt32(value) ? 0 : 16
    case 'bigint':
      return bigintSize(value)
    case 'symbol':
      return 24
  }
  return 0
}

/** @param {number} value */
function isInt32(value) {
  return (value | 0) === value && !Object.is(value, -0)
}

/** @param {string} value */
function stringSize(value) {
  const { length } = value
  const step = length > MAX_UNITS ? length / MAX_UNITS : 1
  let units = 0
  for (let at = 0; at < length; at += step) units |= value.charCodeAt(at)
  // Strings of one Latin-1 unit are the engine's own.
  if (units <= 0xff && length < 2) return 0
  return 16 + padded(units > 0xff ? length * 2 : length)
}

/** @param {bigint} value */
function bigintSize(value) {
  if (BigInt.asIntN(64, value) === value) return 24
  try {
    return 16 + padded(apply(bigintText, value, [16]).length / 2)
  } catch {
    return OPAQUE
  }
}

/** @param {number} bytes @returns {number} in whole words */
function padded(bytes) {
  return ceil(bytes / 8) * 8
}

/** @param {number} least @returns {number} the power of two that is at least this and 4 */
function capacity(least) {
  const places = max(4, ceil(least))
  return places > 2 ** 31 ? places : 2 ** (32 - clz32(places - 1))
}

/** A dictionary of names and values, or of indexes and values. @param {number} count */
function dictionarySize(count) {
  return 56 + 24 * capacity(count * 1.5)
}

class Estimate {
  left = MAX_PARTS
  /** @type {Set<object>} */
  seen = new Set()
  /** The innermost of the containers that are open. A list of our own: a program may have changed the methods of arrays. @type {Frame | undefined} */
  frame

  /** @param {object} value */
  of(value) {
    let bytes = SLOT + this.object(value)
    for (let { frame } = this; frame !== undefined; frame = this.frame) {
      if (frame.taken < frame.total && this.left > 0) {
        this.left--
        frame.taken++
        this.part(frame)
        continue
      }
      const { outer } = frame
      this.frame = outer
      let inside = frame.bytes
      if (!frame.unboxed) inside += frame.doubles * 16
      if (frame.alike && frame.taken >= LEAST_ALIKE) inside *= frame.total / frame.taken
      if (outer) outer.bytes += inside
      else bytes += inside
    }
    return ceil(bytes)
  }

  /** @param {Frame} frame */
  part(frame) {
    let part
    try {
      part = frame.next()
    } catch {
      frame.total = frame.taken
      frame.bytes += OPAQUE
      return
    }
    if (typeof part === 'number') {
      if (!isInt32(part)) frame.doubles++
      return
    }
    frame.unboxed = false
    const isObject = part !== null && (typeof part === 'object' || typeof part === 'function')
    frame.bytes += isObject ? this.object(/** @type {object} */ (part)) : primitiveSize(part)
  }

  /** @param {object} value @returns {number} what it takes itself; its parts follow */
  object(value) {
    if (this.seen.has(value)) return 0
    this.seen.add(value)
    try {
      if (isProxy?.(value)) return OPAQUE
      return isArray(value) ? this.array(value) : this.other(value)
    } catch {
      return OPAQUE
    }
  }

  /**
   * @param {number} total
   * @param {boolean} alike
   * @param {() => unknown} next
   * @param {boolean} [unboxed]
   */
  open(total, alike, next, unboxed = false) {
    if (total === 0) return
    this.frame = { outer: this.frame, next, total, taken: 0, bytes: 0, alike, doubles: 0, unboxed }
  }

  /** @param {unknown[]} value */
  array(value) {
    const { length } = value
    if (!(length >>> 0 === length)) return OPAQUE
    if (isSparse(value, length)) {
      const names = namesOf(value)
      this.properties(value, names, true)
      return 32 + dictionarySize(names.length)
    }
    let at = 0
    this.open(length, true, () => dataProperty(value, at++), true)
    return length === 0 ? 32 : 48 + SLOT * length
  }

  /** @param {object} value no array */
  other(value) {
    const { kind, name } = kindOf(value)
    // These list their content as names.
    if (kind === kinds.BYTES) {
      return (name === 'ArrayBuffer' ? 88 : 184) + padded(kinds.viewedBytes(value, name).bytes.length)
    }
    if (kind === kinds.BOXED) return 32 + primitiveSize(kinds.unbox(value, name))
    const own = this.builtin(value, kind)
    const names = namesOf(value)
    const isDictionary = names.length > MAX_FIELDS
    this.properties(value, names, isDictionary)
    if (isDictionary) return own + dictionarySize(names.length) + namesSize(names)
    if (getPrototypeOf(value) === null) return own + dictionarySize(names.length)
    return max(MIN_OBJECT, own + SLOT * names.length)
  }

  /** @param {object} value @param {PropertyKey[]} names @param {boolean} alike @param {boolean} [hidden] whether those that are not enumerable count */
  properties(value, names, alike, hidden = false) {
    let at = 0
    this.open(names.length, alike, () => dataProperty(value, names[at++], hidden))
  }

  /** @param {object} value @param {number} kind @returns {number} what it takes without its properties; throws for a forged one */
  builtin(value, kind) {
    switch (kind) {
      case kinds.FOREIGN_PLAIN:
        return typeof value === 'function' ? 96 : 24
      case kinds.MAP: {
        const total = apply(mapSize, value, [])
        this.open(total * 2, true, alternate(apply(mapEntries, value, [])))
        return 72 + 28 * capacity(total)
      }
      case kinds.SET: {
        const total = apply(setSize, value, [])
        const members = apply(setValues, value, [])
        this.open(total, true, () => apply(nextMember, members, []).value)
        return 72 + 20 * capacity(total)
      }
      case kinds.DATE:
        kinds.timeOf(value)
        return 96
      case kinds.REGEXP:
        return 104 + stringSize(kinds.regexpParts(value)[0])
      case kinds.ERROR:
        this.properties(value, ['message', 'cause', 'errors'], false, true)
    }
    return OPAQUE
  }
}

/**
 * @param {object} value
 * @returns {{ kind: number, name: string }} the builtin that it is or derives from; FOREIGN_PLAIN for any other object
 */
function kindOf(value) {
  for (let link = getPrototypeOf(value); link !== null; link = getPrototypeOf(link)) {
    const kind = kinds.kindOf(link)
    if (kind.kind !== kinds.INSTANCE) return kind
  }
  return PLAIN
}

/** Not every own key: to describe the hidden `stack` of an error has V8 write it, which runs user code. @param {object} value @returns {PropertyKey[]} */
function namesOf(value) {
  const symbols = getOwnPropertySymbols(value)
  return symbols.length > 0 ? apply(concat, keys(value), [symbols]) : keys(value)
}

/** @param {object} value @param {PropertyKey} name @param {boolean} [hidden] */
function dataProperty(value, name, hidden = false) {
  const property = getOwnPropertyDescriptor(value, name)
  return property !== undefined && (property.enumerable || hidden) ? property.value : undefined
}

/** Keys and values of a Map by turns. @param {Iterator<[unknown, unknown]>} entries */
function alternate(entries) {
  /** @type {[unknown, unknown] | undefined} */
  let entry
  return () => {
    const before = entry
    entry = before ? undefined : apply(nextEntry, entries, []).value
    return before ? before[1] : entry?.[0]
  }
}

/** What the names of a dictionary take: unlike those of other objects, hardly another object has them. @param {PropertyKey[]} names */
function namesSize(names) {
  let bytes = 0
  const looked = min(names.length, PROBES)
  for (let i = 0; i < looked; i++) bytes += primitiveSize(names[i])
  return (bytes / looked) * names.length
}

/** Whether there are so few items in so long an array that it is kept as a dictionary. @param {unknown[]} value @param {number} length */
function isSparse(value, length) {
  if (length <= 1024) return false
  let present = 0
  for (let i = 0; i < PROBES; i++) if (hasOwn(value, floor((length / PROBES) * i))) present++
  return present < PROBES / 4
}
