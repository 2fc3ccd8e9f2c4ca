import { flushing, of } from './make.mjs'

/** @type {import('./make.mjs').Mutant[]} */
export const contractMutants = [
  of(
    'has no stats',
    ['has the methods'],
    Base =>
      class extends Base {
        stats = undefined
      },
  ),
  of(
    'is never ready',
    ['has the methods'],
    Base =>
      class extends Base {
        ready = undefined
      },
  ),
  of(
    'cannot be read at once, though it says so',
    ['has the methods'],
    Base =>
      class extends Base {
        getSync = undefined
      },
  ),
  of(
    'counts nothing',
    ['stats are numbers'],
    Base =>
      class extends Base {
        stats = () => ({ hits: 0, misses: 0, sets: 0 })
      },
  ),
  of(
    'counts in texts',
    ['stats are numbers'],
    Base =>
      class extends Base {
        stats = () => ({ ...this.counters, size: '5' })
      },
  ),
  of(
    'lets a listener break it',
    ['on() gives'],
    Base =>
      class extends Base {
        emit(name, event) {
          for (const listener of this.listeners.get(name) ?? []) listener(event)
        }
      },
  ),
  of(
    'never forgets a listener',
    ['on() gives'],
    Base =>
      class extends Base {
        on(name, listener) {
          super.on(name, listener)
          return () => {}
        }
      },
  ),
  of(
    'says null for a miss',
    ['what was never set'],
    Base =>
      class extends Base {
        getSync = key => super.getSync(key) ?? null
      },
  ),
  of(
    'shows a value only when it is flushed',
    ['what is set is there at once'],
    Base =>
      class extends Base {
        waiting = []
        set(key, entry) {
          this.waiting.push([key, entry])
        }
        async flush() {
          for (const [key, entry] of this.waiting.splice(0)) super.set(key, entry)
        }
      },
  ),
  of(
    'can be read once',
    ['what is set is there at once', 'many readers'],
    Base =>
      class extends Base {
        getSync(key) {
          const entry = super.getSync(key)
          this.delete(key)
          return entry
        }
      },
  ),
  of(
    'forgets when something was stored',
    ['an entry comes back', 'after a restart everything'],
    Base =>
      class extends Base {
        entryOf = row => ({ ...super.entryOf(row), storedAt: 0 })
      },
  ),
  of(
    'forgets that it was a promise',
    ['an entry comes back', 'after a restart everything'],
    Base =>
      class extends Base {
        entryOf = row => ({ ...super.entryOf(row), isAsync: false })
      },
  ),
  of(
    'hands out its own rows',
    ['the entry is'],
    Base =>
      class extends Base {
        entryOf(row) {
          row.value ??= super.entryOf(row).value
          return row
        }
      },
  ),
  of(
    'keeps the first value',
    ['of two values', 'sets, deletes'],
    Base =>
      class extends Base {
        set(key, entry) {
          if (!this.rows.has(this.idOf(key))) super.set(key, entry)
        }
      },
  ),
  flushing(
    'deletes only what is old',
    ['what is deleted'],
    Base =>
      class extends Base {
        delete(key) {
          if (!this.fresh.has(this.idOf(key))) super.delete(key)
        }
      },
  ),
  of(
    'throws at deleting nothing',
    ['what is deleted'],
    Base =>
      class extends Base {
        delete(key) {
          if (!this.rows.has(this.idOf(key))) throw new Error('nothing to delete')
          super.delete(key)
        }
      },
  ),
  of(
    'clears everything',
    ['clear() takes', 'namespaces are apart'],
    Base =>
      class extends Base {
        clear() {
          this.rows.clear()
        }
      },
  ),
  of(
    'clears nothing',
    ['clear() takes', 'invalidate() and clear()', 'sets, deletes'],
    Base =>
      class extends Base {
        clear() {}
      },
  ),
  of(
    'clears for ever',
    ['clear() takes', 'after a restart what was set after clear()'],
    Base =>
      class extends Base {
        cleared = new Set()
        clear(namespace) {
          super.clear(namespace)
          this.cleared.add(namespace)
        }
        set(key, entry) {
          if (!this.cleared.has(key.namespace)) super.set(key, entry)
        }
      },
  ),
  of(
    'never ends flushing',
    ['flush() and close()'],
    Base =>
      class extends Base {
        flush = () => new Promise(() => {})
      },
  ),
  of(
    'is closed once only',
    ['flush() and close()'],
    Base =>
      class extends Base {
        async close() {
          if (this.closed) throw new Error('closed already')
          this.closed = true
        }
      },
  ),
  of(
    'throws when it is closed',
    ['a store that is closed'],
    Base =>
      class extends Base {
        async close() {
          this.closed = true
        }
        set(key, entry) {
          if (this.closed) throw new Error('closed')
          super.set(key, entry)
        }
      },
  ),
]
