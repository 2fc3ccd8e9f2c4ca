import { BYTE_KINDS, IDENTITIES, KEYED, SELVES, TEXT_KINDS } from './build.mjs'

/** Recipes of calls, and calls that differ from another in one small thing. */

const value = v => ({ k: 'value', value: v })
const HOLE = { k: 'hole' }

const NUMBERS = [0, -0, 1, -1, 2, 10, 0.1, NaN, Infinity, -Infinity, 2 ** 31 - 1, 2 ** 31, -(2 ** 31)].concat(
  [-(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 5e-324, 1.5, 4294967296.5],
)
const BIGINTS = [0n, 1n, -1n, 10n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n)].concat(
  [-(2n ** 63n) - 1n, 2n ** 64n, 2n ** 64n + 1n, 16n ** 32n, -(16n ** 32n)],
)
const WORDS = ['', 'a', 'b', 'ab', 'abc', 'bc', 'c', '1', '0', 'null', 'undefined', 'NaN', 'true', '-0', '1n']
  .concat(['["a"]', '{}', '[object Object]', 'a,b', 'a|b', 'a:1,b', '__proto__', 'constructor', 'length'])
  .concat(['\0', 'a\0', '\0a', '\u0001', 'a\u0001b', '\ud800', '\udc00', '\ufffd', '\ud83d\ude00', 'é'])
  .concat([
    'e\u0301',
    '\u0100',
    '\u00ff',
    '\u0080',
    '\u007f',
    'abcdefgh',
    'abcdefg\u00e9',
    'toString',
    'then',
  ])
const SHORT = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 255, 256, 257]
const LONG = [
  2047, 2048, 2049, 8191, 8192, 8193, 16384, 16385, 65_000, 65_519, 65_520, 65_527, 65_528, 65_536,
].concat([65_544, 131_071, 131_072])
const UNITS = ['a', 'a', 'a', '\u007f', '\u0080', '\u00e9', '\u0100', '\ud800', '\udc00', '\0']
const DEPTHS = [1, 2, 31, 32, 33, 61, 62, 63, 64, 65, 66, 127, 128, 129, 130, 192, 193]
const ERRORS = ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError']

export class Cook {
  /**
   * @param {import('./random.mjs').Random} random
   * @param {boolean} heavy long strings, many properties, deep nesting
   */
  constructor(random, heavy) {
    this.random = random
    this.heavy = heavy
  }

  text() {
    const { random } = this
    if (!random.oneIn(this.heavy ? 4 : 6)) return random.pick(WORDS)
    const length = random.pick(this.heavy ? LONG : SHORT)
    const text = random.pick(UNITS).repeat(length)
    if (length < 1 || random.oneIn(2)) return text
    const at = random.pick([0, length - 1, length >> 1])
    return text.slice(0, at) + random.pick(UNITS) + text.slice(at + 1)
  }

  name() {
    const { random } = this
    if (random.oneIn(12)) return { name: random.pick(WORDS) }
    if (random.oneIn(24)) return { unique: 3 + random.int(3) }
    return random.oneIn(8) ? this.text() : random.pick(WORDS)
  }

  leaf() {
    const { random } = this
    const which = random.int(20)
    if (which < 5) return value(random.pick(NUMBERS))
    if (which < 11) return value(this.text())
    if (which < 13) return value(random.pick(BIGINTS))
    if (which < 17) return value(random.pick([undefined, null, true, false]))
    if (which === 17) return { k: 'registered', i: random.int(4) }
    if (which === 18) return { k: 'signal', i: random.int(2) }
    return { k: 'identity', i: random.int(IDENTITIES.length) }
  }

  pairs(level, most) {
    const { random } = this
    const seen = new Map()
    const count = this.heavy && random.oneIn(10) ? 30 + random.int(6) : random.int(most)
    for (let i = 0; i < count; i++) {
      const key = count >= 30 ? `p${i}` : this.name()
      seen.set(typeof key === 'string' ? `s${key}` : JSON.stringify(key), [key, this.node(level)])
    }
    return [...seen.values()]
  }

