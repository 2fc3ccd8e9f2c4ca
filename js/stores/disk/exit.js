import process from 'node:process'

/** What still waits when the process or worker ends is written then. Nothing here keeps it alive. */

/** @type {Set<{ leave(): void }>} */
const waiting = new Set()
let isListening = false

/** @param {{ leave(): void }} store is asked to write what waits, before this returns, when the process ends */
export function writeAtExit(store) {
  waiting.add(store)
  if (isListening) return
  isListening = true
  process.on('exit', () => {
    for (const one of waiting) {
      try {
        one.leave()
      } catch {
        // Nobody is told any more, and the others have theirs to write.
      }
    }
  })
}

/** @param {{ leave(): void }} store has nothing that waits */
export function nothingWaits(store) {
  waiting.delete(store)
}
