import { of } from './make.mjs'

/** @type {import('./make.mjs').Mutant[]} */
export const keyMutants = [
  of(
    'trusts the digest',
    ['the digest selects', 'after a restart everything'],
    Base =>
      class extends Base {
        isOwn = () => true
      },
  ),
  of(
    'compares the lengths of keys only',
    ['the digest selects'],
    Base =>
      class extends Base {
        isOwn = (row, key) => row.bytes.length === key.bytes.length
      },
  ),
  of(
    'compares beginnings of keys only',
    ['the digest selects'],
    Base =>
      class extends Base {
        isOwn = (row, { bytes }) => row.bytes.every((byte, i) => i >= bytes.length || byte === bytes[i])
      },
  ),
  of(
    'keeps the key’s buffer',
    ['the key’s bytes are copied'],
    Base =>
      class extends Base {
        copy = bytes => bytes
      },
  ),
  of(
    'reads digests as numbers',
    ['keys of any digest'],
    Base =>
      class extends Base {
        idOf = ({ digest, namespace }) => `${Number(`0x${digest}`)}${namespace}`
      },
  ),
  of(
    'cannot hold long keys',
    ['keys of any digest'],
    Base =>
      class extends Base {
        set(key, entry) {
          if (key.bytes.length < 10_000) super.set(key, entry)
        }
      },
  ),
  of(
    'has no namespaces',
    ['namespaces are apart', 'clear() takes'],
    Base =>
      class extends Base {
        idOf = ({ digest }) => digest
      },
  ),
  of(
    'has namespaces of any case',
    ['namespaces are apart'],
    Base =>
      class extends Base {
        idOf = ({ digest, namespace }) => digest + namespace.toLowerCase()
      },
  ),
  of(
    'clears by the beginnings of names',
    ['namespaces are apart'],
    Base =>
      class extends Base {
        isIn = (row, namespace) => row.namespace.startsWith(namespace.slice(0, namespace.indexOf('\0')))
      },
  ),
  of(
    'normalises names',
    ['namespaces are apart'],
    Base =>
      class extends Base {
        idOf = ({ digest, namespace }) => digest + namespace.normalize('NFC')
      },
  ),
]
