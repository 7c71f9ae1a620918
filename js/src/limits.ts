// Written by `cargo xtask bless` from verifier-wasm/core/src/limits.rs.

/** Bytes of a token. */
export const TOKEN_BYTES = 16384
/** Bytes of a JWK set. */
export const JWKS_BYTES = 262144
