import * as kinds from './kinds.js'
import * as sink from './sink.js'
import * as tag from './tags.js'
import { writeExtra, writeIdentity, writeItem, writers, writeValue } from './walk.js'

/**
 * The builtin objects that count by value. Each is first read through its intrinsic getters, which throw for an object that only poses as one;
 * that one counts by identity.
 */

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
    sink.head(tag.MAP, entries.length)
    for (const [key, item] of entries) {
      writeItem(key)
      writeItem(item)
    }
    writeExtra(value)
  },
)

builtin(
  kinds.SET,
  value => [.../** @type {Iterable<unknown>} */ (kinds.setValues.call(value))],
  (members, value) => {
    sink.head(tag.SET, members.length)
    for (const member of members) writeItem(member)
    writeExtra(value)
  },
)

builtin(
  kinds.DATE,
  value => /** @type {number} */ (kinds.dateTime.call(value)),
  (time, value) => {
    sink.head(tag.DATE, 0)
    sink.float(time)
    writeExtra(value)
  },
)

builtin(kinds.REGEXP, kinds.regexpParts, ([source, flags], value) => {
  sink.head(tag.REGEXP, 0)
  sink.string(source)
  sink.string(flags)
  writeExtra(value)
})

builtin(kinds.BOXED, kinds.unbox, (primitive, value) => {
  sink.head(tag.BOXED, 0)
  writeValue(primitive)
  writeExtra(value, typeof primitive === 'string' ? primitive.length : 0)
})

builtin(kinds.BYTES, kinds.viewedBytes, ({ kind, bytes }) => {
  sink.head(tag.BYTES, kind)
  sink.float(bytes.length)
  sink.bytes(bytes)
})

builtin(kinds.TEXT, kinds.textOf, ({ kind, text }, value) => {
  sink.head(tag.TEXT, kind)
  sink.string(text)
  writeExtra(value)
})

builtin(
  kinds.ERROR,
  (value, name) => {
    if (!kinds.isError(value)) throw new TypeError('not an Error')
    return name
  },
  (name, value) => {
    sink.head(tag.ERROR, 0)
    sink.string(name)
    for (const field of ['message', 'cause', 'errors']) {
      if (Object.hasOwn(value, field)) writeItem(value[field])
      else nothing()
    }
    writeExtra(value)
  },
)
