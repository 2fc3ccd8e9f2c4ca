/** The keys that the cases use. Each function gives the key of a number; two calls with one number build equal keys. */
export const KEYS = 1000

/** @param {number} i @returns {string} 17 characters */
export const name17 = i => `user:${String(i * 7919 + 10 ** 11).padStart(12, '0')}`
/** @param {number} i several digits */
export const id = i => i * 7919 + 104_729
/** @param {number} i */
export const fraction = i => (i * 7919 + 1) / 1009
/** @param {number} i */
export const small = i => ({ id: id(i), name: `user ${i}`, opts: { a: i % 10, b: 'wide' } })
/** @param {number} i */
export const options = i => ({
  limit: 50,
  offset: i * 50,
  order: 'name',
  descending: i % 2 === 0,
  filter: { from: `2024-01-${i}`, active: true },
  fields: 'all',
})
/** @param {number} i */
export const numbers = i => Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? i + n : (i + n) / 7))

/** @param {number} i @param {number} records of about 125 bytes of JSON each */
const nested = (i, records) => ({
  page: i,
  records: Array.from({ length: records }, (_, n) => ({
    id: i * 1000 + n,
    name: `record ${n} of ${i}`,
    price: n * 1.25,
    tags: ['new', 'sale'],
    active: n % 3 === 0,
    owner: { id: n, email: `user${n}@example.org` },
  })),
})
/** @param {number} i */
export const json1k = i => nested(i, 7)
/** @param {number} i */
export const json10k = i => nested(i, 72)

/** @template T @param {(i: number) => T} make @param {number} [count] @returns {T[]} */
export const many = (make, count = KEYS) => Array.from({ length: count }, (_, i) => make(i))
