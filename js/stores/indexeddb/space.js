import { Asleep } from './asleep.js'

/**
 * What is known of a namespace: the newest record of each key.
 *
 * @typedef {import('./rows.js').Row} Row
 * @typedef {import('./segment.js').Segment} Segment
 */
export class Space {
  /** Those that somebody has asked for or written, by their digests. @type {Map<string, Row>} */
  awake = new Map()
  /** @type {import('./rows.js').Mark | undefined} */
  cleared

  /** @param {string} name @param {(Segment | undefined)[]} segments with records that sleep, by their numbers */
  constructor(name, segments) {
    this.name = name
    this.asleep = new Asleep(segments)
  }

  /** @param {string} digest @returns {Row | undefined} */
  get(digest) {
    return this.awake.get(digest) ?? this.asleep.wake(digest)
  }

  /** All of them; none sleeps any more. */
  get rows() {
    this.asleep.wakeAll()
    return this.awake
  }
}
