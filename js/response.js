import { MimicError } from './errors.js'
import { join } from './request.js'
import { post } from './turn.js'

/**
 * Responses as results. A body can be read only once, so it is read here, once, into memory, and every caller gets a Response of its own: made
 * from the bytes when they are all there, from the chunks so far and then from those that come while they are not. There is no chain of tees.
 *
 * @typedef {object} Facts what a copy has in common with the original
 * @property {ResponseInit} init
 * @property {Record<string, unknown>} own what a constructor cannot set
 * @property {new (body: any, init: ResponseInit) => Response} type
 */

const { apply } = Reflect
const { getOwnPropertyDescriptor, getPrototypeOf } = Object
const globals = /** @type {Record<string, any>} */ (globalThis)
/** What a constructor cannot set. */
const OWN = ['url', 'redirected', 'type']

/**
 * What looks like a Response: one of another realm or of a polyfill is one too.
 * @param {any} value
 * @returns {value is Response}
 */
export function isResponse(value) {
  if (typeof value !== 'object' || value === null) return false
  try {
    return (
      typeof value.bodyUsed === 'boolean' &&
      typeof value.status === 'number' &&
      typeof value.clone === 'function' &&
      typeof value.headers?.forEach === 'function'
    )
  } catch {
    return false
  }
}

/** A copy that was only looked at: nobody reads its body, and the connection need not stay open for it. @param {unknown} value */
export function dismiss(value) {
  if (!isResponse(value)) return
  const { body, bodyUsed } = value
  if (body && !bodyUsed && !body.locked) body.cancel().catch(() => {})
}

/**
 * @param {Response} response one that `isResponse` knows; from here on its body belongs to the copies
 * @param {number} maxBytes of a body that is kept
 * @returns {Copies | undefined} nothing when the Response cannot be copied: its body is used or locked, or it is of an unknown kind
 */
export function copiesOf(response, maxBytes) {
  try {
    if (read(response, 'bodyUsed')) return undefined
    if (!(Number(read(response, 'status')) >= 200)) return new Copies(response)
    const stream = read(response, 'body')
    const facts = factsOf(response)
    // Whether copies can be made at all is found out before anyone is promised one.
    const sample = copyOf(stream === null ? null : new Uint8Array(0), facts)
    if (sample.status !== facts.init.status) return undefined
    if (stream === null) return new Copies(response, facts)
    if (typeof stream.getReader !== 'function') return undefined
    return new Copies(response, facts, new Source(stream, maxBytes, refusal(response, maxBytes)))
  } catch {
    return undefined
  }
}

/** Through the builtin getter where it is a builtin: an own property or a subclass does not hide it. @param {any} response @param {string} name */
function read(response, name) {
  const getter = getOwnPropertyDescriptor(globals.Response?.prototype ?? {}, name)?.get
  try {
    if (getter !== undefined) return apply(getter, response, [])
  } catch {
    // A polyfill's.
  }
  return response[name]
}

/** @param {Response} response @returns {Facts} */
function factsOf(response) {
  /** @type {[string, string][]} */
  const headers = []
  const given = /** @type {Headers} */ (read(response, 'headers'))
  given.forEach((value, name) => headers.push([name, value]))
  /** @type {Record<string, unknown>} */
  const own = {}
  for (const name of OWN) own[name] = read(response, name)
  const isBuiltin = typeof globals.Response === 'function' && response instanceof globals.Response
  return {
    init: { status: read(response, 'status'), statusText: read(response, 'statusText'), headers },
    own,
    type: isBuiltin ? globals.Response : getPrototypeOf(response).constructor,
  }
}

/** @param {any} body @param {Facts} facts */
function copyOf(body, facts) {
  return dressed(new facts.type(body, facts.init), facts)
}

/** @param {any} copy @param {Facts} facts @returns {Response} */
function dressed(copy, facts) {
  const { own } = facts
  let changed = false
  for (const name of OWN) {
    if (own[name] === undefined || copy[name] === own[name]) continue
    Object.defineProperty(copy, name, { value: own[name], configurable: true })
    changed = true
  }
  if (changed) {
    const { clone } = copy
    const value = () => dressed(apply(clone, copy, []), facts)
    Object.defineProperty(copy, 'clone', { value, configurable: true, writable: true })
  }
  return copy
}

/** Why a body is not kept, as far as its headers tell. @param {Response} response @param {number} maxBytes */
function refusal(response, maxBytes) {
  const { headers } = response
  if (/^\s*text\/event-stream\b/i.test(headers.get('content-type') ?? '')) {
    return new MimicError(
      'ERR_RESPONSE_NOT_KEPT',
      'the Response is not cached, because it is an event stream, which has no end; return what was read from it',
    )
  }
  return Number(headers.get('content-length')) > maxBytes ? tooLarge(maxBytes) : undefined
}

/** @param {number} maxBytes */
function tooLarge(maxBytes) {
  return new MimicError(
    'ERR_RESPONSE_NOT_KEPT',
    `the Response is not cached, because its body has more than ${maxBytes} bytes; raise maxBytes, or return a part of it`,
  )
}

/** A chunk and what came after it; whoever has read it lets go of it, so what nobody will read is not held. */
class Cell {
  /** @type {Cell | undefined} */
  next = undefined

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes
  }
}

