import { flushing, of } from './make.mjs'

/** @type {import('./make.mjs').Mutant[]} */
export const tagMutants = [
  flushing(
    'knows tags of the flushed only',
    ['invalidateTags() takes'],
    Base =>
      class extends Base {
        invalidateTags(namespace, matches) {
          for (const [id, row] of this.rows) {
            const goes = row.namespace === namespace && !this.fresh.has(id) && row.tags.some(matches)
            if (goes) this.rows.delete(id)
          }
        }
      },
  ),
  of(
    'clears by any tag',
    ['invalidateTags() takes', 'after a restart entries'],
    Base =>
      class extends Base {
        invalidateTags(namespace) {
          this.clear(namespace)
        }
      },
  ),
  of(
    'deletes tags a while later',
    ['what is set after invalidateTags()'],
    Base =>
      class extends Base {
        later = []
        invalidateTags(namespace, matches) {
          this.later.push([namespace, matches])
          super.invalidateTags(namespace, matches)
        }
        async flush() {
          for (const args of this.later.splice(0)) super.invalidateTags(...args)
        }
      },
  ),
  of(
    'knows no tags of what came after a clear() before its time',
    ['after a restart entries that were set after clear()'],
    Base =>
      class extends Base {
        isCleared = false
        clear(namespace) {
          this.isCleared = true
          super.clear(namespace)
        }
        set(key, entry) {
          super.set(key, entry)
          const row = this.rows.get(this.idOf(key))
          if (row) row.isAfter = this.isCleared
        }
        invalidateTags(namespace, matches) {
          for (const [id, row] of this.rows) {
            const isKnown = !row.isAfter || this.isCleared
            if (isKnown && this.isIn(row, namespace) && row.tags.some(matches)) this.rows.delete(id)
          }
        }
      },
  ),
  of(
    'keeps old tags',
    ['a value that is replaced'],
    Base =>
      class extends Base {
        set(key, entry) {
          const old = this.rows.get(this.idOf(key))?.tags ?? []
          super.set(key, { ...entry, tags: [...(entry.tags ?? []), ...old] })
        }
      },
  ),
]
