import { MimicError } from '../../errors.js'
import { hash } from '../../hash.js'
import { fromBase64, toBase64 } from '../../base64.js'
import { keyIn, valueIn } from '../piece.js'
import { openResult, packEncoded } from '../result-file.js'
import { sameBytes } from '../store.js'

/**
 * What is kept for one key: a result by itself, with a checksum and with the whole key, as base64 text that survives whatever a backend serialises with.
 *
 * @typedef {object} Found
 * @property {Uint8Array} encoded
 * @property {number} storedAt
 * @property {number} deadline
 */

const encoder = new TextEncoder()
const LENGTH = 4

/** Namespace and key in one: the length in front keeps any two apart. @param {string} namespace @param {Uint8Array} key */
function ownerOf(namespace, key) {
  const name = encoder.encode(namespace)
  const owner = new Uint8Array(LENGTH + name.length + key.length)
  new DataView(owner.buffer).setUint32(0, name.length, true)
  owner.set(name, LENGTH)
  owner.set(key, LENGTH + name.length)
  return owner
}

/** @param {import('../queue.js').Item} item @returns {string} */
export function packText(item) {
  return toBase64(packEncoded(ownerOf(item.namespace, keyIn(item.piece)), valueIn(item.piece), item))
}

/**
 * @param {unknown} text what the backend has
 * @param {import('../store.js').StoreKey} key
 * @returns {Found | undefined} nothing when it is another key's
 * @throws a coded error for what is damaged
 */
export function openText(text, key) {
  const { owner, ...found } = openAny(text)
  return sameBytes(owner, ownerOf(key.namespace, key.bytes)) ? found : undefined
}

/** @param {unknown} text @returns {Found & { owner: Uint8Array }} whoever's it is @throws a coded error for what is damaged */
export function openAny(text) {
  return openResult(bytesIn(text))
}

/** @param {unknown} text @throws a coded error where it can be told that this is none */
function bytesIn(text) {
  try {
    return fromBase64(String(text))
  } catch (cause) {
    throw new MimicError('ERR_STORE_CORRUPT', 'what the backend has is no text of a result', { cause })
  }
}

const MAX_SLUG = 32
const SPACE_DIGITS = 24

/**
 * The name of a namespace: short, and safe as part of a file's name whatever the file system makes of cases and signs.
 * @param {string} namespace
 */
export function spaceOf(namespace) {
  const words = namespace.split('\0', 1)[0].toLowerCase().replace(/[^a-z0-9]+/g, '-') // biome-ignore format: one line
  return `${words.slice(0, MAX_SLUG)}-${hash(namespace).slice(0, SPACE_DIGITS)}`
}
