/** What a value goes by: its tags, and the prefix that the plans use. */
const tagsOf = (key, version) => [key, 'all', `v${version}`, `${key}*`]

/**
 * A naive twin of one wrapped function: Maps, and the contract's sentences one after the other. It has no slots, generations or promises. What a
 * step does at once happens at once; what waits for promises is queued, and happens when these get on.
 *
 * @typedef {object} Entry
 * @property {number} version
 * @property {number} until when it expires
 *
 * @typedef {object} Flight a load that callers may join while it is the one of its key
 * @property {string} key
 * @property {any} load
 * @property {number} began the version of the tags then
 * @property {any[]} members everybody who ever waited for it
 * @property {Set<any>} present those who may leave and have not
 * @property {boolean} stays someone waits who cannot leave, or nobody needs to
 * @property {number} late when callers who have an old value get it
 * @property {Entry | undefined} old what may stand in
 * @property {boolean} stoodIn it did, because the load takes too long
 */
export class Model {
  now = 0
  versions = 0
  /** @type {Map<string, Entry>} */
  entries = new Map()
  /** @type {Map<string, Flight>} */
  flights = new Map()
  /** Those no longer the ones of their keys too. @type {Flight[]} */
  all = []
  /** Behind the memory. @type {Map<string, Entry>} */
  stored = new Map()
  /** @type {any[]} */
  loads = []
  /** @type {any[]} */
  callers = []
  /** @type {(() => void)[]} */
  soon = []
  /** @type {(() => void)[]} */
  later = []
  /** @type {(() => void)[]} */
  reads = []
  aborted = new Set()
  failing = false
  counts = { hits: 0, misses: 0, stale: 0, coalesced: 0 }
  errors = 0
  /** Entries that came in. */
  kept = 0
  tagVersion = 0
  /** @type {Map<string, number>} */
  tags = new Map()

  /** @param {any} plan */
  constructor({ options, prefill = [] }) {
    const { ttl = Infinity, staleWhileRevalidate = 0, staleIfError = 0, timeout = Infinity } = options
    this.options = options
    Object.assign(this, { ttl, timeout, revalidate: staleWhileRevalidate, ifError: staleIfError })
    this.grace = Math.max(staleWhileRevalidate, staleIfError) || (timeout < Infinity ? 3_600_000 : 0)
    for (const key of prefill) this.stored.set(key, { version: 0, until: ttl })
  }

  take(step) {
    this[`do_${step.do}`](step)
  }

  /** Promises get on: loads first, then what comes of them. */
  settle() {
    while (this.soon.length + this.later.length > 0) (this.soon.shift() ?? this.later.shift())()
  }

  /** What expired for good may be there until something comes in its place; it answers nothing. */
  entry(key) {
    const entry = this.entries.get(key)
    return entry && this.now < entry.until + this.grace ? entry : undefined
  }

  isFresh(entry) {
    return this.now < entry.until
  }

  serves(entry) {
    return this.now < entry.until + this.revalidate
  }

  do_call({ key, signal, ignores = false }) {
    const caller = { key, signal, ignores, state: 'open' }
    this.callers.push(caller)
    this.answer(caller)
  }

  answer(caller) {
    const { key } = caller
    const entry = this.entry(key)
    const flight = this.flights.get(key)
    if (entry && this.serves(entry)) {
      this.counts[this.isFresh(entry) ? 'hits' : 'stale']++
      if (!this.isFresh(entry) && !flight) this.revalidateSoon(key, caller)
      caller.state = `value ${entry.version}`
    } else if (flight && !this.isQueued(flight)) this.join(caller, flight, entry)
    else this.miss(caller, entry)
  }

  /** It has not begun, and nobody waits for it. */
  isQueued(flight) {
    return this.options.isSync && flight.load === undefined
  }

  miss(caller, entry) {
    const { key } = caller
    this.counts.misses++
    caller.counted = 'misses'
    if (entry === undefined) this.entries.delete(key)
    if (this.leavesAtOnce(caller)) return
    const flight = this.fly(key)
    if (entry) this.guard(flight, entry)
    this.wait(caller, flight)
    if (entry || !this.options.store) return this.load(flight)
    const stored = this.stored.get(key)
    const found = stored && this.now < stored.until ? stored : undefined
    if (this.options.store === 'slow')
      this.reads.push(() => this.soon.push(() => this.hasRead(flight, found)))
    else if (found) this.hasRead(flight, found)
    else this.soon.push(() => this.hasRead(flight, undefined))
  }

