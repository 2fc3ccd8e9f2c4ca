import * as kinds from './kinds.js'
import { state } from './nesting.js'
import { partsOf } from './request.js'
import * as sink from './sink.js'
import * as tag from './tags.js'
import { writeExtra, writeIdentity, writeItem, writers, writeValue } from './walk.js'

/**
 * The builtin objects that count by value. Each is first read through its intrinsic getters, which throw for an object that only poses as one;
 * that one counts by identity.
 */

const { apply } = Reflect
const { propertyIsEnumerable } = Object.prototype

/** What an error is written with, enumerable or not. */
const FIELDS = ['message', 'cause', 'errors']

/** What engines write on errors, hidden: where they were made. */
const PLACES = new Set([
  'stack',
  'sourceURL',
  'fileName',
  'lineNumber',
  'columnNumber',
  'line',
  'column',
  'originalLine',
  'originalColumn',
])
const { has } = Set.prototype

/** @param {string} name */
const isField = name => name === 'message' || name === 'cause' || name === 'errors'

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

builtin(kinds.MAP, kinds.mapEntries, (entries, value) => {
  writeExtra(value)
  sink.head(tag.MAP, entries.length / 2)
  for (let i = 0; i < entries.length; i++) writeItem(entries[i])
})

builtin(kinds.SET, kinds.setMembers, (members, value) => {
  writeExtra(value)
  sink.head(tag.SET, members.length)
  for (let i = 0; i < members.length; i++) writeItem(members[i])
})

builtin(kinds.DATE, kinds.timeOf, (time, value) => {
  writeExtra(value)
  sink.head(tag.DATE, 0)
  sink.float(time)
})

builtin(kinds.REGEXP, kinds.regexpParts, (parts, value) => {
  writeExtra(value)
  sink.head(tag.REGEXP, 0)
  sink.string(parts[0])
  sink.string(parts[1])
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

builtin(kinds.REQUEST, partsOf, ({ method, url, headers, settings, body }, value) => {
  if (body === undefined) {
    state.unread[state.unread.length] = value
    return writeIdentity(value)
  }
  // Its own signal counts no more than any other.
  state.signals = true
  writeExtra(value)
  sink.head(tag.REQUEST, body === null ? 0 : 1)
  sink.string(method)
  sink.string(url)
  sink.string(headers)
  sink.string(settings)
  if (body === null) return
  sink.float(body.length)
  sink.bytes(body)
})

builtin(
  kinds.ERROR,
  (value, name) => {
    if (!kinds.isError(value)) throw new TypeError('not an Error')
    return name
  },
  (name, value) => {
    // What is hidden, as a class hides the name it sets, is the error's own all the same.
    const isElse = (/** @type {string} */ name) =>
      isField(name) || (apply(has, PLACES, [name]) && !apply(propertyIsEnumerable, value, [name]))
    writeExtra(value, Object.getOwnPropertyNames(value), isElse)
    sink.head(tag.ERROR, 0)
    sink.string(name)
    for (let i = 0; i < FIELDS.length; i++) {
      if (Object.hasOwn(value, FIELDS[i])) writeItem(value[FIELDS[i]])
      else nothing()
    }
  },
)
