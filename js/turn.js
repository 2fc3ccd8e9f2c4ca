/** A later task, without a timer where it can be had: timers of a page wait for milliseconds once they are nested, and for a second where it is hidden. */

// Taken when the module loads: fake timers of a test are not to hold anything back.
const { setTimeout, MessageChannel } = globalThis
const isPage = 'document' in globalThis || 'importScripts' in globalThis

/** @type {(() => void)[]} */
const posted = []
/** @type {MessagePort | undefined} */
let port

/** Runs a job in a task of its own. @param {() => void} job */
export function post(job) {
  if (!isPage) return void setTimeout(job, 0)
  if (port === undefined) {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => posted.shift()?.()
    port = port2
  }
  posted.push(job)
  port.postMessage(0)
}

/** @returns {Promise<void>} another task has begun */
export function turn() {
  return new Promise(post)
}
