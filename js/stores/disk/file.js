import { Buffer } from 'node:buffer'
import fs from 'node:fs'
import { epochNow } from '../../clock.js'
import {
  PART,
  FILE_HEADER,
  FRAME_MAGIC_BYTES,
  fileHeader,
  HEAD_MAGIC_BYTES,
  Head,
  readFrameHeader,
  saltOf,
} from './frame.js'

/**
 * One file of the directory. It is written by one store only, and only at its end, so whatever was read of it stays as it is.
 */

/** @typedef {{ file: DataFile, head: Head, stamps: Float64Array, tagged: boolean, at: number, place: number, number: number }} Frame `at`: where its body begins; `place`: in its file; `number`: in the catalog */

const WINDOW = 1 << 20
const PIECE = 1 << 12
/** Less than one part in so many. */
const LITTLE = 8
/** A record that is not cut fits into this. */
const scratch = new Uint8Array(64 * 1024)

export class DataFile {
  /** @type {Frame[]} */
  frames = []
  /** Up to here it was read. */
  end = FILE_HEADER
  /** How long it was then. */
  size = 0
  /** When it last grew, epoch milliseconds. */
  grownAt = 0
  /** Of the stamps in it. */
  oldest = Infinity
  newest = -Infinity
  /** In how many looks at the directory it was not there. */
  missing = 0
  corrupt = 0
  #damagedAt = -1

  /**
   * @param {number} fd
   * @param {string} id
   * @param {string} path
   * @param {Uint8Array} salt
   */
  constructor(fd, id, path, salt) {
    this.fd = fd
    this.id = id
    this.path = path
    this.salt = salt
  }

  /** @param {string} path @param {string} id */
  static create(path, id) {
    const header = fileHeader()
    const fd = fs.openSync(path, 'wx+')
    try {
      writeAll(fd, header, 0)
    } catch (error) {
      fs.closeSync(fd)
      fs.rmSync(path, { force: true })
      throw error
    }
    const file = new DataFile(fd, id, path, header.slice(8, 24))
    file.size = FILE_HEADER
    return file
  }

  /** @param {string} path @param {string} id @returns {DataFile | 'short' | 'foreign' | 'damaged'} short: not yet, or never, written whole */
  static open(path, id) {
    const fd = fs.openSync(path, 'r')
    const header = new Uint8Array(FILE_HEADER)
    const found = readInto(fd, header, 0) < FILE_HEADER ? 'short' : saltOf(header)
    if (typeof found !== 'string') return new DataFile(fd, id, path, found)
    fs.closeSync(fd)
    return found
  }

  /** The last writer may have sealed it by a new name. */
  get isSealed() {
    return this.path.endsWith('.seg')
  }

  /** Whether the last frame is not whole: its writer is at it, or was ended. */
  get isCutOff() {
    return this.end < this.size && this.#damagedAt !== this.end
  }

  /** Whether what was read is there no more: its writer took back what could not be written whole, or somebody cut the file. */
  hasShrunk() {
    return fs.fstatSync(this.fd).size < this.end
  }

  /** Reads what is new. @returns {Frame[]} */
  refresh() {
    const { size, mtimeMs } = fs.fstatSync(this.fd)
    if (size === this.size) return []
    this.size = size
    this.grownAt = mtimeMs
    const before = this.frames.length
    const take = windowOn(this.fd, this.end, size)
    while (this.end < size) {
      const length = this.#frame(take)
      if (length === 0) break
      this.end += length
    }
    return this.frames.slice(before)
  }

  /** Takes over the frame at the end. @param {(at: number, length: number) => Uint8Array | undefined} take @returns {number} how far to go on; 0: not yet */
  #frame(take) {
    const at = this.end
    const header = readFrameHeader(length => take(at, length), this.salt)
    if (header === 'short') return this.#isBehindHeader(take) ? this.#afterDamage(take) : 0
    if (header === 'damaged') return this.#afterDamage(take)
    const { length, headLength, bodyLength } = header
    const bytes = take(at + length, headLength)
    const whole = length + headLength + bodyLength
    if (bytes === undefined || at + whole > this.size) return 0
    const head = Head.check(bytes.slice(), header)
    if (head === undefined) this.corrupt++
    else this.add(head, header.stamps, header.tagged, at + length + headLength)
    return whole
  }

  /**
   * Whether a head stands in what is too short for the header of a frame. Then the header was whole once, and what is wrong is the length it says.
   * @param {(at: number, length: number) => Uint8Array | undefined} take
   */
  #isBehindHeader(take) {
    const rest = take(this.end, this.size - this.end)
    return rest !== undefined && bufferOf(rest).indexOf(HEAD_MAGIC_BYTES) >= 0
  }

  /** Nothing tells how long it was: the next frame is looked for. @param {(at: number, length: number) => Uint8Array | undefined} take */
  #afterDamage(take) {
    const from = this.end
    if (this.#damagedAt !== from) {
      this.#damagedAt = from
      this.corrupt++
    }
    for (let at = from + 1; at < this.size; ) {
      const bytes = take(at, Math.min(WINDOW / 2, this.size - at))
      if (bytes === undefined) break
      const found = bufferOf(bytes).indexOf(FRAME_MAGIC_BYTES)
      if (found < 0) {
        // The last bytes may be the first of a magic.
        at += Math.max(1, bytes.length - 3)
        continue
      }
      at += found
      const candidate = readFrameHeader(length => take(at, length), this.salt)
      if (typeof candidate !== 'string') return at - from
      at++
    }
    return 0
  }

  /** @param {Head} head @param {Float64Array} stamps @param {boolean} tagged @param {number} at where the body is @returns {Frame} */
  add(head, stamps, tagged, at) {
    const frame = { file: this, head, stamps, tagged, at, place: this.frames.length, number: -1 }
    this.frames.push(frame)
    for (const stamp of stamps) {
      if (stamp < this.oldest) this.oldest = stamp
      if (stamp > this.newest) this.newest = stamp
    }
    return frame
  }

  /** @param {Uint8Array} bytes @throws the file system's error, after which the file is as it was */
  append(bytes) {
    try {
      writeAll(this.fd, bytes, this.end)
    } catch (error) {
      fs.ftruncateSync(this.fd, this.end)
      throw error
    }
    this.end += bytes.length
    this.size = this.end
    this.grownAt = epochNow()
  }

  close() {
    fs.closeSync(this.fd)
    // Whoever still reads gets an error, not another file's bytes.
    this.fd = -1
    this.frames = []
  }
}

