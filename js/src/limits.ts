// Made from verifier-wasm/core/src/limits.rs by `UPDATE=1 cargo test -p credmint-module`.

/** A token. */
export const TOKEN_BYTES = 16384
/** A JWK set. */
export const JWKS_BYTES = 262144
/** A discovery document. */
export const DISCOVERY_BYTES = 65536
