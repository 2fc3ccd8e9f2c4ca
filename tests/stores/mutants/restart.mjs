import { of } from './make.mjs'

/** @type {import('./make.mjs').Mutant[]} */
export const restartMutants = [
  of(
    'keeps nothing',
    ['after a restart everything', 'close() flushes', 'a function that is wrapped anew'],
    Base =>
      class extends Base {
        rows = new Map()
      },
  ),
  of(
    'writes at flush() only',
    ['close() flushes'],
    Base =>
      class extends Base {
        durable = this.rows
        rows = new Map(this.durable)
        async flush() {
          this.durable.clear()
          for (const [id, row] of this.rows) this.durable.set(id, row)
        }
      },
  ),
  of(
    'writes sets only',
    [
      'after a restart the last',
      'after a restart what was set after',
      'sets, deletes',
      'after a restart entries',
    ],
    Base =>
      class extends Base {
        durable = this.rows
        rows = new Map(this.durable)
        set(key, entry) {
          super.set(key, entry)
          const row = this.rows.get(this.idOf(key))
          if (row) this.durable.set(this.idOf(key), row)
        }
      },
  ),
  of(
    'loses every hundredth write',
    ['a thousand keys'],
    Base =>
      class extends Base {
        count = 0
        set(key, entry) {
          if (++this.count % 100 > 0) super.set(key, entry)
        }
      },
  ),
  of(
    'does not hear of what is deleted',
    ['invalidate() and clear()', 'what is deleted'],
    Base =>
      class extends Base {
        delete() {}
      },
  ),
  of(
    'reads what was there a moment ago',
    ['a read among writes'],
    Base =>
      class extends Base {
        before = new Map()
        set(key, entry) {
          this.before.set(this.idOf(key), super.getSync(key))
          super.set(key, entry)
        }
        async get(key) {
          const old = this.before.get(this.idOf(key))
          return old ?? super.getSync(key)
        }
      },
  ),
  of(
    'gives the second reader of the same tick nothing',
    ['many readers'],
    Base =>
      class extends Base {
        reading = new Set()
        getSync(key) {
          const id = this.idOf(key)
          if (this.reading.has(id)) return undefined
          this.reading.add(id)
          queueMicrotask(() => this.reading.delete(id))
          return super.getSync(key)
        }
      },
  ),
]
