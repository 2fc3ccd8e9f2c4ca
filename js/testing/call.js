import { BUFFER_CELLS, keyDigest, memory, start } from '../core.js'
import { hex } from '../hex.js'
import { walked, writeCall } from '../key.js'
import { decodeKey } from '../key/decode.js'
import { describeCall } from '../key/describe.js'
import { NONE } from '../key/nesting.js'
import { DIGESTED } from '../key/tags.js'

/**
 * A call by its arguments, `this` apart.
 * @param {readonly unknown[]} args
 * @returns {{ digest: string, text: string, identities: readonly unknown[] }} the key's digest, the arguments in words, and what of them
 *   means nothing in another process
 */
export function callOf(args) {
  start()
  const cells = writeCall(undefined, args, BUFFER_CELLS)
  const { identities } = walked
  walked.identities = NONE
  const bytes = memory.u8.slice(0, cells * 8)
  const isDigest = new Uint32Array(bytes.buffer)[0] === DIGESTED
  const digest = isDigest ? bytes.subarray(8, 24) : keyDigest(cells).subarray(0, 16)
  return { digest: hex(digest), text: describeCall(decodeKey(bytes)), identities }
}
