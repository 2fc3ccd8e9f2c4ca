import { MimicTypeError } from '../errors.js'
import { missingOfState } from '../stores/state.js'

/**
 * What states are derived from. The methods are `syncGet syncSet asyncGet asyncSet`, or as Python spells them. There are none here: one that
 * is missing is told of when the state is made, not at the first call.
 */
export class IState {
  constructor() {
    const missing = missingOfState(new.target)
    if (missing.length === 0) return
    const what = new.target === IState ? 'IState is abstract' : `the state ${new.target.name} is not complete`
    throw new MimicTypeError(
      'ERR_STATE_INCOMPLETE',
      `${what}: derive a class that has ${missing.join(', ')} (sync_get and so on will do, too)`,
    )
  }
}
