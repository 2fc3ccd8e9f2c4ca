/**
 * What happens to the page or worker.
 * @param {{ leaves: () => void, goes: () => void, returns: () => void }} listeners `leaves`: it may be gone next; `goes`: after that; `returns`: it stood still
 *   for a while
 * @returns {() => void} ends it
 */
export function listenToPage({ leaves, goes, returns }) {
  const target = /** @type {any} */ (globalThis)
  const page = target.document
  const turned = () => (page.visibilityState === 'hidden' ? leaves() : returns())
  const shown = (/** @type {any} */ { persisted }) => persisted && returns()
  /** @type {[any, string, (event: any) => void][]} */
  const heard = [
    [target, 'pagehide', leaves],
    [target, 'pagehide', goes],
    [target, 'pageshow', shown],
    [page, 'visibilitychange', turned],
    [page, 'resume', returns],
  ]
  for (const [on, type, listener] of heard) on?.addEventListener?.(type, listener)
  return () => {
    for (const [on, type, listener] of heard) on?.removeEventListener?.(type, listener)
  }
}
