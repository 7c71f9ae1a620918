import { call, loaded } from '../core/instance.js'
import { read, refusalOf } from '../core/record.js'
import { CredmintError } from '../error/refusal.js'
import { text } from '../options.js'
import { readPolicyBundle as readBundle } from '../wasm/credmint_module.js'

/** What a service needs to know of a trust policy. Frozen. */
export interface PolicyBundle {
  /** Who issues the access tokens: the `issuer` of {@link verifyAccessToken} and {@link createKeySet}. */
  readonly issuer: string
  /** The hash of the policy, `sha256:` and 64 hexadecimal digits, as audit records have it. */
  readonly hash: string
  /** The scope values that each resource server knows, by its name and by each of its URIs. Without a prototype. */
  readonly resources: { readonly [audience: string]: readonly string[] | undefined }
}

/**
 * Reads the bundle that `credmint policy bundle` wrote. Its hash must be that of its policy, and the whole policy must be
 * good.
 *
 * The hash finds a bundle that was cut or edited. It is no signature: take bundles from where you take code.
 *
 * @throws {CredmintUsageError} when it is no such bundle.
 */
export async function readPolicyBundle(bundle: string): Promise<PolicyBundle> {
  const json = text(bundle, 'bundle')
  await loaded()
  const answer = read<PolicyBundle>(call(() => readBundle(json)))
  if (answer.verdict !== 'accept') throw new CredmintError(refusalOf(answer))
  const resources: { [audience: string]: readonly string[] } = Object.create(null)
  for (const [audience, scopes] of Object.entries(answer.resources)) {
    resources[audience] = Object.freeze([...(scopes ?? [])])
  }
  return Object.freeze({ issuer: answer.issuer, hash: answer.hash, resources: Object.freeze(resources) })
}
