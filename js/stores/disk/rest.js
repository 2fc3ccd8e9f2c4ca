/** A timer that keeps no process alive. @param {() => void} done @param {number} ms @returns {ReturnType<typeof setTimeout>} */
export function resting(done, ms) {
  const timer = setTimeout(done, ms)
  timer.unref?.()
  return timer
}
