/**
 * An integer among the claims that is beyond ±(2^53 - 1), so that a `number` would hold another one. It is no number and
 * becomes none: comparing, adding, printing and copying it throw. Its digits are in {@link LargeInteger.digits}.
 */
export class LargeInteger {
  readonly #digits: string
  /** Throws: JSON would carry a number that its next reader may round. As a member of its own it also stops `structuredClone`. */
  readonly toJSON: () => never

  /** @internal */
  constructor(digits: string) {
    this.#digits = digits
    this.toJSON = refuse
    Object.freeze(this)
  }

  /** The digits as they stand in the token, with a `-` before them when it is negative; for `BigInt()`. */
  get digits(): string {
    return this.#digits
  }

  /** Throws. */
  [Symbol.toPrimitive](): never {
    return refuse()
  }

  /** Throws. */
  toString(): never {
    return refuse()
  }

  /** Throws. */
  valueOf(): never {
    return refuse()
  }
}

function refuse(): never {
  throw new TypeError('this claim is an integer beyond 2^53, which no number holds: read its digits')
}
