import * as sink from './sink.js'
import { CALL, FALSE, NULL, TRUE, UNDEFINED } from './tags.js'

/**
 * The short way for the most frequent calls: a few primitive arguments and no `this`. No user code can run, nothing goes by identity, and
 * the key cannot leave the buffer, so the walk's state is not touched. The cells are those that the long way writes.
 */

const MAX_ARGUMENTS = 8
/** Eight of these, each with two bytes a unit, are about half the buffer. */
const MAX_LENGTH = 2000

/**
 * @param {ArrayLike<unknown>} args
 * @param {number} maxCells
 * @returns {number} cells of the key; 0 when the call has to go the long way
 */
export function writePrimitives(args, maxCells) {
  const count = args.length
  if (count > MAX_ARGUMENTS) return 0
  sink.open()
  sink.head(CALL, count)
  for (let i = 0; i < count; i++) {
    const argument = args[i]
    if (typeof argument === 'number') sink.number(argument)
    else if (typeof argument === 'string' && argument.length <= MAX_LENGTH) sink.string(argument)
    else if (typeof argument === 'boolean') sink.head(argument ? TRUE : FALSE, 0)
    else if (argument === undefined) sink.head(UNDEFINED, 0)
    else if (argument === null) sink.head(NULL, 0)
    else return 0
  }
  const cells = sink.written()
  return cells <= maxCells ? cells : 0
}