  hasRead(flight, found) {
    if (flight.isAbandoned) return
    if (found === undefined || !(this.now < found.until)) return this.load(flight)
    this.keep(flight, found.version, found.until)
    this.deliver(flight, found.version)
  }

  join(caller, flight, entry) {
    const isShared = this.options.singleFlight !== false || flight.old !== undefined || entry !== undefined
    if (this.options.isSync || !isShared) {
      this.counts.misses++
      if (this.leavesAtOnce(caller)) return
      const own = { key: caller.key, isApart: true, members: [], present: new Set() }
      this.all.push(own)
      this.wait(caller, own)
      return this.load(own)
    }
    this.counts.coalesced++
    caller.counted = 'coalesced'
    if (this.leavesAtOnce(caller)) return
    if (entry) this.guard(flight, entry)
    this.wait(caller, flight)
    if (flight.stoodIn) this.standIn(caller, flight)
  }

  do_refresh({ key, signal, ignores = false }) {
    const caller = { key, signal, ignores, state: 'open', isRefresher: true }
    this.callers.push(caller)
    if (this.leavesAtOnce(caller)) return
    if (this.entry(key) === undefined) this.entries.delete(key)
    const flight = this.fly(key)
    this.wait(caller, flight)
    this.load(flight)
  }

  leavesAtOnce(caller) {
    if (this.options.isSync || !this.aborted.has(caller.signal)) return false
    caller.state = `left by ${caller.signal}`
    return true
  }

  /** @returns {Flight} */
  fly(key) {
    const began = this.tagVersion
    const flight = {
      key,
      began,
      members: [],
      present: new Set(),
      stays: false,
      late: Infinity,
      old: undefined,
    }
    this.flights.set(key, flight)
    this.all.push(flight)
    return flight
  }

  revalidateSoon(key, { signal }) {
    const flight = this.fly(key)
    flight.stays = true
    flight.hasSignal = signal !== undefined
    if (!this.options.isSync) this.load(flight)
    else this.soon.push(() => this.flights.get(key) === flight && this.load(flight))
  }

  /** From now on an old value may stand in. */
  guard(flight, entry) {
    if (flight.old !== undefined) return
    flight.old = entry
    flight.late = this.now + this.timeout
  }

  wait(caller, flight) {
    caller.joined = this.tagVersion
    flight.members.push(caller)
    if (caller.signal === undefined) flight.stays = true
    else flight.present.add(caller)
    if (flight.load === undefined && caller.signal !== undefined) flight.hasSignal = true
  }

  load(flight) {
    const { key, hasSignal } = flight
    const load = { key, version: ++this.versions, flight, hasSignal, isOver: false, isAborted: false }
    flight.load = load
    this.loads.push(load)
    if (!this.options.isSync) return
    load.isOver = true
    this.ended(load, !this.failing)
  }

  ended({ flight, version }, isOk) {
    if (!isOk) this.errors++
    if (flight.isApart) {
      for (const caller of flight.members) {
        if (caller.state === 'open') caller.state = `${isOk ? 'value' : 'error'} ${version}`
      }
      return
    }
    if (isOk) {
      this.keep(flight, version, this.now + this.ttl)
      return this.deliver(flight, version)
    }
    const stands = this.mayStandIn(flight) && this.now < flight.old.until + this.ifError
    flight.isEnded = true
    if (this.isCurrent(flight)) this.flights.delete(flight.key)
    for (const caller of flight.members) {
      if (stands && !caller.isRefresher) this.standIn(caller, flight)
      else if (caller.state === 'open') caller.state = `error ${version}`
    }
  }

  /** The old value is there, whether or not a later load is to replace it. */
  mayStandIn(flight) {
    if (flight.isEnded || flight.isAbandoned || flight.old === undefined) return false
    return this.entry(flight.key) === flight.old
  }

  isCurrent(flight) {
    return this.flights.get(flight.key) === flight
  }

