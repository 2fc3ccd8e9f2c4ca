/** Lets others go first; a timer would be a second late in a tab that nobody sees. @returns {Promise<void>} */
export function nextTask() {
  const { port1, port2 } = new MessageChannel()
  return new Promise(resolve => {
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
