import { Buffer } from 'node:buffer'
import { decodeKey } from '../key/decode.js'
import { describeCall } from '../key/describe.js'
import { tagsOf } from '../stores/entry.js'
import { checkNamespace } from '../stores/namespace.js'
import { readSigned, signed } from '../stores/signed-line.js'
import { namesOf, namespaceOf, timeJson } from './entries.js'

/**
 * Entries in one file: lines of JSON, each with a checksum. The first says what it is, the last how many entries stand between, so that whoever
 * reads knows whether it is whole. Key and value are the bytes that a store keeps, in Base64.
 *
 * @typedef {{ namespace: string, digest: string, storedAt: number, deadline: number, key: Uint8Array, value: Uint8Array }} Entry
 * @typedef {{ kind: 'head', format: unknown } | { kind: 'end', entries: unknown } | { kind: 'entry', entry: Entry } | { kind: 'damaged' }} Line
 */

export const FORMAT = 1
const DIGEST = /^[0-9a-f]{32}$/

/** @param {number} now @returns {string} the first line */
export function headLine(now) {
  return signed(JSON.stringify({ 'my-mimic': 'export', format: FORMAT, at: new Date(now).toISOString() }))
}

/** @param {number} entries @returns {string} the last one */
export function endLine(entries) {
  return signed(JSON.stringify({ end: entries }))
}

/** @param {Entry} entry @returns {string} */
export function entryLine({ namespace, digest, storedAt, deadline, key, value }) {
  const { args, tags } = wordsFor(key, value)
  return signed(
    JSON.stringify({
      ...namesOf(namespace),
      args,
      tags,
      storedAt,
      deadline: timeJson(deadline),
      digest,
      key: base64(key),
      value: base64(value),
    }),
  )
}

/** For who reads the file. @param {Uint8Array} key @param {Uint8Array} value */
function wordsFor(key, value) {
  try {
    const tags = tagsOf(value)
    return { args: describeCall(decodeKey(key)), tags: tags.length > 0 ? tags : undefined }
  } catch {
    return {}
  }
}

/** @param {string} line @returns {Line} */
export function readLine(line) {
  try {
    const read = readSigned(line)
    if (read?.['my-mimic'] === 'export') return { kind: 'head', format: read.format }
    if (read?.end !== undefined) return { kind: 'end', entries: read.end }
    const entry = read && entryIn(read)
    if (entry !== undefined) return { kind: 'entry', entry }
  } catch {
    // Whatever it is, it is no entry.
  }
  return { kind: 'damaged' }
}

/** The checksum keeps accidents out and nobody else, so everything is checked. @param {any} read @returns {Entry | undefined} */
function entryIn({ name, version, storedAt, deadline, digest, key: keyText, value: valueText }) {
  if (![name, digest, keyText, valueText].every(text => typeof text === 'string')) return undefined
  if (version !== null && typeof version !== 'string') return undefined
  const until = deadline === null ? Infinity : deadline
  if (!Number.isFinite(storedAt) || typeof until !== 'number' || Number.isNaN(until)) return undefined
  const namespace = namespaceOf({ name, version })
  checkNamespace(namespace)
  const key = bytesOf(keyText)
  const value = bytesOf(valueText)
  // Whether they belong together shows when somebody asks for them.
  if (!DIGEST.test(digest) || key.length === 0 || value.length === 0) return undefined
  tagsOf(value)
  return { namespace, digest, storedAt, deadline: until, key, value }
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

/** @param {string} text @returns {Uint8Array} */
function bytesOf(text) {
  return new Uint8Array(Buffer.from(text, 'base64'))
}