  keep(flight, version, until) {
    flight.isEnded = true
    flight.isOutdated = this.wasTagged(flight.key, version, flight.began)
    if (!this.isCurrent(flight)) return
    this.flights.delete(flight.key)
    this.entries.delete(flight.key)
    if (flight.isOutdated || !(this.now < until)) return
    this.put(flight.key, version, until)
  }

  put(key, version, until) {
    if (this.options.maxEntries !== 0) {
      this.entries.set(key, { version, until })
      this.kept++
    }
    this.stored.set(key, { version, until })
  }

  deliver(flight, version) {
    for (const caller of flight.members) {
      if (caller.state !== 'open') continue
      // A tag was invalidated after the load began, and then he called.
      if (flight.isOutdated && caller.joined > flight.began) {
        this.counts.coalesced--
        this.later.push(() => this.answer(caller))
      } else caller.state = `value ${version}`
    }
  }

  /** How the load was answered counts for its first caller also when he has left. */
  standIn(caller, flight) {
    if (caller.isRefresher || caller.stood) return
    if (caller.state !== 'open' && caller.counted === 'coalesced') return
    caller.stood = true
    this.counts[caller.counted]--
    this.counts.stale++
    if (caller.state === 'open') caller.state = `value ${flight.old.version}`
  }

  wasTagged(key, version, since) {
    if (!this.options.tags) return false
    return tagsOf(key, version).some(tag => (this.tags.get(tag) ?? 0) > since)
  }

  do_invalidate({ key }) {
    this.entries.delete(key)
    this.flights.delete(key)
    this.stored.delete(key)
  }

  do_invalidateIf({ key }) {
    this.flights.clear()
    this.entries.delete(key)
    this.stored.clear()
  }

  do_tag({ name }) {
    this.tags.set(name, ++this.tagVersion)
    for (const known of [this.entries, this.stored]) {
      for (const [key, { version }] of known) {
        if (!tagsOf(key, version).includes(name)) continue
        if (known === this.entries) this.flights.delete(key)
        known.delete(key)
      }
    }
  }

  do_set({ key }) {
    this.flights.delete(key)
    this.entries.delete(key)
    const version = ++this.versions
    if (this.ttl > 0) this.put(key, version, this.now + this.ttl)
  }

  do_clear() {
    for (const known of [this.entries, this.flights, this.stored]) known.clear()
  }

  do_abort({ signal }) {
    if (this.aborted.has(signal)) return
    this.aborted.add(signal)
    for (const caller of this.callers) {
      if (caller.state !== 'open' || caller.signal !== signal) continue
      caller.state = `left by ${signal}`
      for (const flight of this.all) {
        if (flight.present.delete(caller) && !flight.stays && flight.present.size === 0) this.abandon(flight)
      }
    }
  }

  /** The last caller has left. What was there stays. */
  abandon(flight) {
    flight.isAbandoned = true
    if (this.isCurrent(flight)) this.flights.delete(flight.key)
    const { load } = flight
    if (load === undefined) return
    load.isAborted = load.hasSignal === true
    if (this.options.listens && !load.isOver) this.end(load, false)
  }

  do_pass({ milliseconds }) {
    this.now += milliseconds
    for (const flight of this.all) {
      if (this.now >= flight.late) this.later.push(() => this.takesTooLong(flight))
    }
  }

  takesTooLong(flight) {
    if (!this.mayStandIn(flight) || flight.stoodIn) return
    flight.stoodIn = true
    flight.stays = true
    for (const caller of flight.members) this.standIn(caller, flight)
  }

  do_end({ ok, which, key }) {
    const running = this.loads.filter(load => !load.isOver && (key ?? load.key) === load.key)
    this.end(which === 'newest' ? running.at(-1) : running[0], ok)
  }

  end(load, isOk) {
    load.isOver = true
    this.soon.push(() => this.ended(load, isOk))
  }

  do_read() {
    this.reads.shift()()
  }

  do_fails({ is }) {
    this.failing = is
  }

  do_tick() {}

  /** The real function says that it evicted a value, which it may when there are too many. @returns {boolean} whether there were */
  evicted({ key, version }) {
    if (this.entries.get(key)?.version !== version) return false
    this.entries.delete(key)
    return true
  }
}
