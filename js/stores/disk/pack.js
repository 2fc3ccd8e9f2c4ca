import { persistence } from '../../core.js'
import { MimicError } from '../../errors.js'
import { tagsStand } from '../entry.js'
import { packItems } from '../segments.js'
import { frameHeader, Head, MAX_RECORDS } from './frame.js'

/**
 * Writes become segments, and segments frames of a file.
 *
 * @typedef {import('../queue.js').Item & { stamp: number }} Item
 * @typedef {{ head: Head, body: Uint8Array, stamps: Float64Array, digests: string[], tagged: boolean }} Segment
 * @typedef {import('./file.js').DataFile} DataFile
 */

/** @param {Item[]} items @returns {Segment[]} */
export function segmentsOf(items) {
  const blocks = packItems(persistence(), items)
  if (typeof blocks === 'string') throw new MimicError('ERR_STORE_WRITE', blocks)
  const segments = []
  let item = 0
  for (let n = 0; n < blocks.length; n += 2) {
    const head = new Head(blocks[n])
    if (head.records > MAX_RECORDS)
      throw new MimicError('ERR_STORE_WRITE', `a segment of ${head.records} records`)
    const stamps = new Float64Array(head.records)
    const digests = new Array(head.records)
    let tagged = false
    for (let i = 0; i < head.records; i++) {
      const { stamp, digest, piece } = items[item]
      stamps[i] = stamp
      digests[i] = digest
      tagged ||= tagsStand(piece.block, piece.at + piece.keyLength)
      if (head.part(i) + 1 === head.parts(i)) item++
    }
    segments.push({ head, body: blocks[n + 1], stamps, digests, tagged })
  }
  return segments
}

/**
 * @param {DataFile} file
 * @param {Segment[]} segments
 * @returns {import('./file.js').Frame[]} what is in the file now
 * @throws the file system's error; then nothing is
 */
export function appendTo(file, segments) {
  const headers = segments.map(({ head, body, stamps, tagged }) =>
    frameHeader(file.salt, head.bytes, body.length, stamps, tagged),
  )
  const lengths = segments.map(({ head, body }, n) => headers[n].length + head.bytes.length + body.length)
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  const bodies = segments.map(({ head, body }, n) => {
    bytes.set(headers[n], at)
    bytes.set(head.bytes, at + headers[n].length)
    bytes.set(body, at + lengths[n] - body.length)
    at += lengths[n]
    return file.end + at - body.length
  })
  file.append(bytes)
  return segments.map(({ head, stamps, tagged }, n) => file.add(head, stamps, tagged, bodies[n]))
}