/** The one reader of the original's body. While it keeps the body it reads on by itself, afterwards only what someone who follows asks for. */
class Source {
  size = 0
  tail = new Cell(new Uint8Array(0))
  ended = false
  /** Why it ended early. @type {{ error: unknown } | undefined} */
  failure = undefined
  followers = 0
  wasFollowed = false
  /** @type {Promise<void> | undefined} */
  reading = undefined

  /** @param {ReadableStream<Uint8Array>} stream @param {number} maxBytes @param {MimicError | undefined} refused why it is not kept */
  constructor(stream, maxBytes, refused) {
    this.reader = stream.getReader()
    this.maxBytes = maxBytes
    this.refused = refused
  }

  /** Reads one chunk; who asks meanwhile waits for the same. */
  advance() {
    this.reading ??= this.step().finally(() => {
      this.reading = undefined
    })
    return this.reading
  }

  async step() {
    try {
      const { done, value } = await this.reader.read()
      if (this.ended) return
      if (done) this.ended = true
      else this.add(value)
    } catch (error) {
      if (!this.ended) this.fail(error)
    }
  }

  /** @param {unknown} chunk */
  add(chunk) {
    if (!(chunk instanceof Uint8Array)) {
      this.stop(new TypeError('the body of the Response gives something other than a Uint8Array'))
      return
    }
    if (chunk.length === 0) return
    this.size += chunk.length
    this.tail = this.tail.next = new Cell(new Uint8Array(chunk))
    if (this.size > this.maxBytes) this.refused ??= tooLarge(this.maxBytes)
  }

  /** @param {unknown} error */
  fail(error) {
    this.ended = true
    this.failure = { error }
  }

  /** Nobody reads on. @param {unknown} reason */
  stop(reason) {
    if (this.ended) return
    this.fail(reason)
    this.reader.cancel(reason).catch(() => {})
  }

  /** @returns {Promise<{ error: unknown } | undefined>} why the body is not all there */
  async keep() {
    while (!this.ended && this.refused === undefined) await this.advance()
    return this.refused ? { error: this.refused } : this.failure
  }

  /** The body is no longer wanted whole. @param {MimicError} why */
  release(why) {
    this.refused ??= why
    const stop = () => this.followers === 0 && this.stop(why)
    if (this.wasFollowed) stop()
    // Where nobody has come yet, those who waited for this load still may, in the jobs of its promises.
    else post(stop)
  }

  /**
   * A stream of the body from its start, at its reader's speed.
   * @param {Cell} cell what stands before the first chunk
   * @param {AbortSignal} [signal] ends this stream and no other
   * @returns {ReadableStream<Uint8Array>}
   */
  follow(cell, signal) {
    let gone = false
    /** @type {ReadableByteStreamController} */
    let controller
    const leave = () => {
      gone = true
      signal?.removeEventListener('abort', abort)
      this.followers--
    }
    const abort = () => {
      controller.error(signal?.reason)
      depart(signal?.reason)
    }
    const depart = (/** @type {unknown} */ reason) => {
      if (gone) return
      leave()
      if (this.followers === 0 && this.refused) this.stop(reason)
    }
    this.followers++
    this.wasFollowed = true
    return new ReadableStream({
      type: 'bytes',
      start: given => {
        controller = given
        if (signal?.aborted) abort()
        else signal?.addEventListener('abort', abort)
      },
      pull: async () => {
        while (cell.next === undefined && !this.ended) await this.advance()
        if (gone) return
        if (cell.next !== undefined) {
          cell = cell.next
          // Whoever gets it may change it, or hand it to another thread.
          controller.enqueue(cell.bytes.slice())
          return
        }
        leave()
        if (this.failure) {
          controller.error(this.failure.error)
        } else {
          controller.close()
          controller.byobRequest?.respond(0)
        }
      },
      cancel: depart,
    })
  }
}

export class Copies {
  /** The whole body. @type {Uint8Array | undefined} */
  bytes = undefined
  /** What stands before the first chunk, until all are there. @type {Cell | undefined} */
  head = undefined

  /**
   * @param {Response} original
   * @param {Facts} [facts] none for an opaque Response or an error, which only `clone` can copy
   * @param {Source} [source] none where there is no body
   */
  constructor(original, facts, source) {
    /** @type {Response | undefined} */
    this.original = facts ? undefined : original
    this.facts = facts
    this.source = source
    this.head = source?.tail
    /** Whether the body is all there, and how large it is; never rejects. @type {Promise<{ bytes: number } | { error: unknown }>} */
    this.done = source ? this.keep(source) : Promise.resolve({ bytes: 0 })
  }

  /** @param {Source} source */
  async keep(source) {
    const failure = await source.keep()
    if (failure) return { error: failure.error }
    const chunks = []
    for (let cell = this.head?.next; cell; cell = cell.next) chunks.push(cell.bytes)
    this.bytes = join(chunks, source.size)
    this.head = this.source = undefined
    return { bytes: source.size }
  }

  /**
   * A Response for one caller.
   * @param {AbortSignal} [signal] the caller's own: while the body is still coming, it ends this copy of it
   * @returns {Response}
   */
  take(signal) {
    const { original, facts, source, head } = this
    if (facts === undefined) return /** @type {Response} */ (original).clone()
    if (source !== undefined && head !== undefined) return copyOf(source.follow(head, signal), facts)
    return copyOf(this.bytes ?? null, facts)
  }

  /** The entry is gone. Who has a copy reads on; when the last one has left, or when there is none, the body is cancelled. */
  release() {
    this.source?.release(new MimicError('ERR_RESPONSE_NOT_KEPT', 'the entry of the Response was removed'))
  }
}
