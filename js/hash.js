import { BUFFER_CELLS, keyDigest, memory, start } from './core.js'
import { MimicTypeError } from './errors.js'
import { hex } from './hex.js'
import { walked, writeCall } from './key.js'
import { nameKind } from './key/name.js'
import { DIGESTED } from './key/tags.js'

/**
 * A structural hash: 64 hex digits, BLAKE3 over the key cells of the values. Equal values have equal hashes in every runtime and on every
 * platform, whatever the order of an object's keys; the encoding before the hash is injective, so different values differ.
 * @param {unknown[]} values
 * @returns {string}
 * @throws {MimicTypeError} `ERR_NOT_PORTABLE` when a value counts by identity, which means nothing elsewhere
 */
export function hash(...values) {
  start()
  const cells = writeCall(undefined, values, BUFFER_CELLS)
  if (!walked.portable) {
    throw new MimicTypeError(
      'ERR_NOT_PORTABLE',
      `${nameKind(walked.identities[0])} counts by identity and has no portable hash; give its class a [mime.key]() method, or hash its data`,
    )
  }
  // A long key already is a digest of its cells.
  return hex(memory.u32[0] === DIGESTED ? memory.u8.subarray(8, 40) : keyDigest(cells))
}
