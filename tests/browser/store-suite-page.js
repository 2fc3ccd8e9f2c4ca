/** What the page needs for the suite. */

export { fromUnstorage } from '/js/entry/adapters.js'
export { indexedDBStore } from '/js/entry/inline.js'
export { storeChecks } from '/js/entry/testing-store.js'
