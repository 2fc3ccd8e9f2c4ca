/** The conformance suite of stores: `my-mimic/testing/store`. */

export { chaos, FAULTS } from './testing/store/chaos.js'
export { storeChecks, testStore } from './testing/store/suite.js'
