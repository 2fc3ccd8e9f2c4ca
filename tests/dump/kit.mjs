import { encode } from '../../js/codec.js'
import { createMime, hash } from '../../js/entry/inline.js'

/** What the tests of dumps share. */

export const OPTIONS = { name: 'f', version: '1' }
export const NOTHING = { entries: 0, waiting: 0, present: 0, expired: 0, refused: 0 }
export const CALLED = Symbol('called')
/** As the other side has it: its code must not run. @param {object} [options] */
export const other = options => {
  const mime = createMime()
  const f = mime(() => CALLED, { ...OPTIONS, ...options })
  return { mime, f, call: (...args) => f(...args) }
}
/** A dump of one function, which was called with each of these. @param {(...args: any[]) => unknown} fn @param {object} options @param {any[][]} calls */
export async function dumped(fn, options, ...calls) {
  const mime = createMime()
  const f = mime(fn, { ...OPTIONS, ...options })
  for (const args of calls) await f(...args)
  return mime.dump()
}

/** Text that `load` takes for a dump of its version, whatever is in it. @param {unknown} content */
export function forged(content, version = 1, damage = 0) {
  const payload = encode(content)
  const sum = Buffer.from(hash(payload).slice(0, 32), 'hex')
  sum[0] ^= damage
  return Buffer.concat([Buffer.from('MIMX'), Buffer.of(version), sum, payload]).toString('base64')
}
export const hex = digits => new Uint8Array(Buffer.from(digits, 'hex'))
/** A call with the number 1. */
export const KEY = hex('20000000010000000500000001000000')
export const VALUE = encode('forged')
