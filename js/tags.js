import { MimicTypeError, show } from './errors.js'

/**
 * Names under which entries can be invalidated together, over all functions of one `mime`. `'user:*'` stands for every tag that begins so.
 *
 * A load that began before an invalidation of one of its tags does not store; what came first is a matter of versions, not of clocks. Nothing
 * is looked at on a hit: an invalidation removes what it concerns at once.
 */

/** So many invalidations are remembered; a load that began before an older one does not store, whatever its tags. */
const MAX_REMEMBERED = 1000

export class TagRegistry {
  /** Counts invalidations. */
  version = 0
  /** The version of the last invalidation of each tag or prefix, oldest first. @type {Map<string, number>} */
  invalidated = new Map()
  /** Up to this version nothing is remembered. */
  forgotten = 0
  /** Who has entries with tags: removes those with such a tag, and says how many. @type {Set<WeakRef<{ invalidate(patterns: readonly string[]): number, announce?(): void }>>} */
  members = new Set()

  /**
   * @param {readonly unknown[]} patterns
   * @returns {number} entries that went
   */
  invalidate(patterns) {
    const checked = patterns.map(checkTag)
    this.note(checked)
    let count = 0
    const told = []
    for (const member of this.members) {
      const slots = member.deref()
      if (slots === undefined) this.members.delete(member)
      else {
        count += slots.invalidate(checked)
        told.push(slots)
      }
    }
    // Who is told may call: first it has gone from all functions.
    for (const slots of told) slots.announce?.()
    return count
  }

  /** From now on no load that began before stores a value with such a tag. @param {readonly string[]} checked */
  note(checked) {
    this.version++
    for (const pattern of checked) {
      this.invalidated.delete(pattern)
      this.invalidated.set(pattern, this.version)
    }
    for (const [pattern, version] of this.invalidated) {
      if (this.invalidated.size <= MAX_REMEMBERED) break
      this.invalidated.delete(pattern)
      this.forgotten = version
    }
  }

  /**
   * @param {readonly string[]} tags
   * @param {number} since a version
   * @returns {boolean} whether one of the tags was invalidated after it
   */
  wasInvalidated(tags, since) {
    if (since === this.version) return false
    if (since < this.forgotten) return true
    for (const [pattern, version] of this.invalidated) {
      if (version > since && tags.some(tag => matches(pattern, tag))) return true
    }
    return false
  }
}

/** The tags of one function's entries. */
export class TaggedSlots {
  /** @type {Map<string, Set<number>>} */
  slotsOf = new Map()
  /** @type {Map<number, readonly string[]>} */
  tagsOf = new Map()

  /**
   * @param {TagRegistry} registry
   * @param {(slots: Iterable<number>) => void} remove invalidates entries, of which nobody is told yet
   * @param {(patterns: readonly string[]) => void} persisted invalidates what only the store has
   * @param {() => void} announce tells of what went
   */
  constructor(registry, remove, persisted, announce) {
    this.registry = registry
    this.remove = remove
    this.persisted = persisted
    this.announce = announce
    const ref = new WeakRef(this)
    registry.members.add(ref)
    /** To be called when it is collected. */
    this.leave = () => registry.members.delete(ref)
  }

  /** @param {number} slot @param {readonly string[]} tags */
  set(slot, tags) {
    this.tagsOf.set(slot, tags)
    for (const tag of tags) {
      const slots = this.slotsOf.get(tag) ?? new Set()
      this.slotsOf.set(tag, slots.add(slot))
    }
  }

  /** The entry in a slot is gone. @param {number} slot */
  delete(slot) {
    for (const tag of this.tagsOf.get(slot) ?? []) {
      const slots = this.slotsOf.get(tag)
      slots?.delete(slot)
      if (slots?.size === 0) this.slotsOf.delete(tag)
    }
    this.tagsOf.delete(slot)
  }

  clear() {
    this.slotsOf.clear()
    this.tagsOf.clear()
  }

  /** @param {readonly string[]} patterns @returns {number} entries that went */
  invalidate(patterns) {
    const count = this.forget(patterns)
    this.persisted(patterns)
    return count
  }

  /** What the function holds goes. @param {readonly string[]} patterns @returns {number} entries that went */
  forget(patterns) {
    /** @type {Set<number>} */
    const concerned = new Set()
    for (const pattern of patterns) {
      const tags = pattern.endsWith('*')
        ? [...this.slotsOf.keys()].filter(tag => matches(pattern, tag))
        : [pattern]
      for (const tag of tags) for (const slot of this.slotsOf.get(tag) ?? []) concerned.add(slot)
    }
    this.remove(concerned)
    return concerned.size
  }
}

/** @param {string} pattern a tag, or a prefix and `*` @param {string} tag */
export function matches(pattern, tag) {
  return pattern === tag || (pattern.endsWith('*') && tag.startsWith(pattern.slice(0, -1)))
}

/** @param {unknown} tag @returns {string} */
export function checkTag(tag) {
  if (typeof tag !== 'string' || tag === '') {
    throw new MimicTypeError('ERR_INVALID_TAG', `a tag is a string that is not empty; got ${show(tag)}`)
  }
  return tag
}
