import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createMime } from '../create.js'
import { isClass, wrapperOrDecorator } from '../decorate.js'
import { invalidOption, MimicTypeError, show } from '../errors.js'
import { reviveArgs } from '../key/revive.js'
import { optionsObject, settle } from '../options.js'
import { Events } from '../stores/store.js'
import { isByIdentity, onReceiver, receiverKey } from './receiver.js'
import { ResultFiles } from './result-files.js'
import { checkSerialiser, encodeArgs, isExact, SerialiseBin } from './serialise.js'

/** Where `cache` keeps results. */
export const TypeStorage = Object.freeze({ IN_MEMORY: 'memory', IN_DISK: 'disk' })

const OPTIONS = ['dbFile', 'typeStorage', 'isDebugLog', 'serialiser', 'logger']

/** MyCache's `CacheStor`, over `mime` and a store of files. Make one for the whole program. */
export class CacheStor {
  #mime = createMime()
  #events = new Events()
  /** @type {ResultFiles | undefined} */
  #files
  #dbFile
  #isInMemory
  #serialiser
  /** Where the results of what was wrapped are. @type {WeakMap<Function, string>} */
  #places = new WeakMap()
  /** @type {import('./result-files.js').Log | undefined} */
  #log

  /** @param {any} [options] */
  constructor(options = {}) {
    if (typeof options !== 'object') throw invalidOption('options', options, 'an object of options')
    const unknown = Object.keys(options ?? {}).find(name => !OPTIONS.includes(name))
    if (unknown !== undefined) {
      throw new MimicTypeError(
        'ERR_UNKNOWN_OPTION',
        `CacheStor has no option ${unknown}; the options are ${OPTIONS.join(', ')}`,
      )
    }
    const { dbFile, typeStorage = TypeStorage.IN_MEMORY, isDebugLog = false } = options ?? {}
    const { serialiser = new SerialiseBin(), logger = console.debug } = options ?? {}
    if (!Object.values(TypeStorage).includes(typeStorage)) {
      throw invalidOption('typeStorage', typeStorage, 'TypeStorage.IN_MEMORY or TypeStorage.IN_DISK')
    }
    if (typeof isDebugLog !== 'boolean') throw invalidOption('isDebugLog', isDebugLog, 'true or false')
    if (typeof logger !== 'function') throw invalidOption('logger', logger, 'a function (line) => …')
    this.#dbFile = dbFile === undefined ? undefined : pathFrom('dbFile', dbFile)
    this.#isInMemory = typeStorage === TypeStorage.IN_MEMORY
    this.#serialiser = checkSerialiser(serialiser)
    if (isDebugLog) this.#log = logTo(logger)
    if (!this.#isInMemory) this.#files = this.#open()
  }

  /** Results of sync and async functions, where `typeStorage` says. @param {any} options */
  cache(options) {
    return this.#face(options, this.#isInMemory)
  }

  /** Results of async functions, always on disk. @param {any} options */
  cacheAsync(options) {
    return this.#face(options, false)
  }

  /** Everything so far is written. */
  async join() {
    await this.#files?.flush()
  }

  stats() {
    return this.#files?.stats() ?? {}
  }

  /** @param {import('../stores/store.js').StoreEventName} event @param {(event: import('../stores/store.js').StoreEvent) => void} listener */
  on(event, listener) {
    return this.#events.on(event, listener)
  }

  /** @param {any} given @param {boolean} isInMemory */
  #face(given, isInMemory) {
    const { folder: place, ...rest } = given ?? {}
    const folder = pathFrom('folder', place)
    for (const name of ['store', 'storeOptions', 'key']) {
      if (rest[name] === undefined) continue
      throw new MimicTypeError(
        'ERR_UNKNOWN_OPTION',
        `cache({ folder }) has no option ${name}: results are files, and the serialiser says what a call counts as`,
      )
    }
    const options = { ...optionsObject(rest) }
    settle(options)
    const at = isInMemory ? 'memory' : resolve(folder)
    return wrapperOrDecorator((fn, name) => {
      refuse(fn)
      // Its store is made anew each time: that it is the same one shows here.
      if (this.#places.get(fn) === at) return this.#mime(/** @type {any} */ (fn), options)
      const isMethod = name !== undefined && !isInMemory
      const complete = this.#complete(options, name || fn.name, folder, isInMemory, isMethod)
      if (isMethod)
        return onReceiver(fn, withReceiver => this.#mime(/** @type {any} */ (withReceiver), complete))
      const mimed = this.#mime(/** @type {any} */ (fn), complete)
      this.#places.set(mimed, at)
      return mimed
    })
  }

  /**
   * @param {Record<string, any>} options
   * @param {string} name
   * @param {string} folder
   * @param {boolean} isInMemory
   * @param {boolean} isMethod the first argument is what it is called on
   */
  #complete(options, name, folder, isInMemory, isMethod) {
    /** @type {Record<string, any>} */
    const complete = { name: name.replaceAll('\0', '') || 'anonymous', ...options }
    const serialiser = this.#serialiser
    const isOwn = !isExact(serialiser)
    if (isMethod) {
      complete.key = (/** @type {unknown} */ self, /** @type {unknown[]} */ ...args) => [
        this.#receiverKey(self, complete.name),
        isOwn ? this.#encode(args) : args,
      ]
    } else if (isOwn) {
      complete.key = (/** @type {unknown[]} */ ...args) => [undefined, this.#encode(args)]
    }
    if (!isInMemory) {
      this.#files ??= this.#open()
      const isKeyed = complete.key !== undefined
      complete.store = this.#files.storeFor(folder, ({ bytes }) => describe(serialiser, bytes, isKeyed))
    }
    if (this.#log !== undefined) complete.onEvent = this.#listener(isInMemory, options.onEvent)
    return complete
  }

  /** @param {unknown[]} args */
  #encode(args) {
    try {
      return encodeArgs(this.#serialiser, args)
    } catch (error) {
      this.#events.warnOnce('serialiser', `arguments cannot be encoded, such calls are not cached (${error})`)
      throw error
    }
  }

  /** @param {unknown} self @param {string} name */
  #receiverKey(self, name) {
    if (isByIdentity(self)) {
      const [what, whose] =
        typeof self === 'function' ? ['class or function', 'it a static'] : ['object', 'its class a']
      const advice = `results of ${name} stay in memory: the ${what} that it is called on counts by identity; give ${whose} [mime.key]() method`
      this.#events.warnOnce(name, advice)
    }
    return receiverKey(self)
  }

  /** @returns {ResultFiles} */
  #open() {
    if (this.#dbFile === undefined) {
      throw invalidOption('dbFile', undefined, 'a path, since results are kept on disk')
    }
    return new ResultFiles(this.#dbFile, this.#log ?? (() => {}), this.#events)
  }

  /** @param {boolean} isInMemory the store does not tell misses @param {((event: any) => void) | undefined} also */
  #listener(isInMemory, also) {
    return (/** @type {any} */ event) => {
      const { type, name = '' } = event
      if (type === 'hit') this.#log?.('hit (memory)', name, '')
      else if (type === 'coalesced') this.#log?.('wait', name, '')
      else if (type === 'miss' && isInMemory) this.#log?.('miss', name, '')
      return also?.(event)
    }
  }
}

/** @param {string} option @param {any} value a path or a file URL @returns {string} */
function pathFrom(option, value) {
  if (typeof value === 'string' && value !== '') return value
  if (value?.protocol === 'file:') return fileURLToPath(value)
  throw invalidOption(option, value, 'a path or a file URL')
}

/** @param {any} fn */
function refuse(fn) {
  if (typeof fn === 'function' && !isClass(fn)) return
  const what = isClass(fn) ? `the class ${fn.name}; decorate its methods` : show(fn)
  throw new MimicTypeError('ERR_NOT_A_FUNCTION', `cache({ folder })(fn) wraps a function; got ${what}`)
}

/** What the index shows of the arguments. @param {import('./serialise.js').Serialise} serialiser @param {Uint8Array} bytes a key @param {boolean} isKeyed */
function describe(serialiser, bytes, isKeyed) {
  try {
    const revived = reviveArgs(bytes)
    const args = /** @type {any} */ (isKeyed ? revived[0] : revived)
    const what = isKeyed ? args[1] : args
    return (isExact(serialiser) ? serialiser.encode(...what)[0] : what[0]) || undefined
  } catch {
    // Only for people; a key that is held as a digest does not tell.
    return undefined
  }
}

/** @param {(line: string) => void} logger @returns {import('./result-files.js').Log} */
function logTo(logger) {
  return (what, name, path) => {
    try {
      logger(`my-mimic: ${what}: ${name}${path && ` ${path}`}`)
    } catch {
      // A logger's failure is its own.
    }
  }
}
