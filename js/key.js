import './key/builtins.js'
import { abandonArgument, NONE, state, switchState, takeIdentities, takeUnread } from './key/nesting.js'
import { writePrimitives } from './key/primitives.js'
import * as sink from './key/sink.js'
import { CALL, METHOD_CALL } from './key/tags.js'
import { isSignal, writeArgument, writeThis, writeValue } from './key/walk.js'

export { KEY_METHOD } from './key/walk.js'

/**
 * One walk turns a call's `this` and arguments into the cells of its key, written straight into wasm memory. Equal arguments give equal
 * cells, different ones different cells; `ARCHITECTURE.md` has the format.
 *
 * User code may run during the walk (a getter, a proxy, `[mime.key]()`) and may call memoized functions itself: the outer walk is then put
 * aside, and taken up again when it goes on writing.
 */

let busy = false

/** What the last complete walk met, to be read before anything else runs. */
export const walked = {
  /** False when something went by identity: such a key means nothing in another process. */
  portable: true,
  /** An AbortSignal was left out. */
  signals: false,
  /** What went by identity. Whoever takes it lets go of it, or it would live until the next call. */
  identities: /** @type {readonly object[]} */ ([]),
  /**
   * Requests with a body that nobody has read: `readBodies` of `js/request.js` does, and then the same call has another key. In this one they
   * go by identity.
   */
  unread: NONE,
}

/**
 * @param {unknown} self `this`
 * @param {ArrayLike<unknown>} args
 * @param {number} maxCells a longer key is held as a digest
 * @returns {number} cells of the key, which stands at the start of the key buffer
 */
export function writeCall(self, args, maxCells) {
  if (busy) return interrupting(self, args, maxCells)
  if (self === undefined && typeof args[0] !== 'object') {
    const cells = writePrimitives(args, maxCells)
    if (cells > 0) {
      walked.portable = true
      walked.signals = false
      walked.identities = NONE
      walked.unread = NONE
      return cells
    }
  }
  return write(self, args, maxCells)
}

/** @type {typeof writeCall} */
function write(self, args, maxCells) {
  const own = state
  const level = sink.open()
  busy = true
  try {
    own.portable = true
    own.signals = false
    let count = args.length
    while (count > 0 && isSignal(args[count - 1])) count--
    if (self === undefined) {
      sink.head(CALL, count)
    } else {
      sink.head(METHOD_CALL, count)
      writeThis(self)
    }
    for (let i = 0; i < count; i++) {
      const argument = args[i]
      if (typeof argument === 'object' && argument !== null) writeArgument(argument)
      else writeValue(argument)
    }
    // Where the stack ended inside an interrupting call, what it put aside may not have come back.
    if (state !== own) throw sink.TOO_LONG
    const cells = sink.close(level, maxCells)
    walked.portable = own.portable
    walked.signals = own.signals
    walked.identities = takeIdentities()
    walked.unread = takeUnread()
    return cells
  } catch (error) {
    switchState(own)
    abandonArgument(true, 0, 0)
    walked.unread = NONE
    sink.discard(level)
    throw error
  } finally {
    busy = false
  }
}

/** To be called before anything but a key is written to the key buffer, and before a key that is no call's: user code in a walk may have come there. */
export function lendBuffer() {
  if (!busy) return
  sink.interrupt()
  sink.resumeLater()
}

/** @type {typeof writeCall} */
function interrupting(self, args, maxCells) {
  const outer = state
  try {
    sink.interrupt()
    switchState()
    return write(self, args, maxCells)
  } finally {
    busy = true
    switchState(outer)
    sink.resumeLater()
  }
}
