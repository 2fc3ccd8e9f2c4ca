/**
 * The bytes of the value format, version 1. ARCHITECTURE.md describes what follows each of them.
 */

export const VERSION = 1

export const UNDEFINED = 1
export const NULL = 2
export const FALSE = 3
export const TRUE = 4
export const INT = 5
export const FLOAT = 6
export const BIGINT = 7
export const NEGATIVE_BIGINT = 8
export const LATIN1 = 9
export const UTF16 = 10
export const SYMBOL = 11
export const REF = 12
export const OBJECT = 16
export const OBJECT_AGAIN = 17
export const NULL_OBJECT = 18
export const NULL_OBJECT_AGAIN = 19
export const ARRAY = 20
export const SPARSE_ARRAY = 21
export const MAP = 22
export const SET = 23
export const DATE = 24
export const REGEXP = 25
export const BOXED = 26
export const BUFFER = 27
export const VIEW = 28
export const ERROR = 29
export const TEXT = 30
export const WITH_PROPERTIES = 31
export const REGISTERED = 32

/** A tag from here on is an integer from 0 to 63. */
export const SMALL_INT = 0x80
/** A tag from here on is a Latin-1 string of 0 to 63 units. */
export const SHORT_LATIN1 = 0xc0

/** Objects with more names are dictionaries: their list of names is neither numbered nor remembered. */
export const MAX_SHAPE_NAMES = 32
/** Only so many lists of names are numbered in one value. */
export const MAX_SHAPES = 256

/** Nesting that is walked by recursion; below it the walk keeps a stack of its own. */
export const MAX_RECURSION = 200

/** What can look at the bytes of an ArrayBuffer; its kind is its place plus one. */
export const VIEWS = [
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Buffer',
]

/** The builtin classes of errors; the kind is the place plus one. */
export const ERRORS = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
  'AggregateError',
  'SuppressedError',
  'DOMException',
]

/** What is kept as its text; the kind is the place plus one. */
export const TEXTS = ['URL', 'URLSearchParams', 'Headers']

/** Properties of an error that are not enumerable and yet are its content. */
export const HIDDEN = ['name', 'message', 'stack', 'cause', 'errors', 'error', 'suppressed']
