import * as kinds from './kinds.js'
import * as sink from './sink.js'
import * as tag from './tags.js'
import { writeExtra, writeIdentity, writeItem, writers, writeValue } from './walk.js'

/**
 * The builtin objects that count by value. Each is first read through its intrinsic getters, which throw for an object that only poses as one;
 * that one counts by identity.
 */

/** What an error is written with, enumerable or not. */
const FIELDS = ['message', 'cause', 'errors']

/** A place where nothing is: no own `cause`, no own `message`. */
const nothing = () => sink.head(tag.HOLES, 1)

/**
 * @template T
 * @param {number} kind
 * @param {(value: any, name: string) => T} read
 * @param {(content: T, value: any) => void} write
 */
function builtin(kind, read, write) {
  writers[kind] = (value, name) => {
    let content
    try {
      content = read(value, name)
    } catch {
      return writeIdentity(value)
    }
    write(content, value)
  }
}

builtin(
  kinds.MAP,
  // The entries are taken at once: user code met on the way must not change how many there are.
  value => [.../** @type {Iterable<[unknown, unknown]>} */ (kinds.mapEntries.call(value))],
  (entries, value) => {
    writeExtra(value)
    sink.head(tag.MAP, entries.length)
    for (const [key, item] of entries) {
      writeItem(key)
      writeItem(item)
    }
  },
)

builtin(
  kinds.SET,
  value => [.../** @type {Iterable<unknown>} */ (kinds.setValues.call(value))],
  (members, value) => {
    writeExtra(value)
    sink.head(tag.SET, members.length)
    for (const member of members) writeItem(member)
  },
)

builtin(
  kinds.DATE,
  value => /** @type {number} */ (kinds.dateTime.call(value)),
  (time, value) => {
    writeExtra(value)
    sink.head(tag.DATE, 0)
    sink.float(time)
  },
)

builtin(kinds.REGEXP, kinds.regexpParts, ([source, flags], value) => {
  writeExtra(value)
  sink.head(tag.REGEXP, 0)
  sink.string(source)
  sink.string(flags)
})

builtin(kinds.BOXED, kinds.unbox, (primitive, value) => {
  // A boxed string lists its units as names.
  writeExtra(value, Object.keys(value).slice(typeof primitive === 'string' ? primitive.length : 0))
  sink.head(tag.BOXED, 0)
  writeValue(primitive)
})

builtin(kinds.BYTES, kinds.viewedBytes, ({ kind, bytes }) => {
  sink.head(tag.BYTES, kind)
  sink.float(bytes.length)
  sink.bytes(bytes)
})

builtin(kinds.TEXT, kinds.textOf, ({ kind, text }, value) => {
  writeExtra(value)
  sink.head(tag.TEXT, kind)
  sink.string(text)
})

builtin(
  kinds.ERROR,
  (value, name) => {
    if (!kinds.isError(value)) throw new TypeError('not an Error')
    return name
  },
  (name, value) => {
    writeExtra(value, Object.keys(value), field => FIELDS.includes(field))
    sink.head(tag.ERROR, 0)
    sink.string(name)
    for (const field of FIELDS) {
      if (Object.hasOwn(value, field)) writeItem(value[field])
      else nothing()
    }
  },
)
