/** What an actor of a plan can do. */
export const call = (key = 'a', more = {}) => ({ do: 'call', key, ...more })
export const refresh = (key = 'a', more = {}) => ({ do: 'refresh', key, ...more })
export const invalidate = (key = 'a') => ({ do: 'invalidate', key })
export const invalidateIf = key => ({ do: 'invalidateIf', key })
export const tag = (name = 'a') => ({ do: 'tag', name })
export const set = (key = 'a') => ({ do: 'set', key })
export const clear = () => ({ do: 'clear' })
export const abort = (signal = 's') => ({ do: 'abort', signal })
export const pass = milliseconds => ({ do: 'pass', milliseconds })
/** The load that has run longest ends; `which: 'newest'`, the one that began last. */
export const resolve = (more = {}) => ({ do: 'end', ok: true, ...more })
export const reject = (more = {}) => ({ do: 'end', ok: false, ...more })
/** The slow store answers the oldest question. */
export const read = () => ({ do: 'read' })
/** A sync function throws from now on, or no longer. */
export const fails = is => ({ do: 'fails', is })
/** Promises get on, in plans where they do not after every step. */
export const tick = () => ({ do: 'tick' })
export const times = (count, step) => Array.from({ length: count }, () => step)