/**
 * The key and value of an entry, as they were written.
 * @param {Frame} frame
 * @param {number} i
 * @returns {{ key: Uint8Array, value: Uint8Array } | undefined} good until the next call; nothing when they are damaged
 */
export function readRecord(frame, i) {
  const { head } = frame
  if (head.kind(i) !== PART) {
    const bytes = pieceOf(frame, i)
    const keyLength = head.keyLength(i)
    return bytes && { key: bytes.subarray(0, keyLength), value: bytes.subarray(keyLength) }
  }
  /** @type {Uint8Array[]} */
  const keys = []
  /** @type {Uint8Array[]} */
  const values = []
  const parts = partsOf(frame, i)
  for (const [part, j] of parts) {
    const bytes = pieceOf(part, j)
    if (bytes === undefined) return undefined
    const keyLength = part.head.keyLength(j)
    keys.push(bytes.slice(0, keyLength))
    values.push(bytes.slice(keyLength))
  }
  return parts.length === head.parts(i) ? { key: joined(keys), value: joined(values) } : undefined
}

/** Whether the file ends within a value: its writer is at it, or was ended. Nobody was told that it is written. @param {Frame} frame @param {number} i */
export function isUnfinished(frame, i) {
  if (frame.head.kind(i) !== PART) return false
  const parts = partsOf(frame, i)
  const [last, j] = parts[parts.length - 1] ?? [frame, i]
  const isLast = last.place === last.file.frames.length - 1 && j === last.head.records - 1
  return isLast && parts.length < frame.head.parts(i)
}

/** The parts of a value that there are, from the first on. @param {Frame} frame @param {number} i @returns {[Frame, number][]} */
export function partsOf(frame, i) {
  /** @type {[Frame, number][]} */
  const parts = []
  const { frames } = frame.file
  let [at, j] = [frame.place, i]
  while (at < frames.length) {
    const part = frames[at]
    if (j === part.head.records) [at, j] = [at + 1, 0]
    else if (part.head.part(j) !== parts.length || !frame.head.sameWrite(i, part.head, j)) break
    else parts.push([part, j++])
  }
  return parts
}

/** @param {Frame} frame @param {number} i */
function pieceOf({ file, head, at }, i) {
  const bytes = scratch.subarray(0, head.length(i))
  if (readInto(file.fd, bytes, at + head.offset(i)) < bytes.length) return undefined
  return head.verifies(i, bytes) ? bytes : undefined
}

/** @param {Uint8Array[]} pieces */
function joined(pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** The same bytes. @param {Uint8Array} bytes */
function bufferOf({ buffer, byteOffset, length }) {
  return Buffer.from(buffer, byteOffset, length)
}

/** @param {number} fd @param {Uint8Array} bytes @param {number} at @returns {number} bytes there were */
function readInto(fd, bytes, at) {
  let done = 0
  while (done < bytes.length) {
    const read = fs.readSync(fd, bytes, done, bytes.length - done, at + done)
    if (read === 0) break
    done += read
  }
  return done
}

/** @param {number} fd @param {Uint8Array} bytes @param {number} at */
function writeAll(fd, bytes, at) {
  for (let done = 0; done < bytes.length; )
    done += fs.writeSync(fd, bytes, done, bytes.length - done, at + done)
}

/**
 * Reads forward in large pieces, and in small ones where there is little between which much is passed over.
 * @param {number} fd
 * @param {number} from
 * @param {number} size of the file
 */
function windowOn(fd, from, size) {
  const window = new Uint8Array(Math.min(WINDOW, size - from))
  let start = from
  let length = 0
  let used = 0
  let piece = PIECE
  /** @param {number} at @param {number} wanted at most half a window @returns {Uint8Array | undefined} a view, good until the next one */
  return (at, wanted) => {
    if (at + wanted > size) return undefined
    if (at < start || at + wanted > start + length) {
      piece = used * LITTLE < length ? Math.max(PIECE, piece / 4) : Math.min(WINDOW, piece * 4)
      start = at
      const most = Math.min(window.length, size - at)
      length = readInto(fd, window.subarray(0, Math.min(most, Math.max(piece, wanted))), at)
      used = 0
      if (wanted > length) return undefined
    }
    used += wanted
    return window.subarray(at - start, at - start + wanted)
  }
}