  extra(level) {
    if (!this.random.oneIn(8)) return undefined
    return this.pairs(level, 3).filter(
      ([key]) => key !== 'length' && key !== '__proto__' && key !== '0' && key !== '1',
    )
  }

  items(level, most) {
    return this.random.times(this.random.int(most), () => (this.random.oneIn(8) ? HOLE : this.node(level)))
  }

  /** @param {number} level how many more containers may be nested */
  node(level) {
    const { random } = this
    if (level <= 0 || random.oneIn(2)) return this.leaf()
    const next = level - 1
    switch (random.int(17)) {
      case 0:
      case 1:
      case 2:
        return { k: 'object', pairs: this.pairs(next, 5) }
      case 3:
      case 4:
      case 5:
        return {
          k: 'array',
          items: this.items(next, 5),
          extra: this.extra(next),
          short: random.oneIn(this.heavy ? 40 : 12)
            ? random.pick(this.heavy ? [1, 65_535, 65_536, 70_000] : [1, 2, 5])
            : 0,
        }
      case 6:
        return { k: 'twice', of: this.node(next) }
      case 7:
        return {
          k: 'map',
          entries: random.times(random.int(4), () => [this.node(next), this.node(next)]),
          extra: this.extra(next),
        }
      case 8:
        return {
          k: 'set',
          items: random.times(random.int(4), () => this.node(next)),
          extra: this.extra(next),
        }
      case 9:
        return { k: 'date', time: random.pick([0, 1, -1, NaN, 864e13]), extra: this.extra(next) }
      case 10:
        return {
          k: 'regexp',
          source: random.pick(['a', '', '/', 'a|b', '\\n', '\n']),
          flags: random.pick(['', 'g', 'i', 'gi', 'u', 'y']),
          extra: this.extra(next),
        }
      case 11:
        return {
          k: 'boxed',
          value: random.pick([...NUMBERS, ...WORDS, ...BIGINTS, true, false]),
          extra: this.extra(next)?.filter(([key]) => typeof key !== 'string' || !/^\d/.test(key)),
        }
      case 12: {
        const length = random.pick(this.heavy ? [0, 8, 2048, 8192, 65_528, 65_536] : [0, 8, 16])
        const bytes = new Uint8Array(length)
        if (length > 0 && random.oneIn(2)) bytes[random.int(length)] = random.pick([1, 128, 255])
        return { k: 'bytes', kind: random.pick(BYTE_KINDS), bytes }
      }
      case 13:
        return {
          k: 'text',
          kind: random.pick(TEXT_KINDS),
          text: random.pick(['', 'a', '?a=1', '#a']),
          extra: this.extra(next),
        }
      case 14:
        return {
          k: 'error',
          name: random.pick(ERRORS),
          message: random.pick([undefined, '', 'a', 'b']),
          cause: random.oneIn(2) ? this.node(next) : undefined,
          errors: random.oneIn(6) ? this.node(next) : undefined,
          extra: this.extra(next)?.filter(
            ([key]) => key !== 'message' && key !== 'cause' && key !== 'errors',
          ),
        }
      case 15:
        return { k: 'keyed', type: random.int(KEYED.length), content: this.node(next) }
      default:
        return random.oneIn(2)
          ? { k: 'up', n: random.int(4) }
          : { k: 'deep', n: this.heavy ? random.pick(DEPTHS) : 1 + random.int(4), of: this.deepEnd(next) }
    }
  }

  /** What stands at the end of a deep chain: now and then the way back to one of its containers. */
  deepEnd(level) {
    const { random } = this
    if (random.oneIn(3)) return this.node(level)
    return { k: 'up', n: random.pick([0, 1, 2, 30, 62, 63, 64, 65, 126, 127, 128]) }
  }

  call() {
    const { random } = this
    const self = random.oneIn(6) ? random.int(SELVES.length) : 0
    return { self, args: random.times(random.int(5), () => this.node(this.heavy ? 3 : 4)) }
  }
}
