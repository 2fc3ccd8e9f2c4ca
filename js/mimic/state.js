import { MimicTypeError } from '../errors.js'

/**
 * What states are derived from. The methods are `syncGet syncSet asyncGet asyncSet`, or as Python spells them. There are none here: one that
 * is missing is told of when the state is configured, not at the first call. Before that nobody knows, as a method may be a field, which there is
 * only after this constructor.
 */
export class IState {
  constructor() {
    if (new.target !== IState) return
    throw new MimicTypeError(
      'ERR_STATE_INCOMPLETE',
      'IState is abstract: derive a class that has syncGet, syncSet, asyncGet, asyncSet (sync_get and so on will do, too)',
    )
  }
}
