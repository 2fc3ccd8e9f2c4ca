import { MimicError, show } from './errors.js'
import { REQUEST, kindOf } from './key/kinds.js'
import { bodyOf, intrinsics, rememberBody } from './key/request.js'

/**
 * Requests as arguments. A key has the bytes of a Request's body in it, and those can only be read asynchronously, before the key is taken:
 * from a clone, so that the function finds the body of its own Request unread.
 */

/** A body with more bytes is not read to its end: the call is not cached. */
export const MAX_BODY = 2 ** 24
/** Milliseconds after which a body that has not ended is given up: the call goes on, and is not cached. */
export const BODY_TIMEOUT = 1000

const { apply } = Reflect
const LATE = Symbol('late')

/** Bodies that are being read; who asks meanwhile joins. @type {WeakMap<object, Promise<Uint8Array | MimicError>>} */
const running = new WeakMap()

/**
 * Reads the bodies that a walk missed; the same call then has a key with their bytes in it. Never rejects, and takes BODY_TIMEOUT at most.
 * @param {readonly object[]} requests `walked.unread`
 * @returns {Promise<MimicError | undefined>} why the call cannot be cached, if it cannot
 */
export async function readBodies(requests) {
  const bodies = await Promise.all(requests.map(bytesOf))
  return bodies.find(body => body instanceof MimicError)
}

/** @param {object} request @returns {Promise<Uint8Array | Error>} */
async function bytesOf(request) {
  const known = bodyOf(request)
  if (known !== undefined) return known
  let reading = running.get(request)
  if (reading === undefined) {
    reading = read(request).finally(() => running.delete(request))
    running.set(request, reading)
  }
  return reading
}

/** @param {object} request @returns {Promise<Uint8Array | MimicError>} */
async function read(request) {
  let copy
  try {
    copy = apply(intrinsics().clone, request, [])
  } catch (cause) {
    // Not remembered: a body that is merely locked can be released.
    return unreadable(request, 'it has been read before, or someone is reading it', cause)
  }
  const body = await within(copy.body?.getReader ? bytesOfStream : bytesOfWhole, request, copy)
  rememberBody(request, body)
  return body
}

/**
 * @typedef {Promise<typeof LATE>} Late
 * @param {(request: object, copy: Request, late: Late) => Promise<Uint8Array | MimicError>} readCopy
 * @param {object} request
 * @param {Request} copy
 */
async function within(readCopy, request, copy) {
  // Fake timers may come while it waits.
  const { setTimeout, clearTimeout } = globalThis
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  try {
    /** @type {Late} */
    const late = new Promise(resolve => {
      timer = setTimeout(resolve, BODY_TIMEOUT, LATE)
    })
    return await readCopy(request, copy, late)
  } catch (cause) {
    return unreadable(request, 'it fails when it is read', cause)
  } finally {
    clearTimeout(timer)
  }
}

/** @param {object} request @param {Request} copy @param {Late} late */
async function bytesOfStream(request, copy, late) {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (copy.body).getReader()
  /** @type {Uint8Array[]} */
  const chunks = []
  let size = 0
  let why
  while (why === undefined) {
    const step = await Promise.race([reader.read(), late])
    if (step === LATE) why = `it has not ended after ${BODY_TIMEOUT} ms`
    else if (step.done) return join(chunks, size)
    else if (!(step.value instanceof Uint8Array)) why = 'its stream gives something other than a Uint8Array'
    else if ((size += step.value.length) > MAX_BODY) why = `it has more than ${MAX_BODY} bytes`
    else chunks.push(step.value)
  }
  // The other branch, which is the function's, goes on; it is no longer buffered for us. This promise waits for that branch too.
  reader.cancel().catch(() => {})
  return unreadable(request, why)
}

/** Where bodies are no streams. @param {object} request @param {Request} copy @param {Late} late */
async function bytesOfWhole(request, copy, late) {
  const whole = await Promise.race([copy.arrayBuffer(), late])
  if (whole === LATE) return unreadable(request, `it has not ended after ${BODY_TIMEOUT} ms`)
  if (whole.byteLength > MAX_BODY) return unreadable(request, `it has more than ${MAX_BODY} bytes`)
  return new Uint8Array(whole)
}

/**
 * Chunks as one array of their own: those of a clone may be shared with the original.
 * @param {readonly Uint8Array[]} chunks
 * @param {number} size of all
 */
export function join(chunks, size) {
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/**
 * @param {object} request
 * @param {string} why
 * @param {unknown} [cause]
 */
export function unreadable(request, why, cause) {
  const { method, url } = intrinsics()
  const what = `${apply(method, request, [])} ${show(apply(url, request, []))}`
  return new MimicError(
    'ERR_UNREADABLE_REQUEST',
    `the call is not cached, because the body of the Request ${what} cannot be part of its key: ${why}; pass a Request with a short body that nobody has read, or say with the option key what counts`,
    cause === undefined ? undefined : { cause },
  )
}

/**
 * @param {unknown} value
 * @returns {AbortSignal | undefined} the signal of a Request; nothing for anything else, also for an instance of a subclass
 */
export function signalOf(value) {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    if (kindOf(Object.getPrototypeOf(value)).kind !== REQUEST) return undefined
    return apply(intrinsics().signal, value, [])
  } catch {
    // It only poses as one, or cannot be asked.
    return undefined
  }
}

/**
 * An equal Request with another signal, its body unread; the one given stays as it is.
 * @param {Request} request one that `signalOf` knows
 * @param {AbortSignal} signal
 * @returns {Request} throws where the body has been read, unless `readBodies` read it
 */
export function withSignal(request, signal) {
  const { referrer, referrerPolicy } = request
  const body = bodyOf(request)
  /** @type {RequestInit} */
  const init = { signal }
  // Any init at all sets these two back.
  if (referrer !== undefined && referrer !== 'about:client') init.referrer = referrer
  if (referrerPolicy) init.referrerPolicy = referrerPolicy
  const { bodyUsed, clone } = intrinsics()
  const isKnown = body instanceof Uint8Array
  // Chromium uses the body up of a Request that another is made from, also where that has a body of its own.
  const source = isKnown && apply(bodyUsed, request, []) ? request : apply(clone, request, [])
  if (!isKnown) return new Request(source, init)
  const copy = new Request(source, { ...init, body: /** @type {any} */ (body) })
  rememberBody(copy, body)
  return copy
}
