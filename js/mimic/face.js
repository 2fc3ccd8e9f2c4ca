import { createMime } from '../create.js'
import { isClass, wrapperOrDecorator } from '../decorate.js'
import { MimicTypeError, show } from '../errors.js'
import { hash } from '../hash.js'
import { optionsObject, settle } from '../options.js'
import { sourceOf } from '../source.js'
import { Config } from './config.js'
import { configure, configured } from './configured.js'

/**
 * My Mimic's `Mime`, over `mime`: what a call counts as, who joins whom and what expires when are all decided there.
 */

const mime = createMime({ store: configured })

/** @param {unknown} given a ttl, or options with one @param {unknown[]} more */
export function Mime(given, ...more) {
  if (typeof given === 'function' || more.length > 0) {
    throw new MimicTypeError(
      'ERR_DECORATOR',
      'Mime takes a ttl first: Mime(60)(fn), or @Mime(60) on a method',
    )
  }
  const { store, ...options } = optionsObject(given)
  if (store !== undefined) {
    throw new MimicTypeError(
      'ERR_UNKNOWN_OPTION',
      'Mime has no option store; the state is that of Mime.setConfig(new Config({ state }))',
    )
  }
  // Checked where it is written.
  settle(options)
  return wrapperOrDecorator((fn, name) => {
    refuseClass(fn)
    const identity = identityOf(fn, name)
    const mimed = mime(/** @type {any} */ (fn), { ...identity, ...options })
    identities.set(mimed, identity)
    return mimed
  })
}

/** @param {Config} config where results are kept from now on, those of functions already wrapped, too */
Mime.setConfig = config => {
  if (!(config instanceof Config)) {
    throw new MimicTypeError(
      'ERR_INVALID_OPTION',
      `Mime.setConfig takes a Config, new Config({ state, stateKwargs }); got ${show(config)}`,
    )
  }
  configure(config)
}
Mime.set_config = Mime.setConfig

/** @param {any} fn */
function refuseClass(fn) {
  if (!isClass(fn)) return
  throw new MimicTypeError(
    'ERR_NOT_A_FUNCTION',
    `Mime(ttl) cannot wrap the class ${fn.name}; decorate its methods, or wrap a function that makes one: Mime(ttl)((...args) => new ${fn.name || 'Class'}(...args))`,
  )
}

/** How many functions of one name and source there are. @type {Map<string, number>} */
const alike = new Map()
/** @type {WeakMap<Function, { name: string, version: string }>} */
const identities = new WeakMap()

/**
 * A state knows functions by name and source. Two that are alike in both may still differ in what is around them, so each has a number in the
 * order in which they are wrapped, which is the same from run to run.
 * @param {Function} fn
 * @param {string} [decorated] the name of what was decorated
 */
function identityOf(fn, decorated) {
  if (typeof fn !== 'function') return { name: 'anonymous', version: '' }
  const known = identities.get(fn)
  if (known !== undefined) return known
  const name = (decorated || fn.name).replaceAll('\0', '') || 'anonymous'
  const source = hash(Function.prototype.toString.call(sourceOf(fn))).slice(0, 16)
  const count = (alike.get(name + source) ?? 0) + 1
  alike.set(name + source, count)
  const identity = { name, version: count === 1 ? source : `${source}#${count}` }
  identities.set(fn, identity)
  return identity
}
