/**
 * Arguments as a person types them, read without eval: numbers, strings, booleans, null, undefined, NaN, Infinity, bigints, arrays,
 * objects, regular expressions, and `Date(…)`, `Map(…)`, `Set(…)`, `Uint8Array(…)` with or without `new`.
 */

const DEEPEST = 200

/** Says what was wrong, and where in the text. */
export class ReadError extends Error {
  /** @param {string} message @param {number} at */
  constructor(message, at) {
    super(message)
    this.at = at
  }
}

/** @type {Record<string, unknown>} */
const WORDS = {
  true: true,
  false: false,
  null: null,
  undefined: undefined,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
}

/** What may be written as a call. @type {Record<string, (args: any[]) => unknown>} */
const MAKERS = {
  Date: args =>
    new Date(
      ...(args.length === 0 ? [need(undefined, 'Date needs a time, such as Date("2026-08-01")')] : args),
    ),
  Map: ([pairs = []]) =>
    new Map(
      need(
        Array.isArray(pairs) && pairs.every(pair => Array.isArray(pair) && pair.length === 2)
          ? pairs
          : undefined,
        'Map takes an array of [key, value] pairs',
      ),
    ),
  Set: ([items = []]) => new Set(need(Array.isArray(items) ? items : undefined, 'Set takes an array')),
  Uint8Array: ([items = []]) =>
    Uint8Array.from(need(Array.isArray(items) ? items : undefined, 'Uint8Array takes an array')),
  Float64Array: ([items = []]) =>
    Float64Array.from(need(Array.isArray(items) ? items : undefined, 'Float64Array takes an array')),
}

/** @template T @param {T | undefined} value @param {string} message @returns {T} */
function need(value, message) {
  if (value === undefined) throw new TypeError(message)
  return value
}

/** @param {string} text @returns {any[]} the arguments */
export function parseArguments(text) {
  const reader = new Reader(text)
  const args = reader.items('', 0)
  reader.space()
  if (reader.at < text.length) reader.fail(`did not expect ${JSON.stringify(text[reader.at])} here`)
  return args
}

class Reader {
  at = 0

  /** @param {string} text */
  constructor(text) {
    this.text = text
  }

  /** @param {string} message @param {number} [at] @returns {never} */
  fail(message, at = this.at) {
    throw new ReadError(message, at)
  }

  space() {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++
  }

  /** What a sticky pattern matches here. @param {RegExp} pattern */
  match(pattern) {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found) this.at += found[0].length
    return found
  }

  /** @param {string} char */
  take(char) {
    this.space()
    if (this.text[this.at] !== char) return false
    this.at++
    return true
  }

  /** Values with commas between them, up to `end` or the end of the text. @param {string} end @param {number} depth */
  items(end, depth) {
    const items = []
    for (;;) {
      this.space()
      if (end === '' ? this.at >= this.text.length : this.take(end)) return items
      items.push(this.value(depth))
      if (this.take(',')) continue
      if (end === '') return items
      if (!this.take(end))
        this.fail(
          this.at < this.text.length ? `a comma or ${end} is missing here` : `${end} is missing at the end`,
        )
      return items
    }
  }

  /** @param {number} depth @returns {unknown} */
  value(depth) {
    if (depth > DEEPEST) this.fail('nested too deeply')
    this.space()
    const char = this.text[this.at]
    if (char === undefined) this.fail('a value is missing at the end')
    if (char === '"' || char === "'" || char === '`') return this.string(char)
    if (this.take('[')) return this.items(']', depth + 1)
    if (this.take('{')) return this.object(depth + 1)
    if (char === '/') return this.regExp()
    if (/[-+.\d]/.test(char)) return this.number()
    return this.word(depth)
  }

  /** @param {string} quote */
  string(quote) {
    const start = this.at++
    let text = ''
    for (;;) {
      const char = this.text[this.at]
      if (char === undefined || (char === '\n' && quote !== '`')) this.fail('this string does not end', start)
      this.at++
      if (char === quote) return text
      if (quote === '`' && char === '$' && this.text[this.at] === '{')
        this.fail('${…} would be code; write the value')
      text += char === '\\' ? this.escape() : char
    }
  }

  escape() {
    const hex = this.match(/u\{([\da-f]{1,6})\}|u([\da-f]{4})|x([\da-f]{2})/iy)
    if (hex) {
      const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3], 16)
      return code > 0x10ffff ? this.fail('there is no such character') : String.fromCodePoint(code)
    }
    const char = this.text[this.at++] ?? ''
    if (/[ux]/.test(char)) this.fail(`\\${char} needs hexadecimal digits`)
    return { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0', '\n': '' }[char] ?? char
  }

  number() {
    const start = this.at
    const found = this.match(
      /[-+]?(0x[\da-f]+|0b[01]+|0o[0-7]+|Infinity|(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?)(n?)(?![\w$])/iy,
    )
    if (!found) this.fail('this is no number')
    const [all, body, , exponent, big] = found
    const plain = body.replaceAll('_', '')
    const negative = all.startsWith('-')
    if (!big) return negative ? -Number(plain) : Number(plain)
    if (exponent || /[.I]/.test(plain)) this.fail('a bigint has no fraction', start)
    return negative ? -BigInt(plain) : BigInt(plain)
  }

  /** @param {number} depth */
  object(depth) {
    /** @type {Record<string, unknown>} */
    const object = {}
    for (;;) {
      if (this.take('}')) return object
      const key = this.key()
      if (!this.take(':')) this.fail('a colon is missing here')
      const value = this.value(depth)
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
      if (this.take(',')) continue
      if (!this.take('}'))
        this.fail(this.at < this.text.length ? 'a comma or } is missing here' : '} is missing at the end')
      return object
    }
  }

  key() {
    this.space()
    const char = this.text[this.at]
    if (char === '"' || char === "'") return this.string(char)
    const found = this.match(/[\p{L}_$][\p{L}\p{N}_$]*|\d+/uy)
    return found ? found[0] : this.fail('a property name is missing here')
  }

  regExp() {
    const start = this.at
    const found = this.match(/\/((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+)\/([a-z]*)/y)
    if (!found) this.fail('this regular expression does not end')
    try {
      return new RegExp(found[1], found[2])
    } catch (error) {
      this.fail(/** @type {Error} */ (error).message, start)
    }
  }

  /** @param {number} depth */
  word(depth) {
    const start = this.at
    this.match(/new\s+/y)
    const found = this.match(/[\p{L}_$][\p{L}\p{N}_$]*/uy)
    const name = found?.[0] ?? ''
    if (Object.hasOwn(MAKERS, name)) {
      if (!this.take('(')) this.fail(`${name} needs parentheses`)
      const args = this.items(')', depth + 1)
      try {
        return MAKERS[name](args)
      } catch (error) {
        this.fail(/** @type {Error} */ (error).message, start)
      }
    }
    if (Object.hasOwn(WORDS, name)) return WORDS[name]
    if (name === '') this.fail(`did not expect ${JSON.stringify(this.text[this.at])} here`)
    this.fail(`${name} is not a value; put quotes around a text`, start)
  }
}
