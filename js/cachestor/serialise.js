import { MimicError, MimicTypeError, show } from '../errors.js'
import { hash } from '../hash.js'

/**
 * What the arguments of a call are, in words and as a hash. Those of this package only say what stands in the index: arguments are keyed by their
 * exact value anyway. One of your own decides what counts as the same call: both strings together.
 */
export class Serialise {
  /**
   * @param {...unknown} _args
   * @returns {[argString: string, hashString: string]}
   */
  encode(..._args) {
    throw new MimicError(
      'ERR_NOT_IMPLEMENTED',
      `${this.constructor.name} has no encode(...args) that returns [argString, hashString]`,
    )
  }
}

/** The index does not show arguments. */
export class SerialiseBin extends Serialise {
  /** @override @param {...unknown} args @returns {[argString: string, hashString: string]} */
  encode(...args) {
    return ['', hash(...args)]
  }
}

/** The index shows arguments in plain JSON. */
export class SerialiseJson extends Serialise {
  /** @override @param {...unknown} args @returns {[argString: string, hashString: string]} */
  encode(...args) {
    return [JSON.stringify(args, plain), hash(...args)]
  }
}

/** What JSON has nothing for is shown as near as it can be; it is the hash that tells arguments apart. @param {string} _name @param {any} value */
function plain(_name, value) {
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (value instanceof Map || value instanceof Set) return [...value]
  if (value instanceof RegExp || value instanceof Error) return String(value)
  if (ArrayBuffer.isView(value) && 'length' in value) return Array.from(/** @type {any} */ (value))
  return value
}

/** @param {any} given one, or the class of one */
export function checkSerialiser(given) {
  const serialiser = isClassOfOne(given) ? new given() : given
  if (typeof serialiser?.encode === 'function' && serialiser.encode !== Serialise.prototype.encode) {
    return /** @type {Serialise} */ (serialiser)
  }
  throw new MimicTypeError(
    'ERR_INVALID_OPTION',
    `option serialiser must be a SerialiseBin, a SerialiseJson, or have an encode(...args) that returns [argString, hashString]; got ${show(given)}`,
  )
}

/** @param {any} given */
function isClassOfOne(given) {
  return typeof given === 'function' && given.prototype?.encode !== undefined
}

/** Whether it is one of this package, for which the exact arguments are the key. @param {Serialise} serialiser */
export function isExact(serialiser) {
  const { encode } = serialiser
  return encode === SerialiseBin.prototype.encode || encode === SerialiseJson.prototype.encode
}

/** @param {Serialise} serialiser @param {unknown[]} args @returns {[argString: string, hashString: string]} */
export function encodeArgs(serialiser, args) {
  const pair = serialiser.encode(...args)
  if (Array.isArray(pair) && pair.length === 2 && pair.every(part => typeof part === 'string')) return pair
  throw new MimicTypeError(
    'ERR_SERIALISER',
    `encode(...args) of ${serialiser.constructor?.name} must return two strings, [argString, hashString]; got ${show(pair)}`,
  )
}
