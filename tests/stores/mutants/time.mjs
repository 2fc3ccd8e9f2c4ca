import { of } from './make.mjs'

/** @type {import('./make.mjs').Mutant[]} */
export const timeMutants = [
  of(
    'never expires',
    ['expired is', 'after a restart the last', 'what is set expired'],
    Base =>
      class extends Base {
        isLive = () => true
      },
  ),
  of(
    'loses deadlines',
    ['a ttl counts', 'an entry comes back'],
    Base =>
      class extends Base {
        isLive = () => true
        entryOf(row) {
          return { ...super.entryOf(row), deadline: Infinity, ttl: Infinity }
        }
      },
  ),
  of(
    'expires a millisecond late',
    ['expired is'],
    Base =>
      class extends Base {
        isLive = (row, now) => now <= row.deadline
      },
  ),
  of(
    'expires a second early',
    ['expired is'],
    Base =>
      class extends Base {
        isLive = (row, now) => now < row.deadline - 1000
      },
  ),
  of(
    'has deadlines of 32 bits',
    ['ttls beyond'],
    Base =>
      class extends Base {
        isLive = (row, now) => now - row.storedAt < Math.min(row.ttl, 2 ** 31 - 1)
      },
  ),
  of(
    'ignores what is set expired',
    ['what is set expired', 'after a restart the last'],
    Base =>
      class extends Base {
        set(key, entry) {
          if (entry.deadline > Date.now()) super.set(key, entry)
        }
      },
  ),
  of(
    'takes a ttl of 0 for none',
    ['what is set expired'],
    Base =>
      class extends Base {
        isLive = (row, now) => row.ttl === 0 || super.isLive(row, now)
      },
  ),
  of(
    'believes any clock',
    ['a wrong clock'],
    Base =>
      class extends Base {
        clamp() {}
      },
  ),
  of(
    'prolongs a life by reading',
    ['a wrong clock'],
    Base =>
      class extends Base {
        clamp() {}
        entryOf(row) {
          return { ...super.entryOf(row), deadline: Math.min(row.deadline, Date.now() + row.ttl) }
        }
      },
  ),
]
