//! A good signature for each algorithm, against which a host is probed.
//!
//! They are the cases of these names in `tests/vectors/signature/known-answers.json`, made by OpenSSL.

use credmint_core::jose::Algorithm;

/// What was signed.
pub(super) const MESSAGE: &[u8] = b"The quick brown fox jumps over the lazy dog";

/// A key and its signature over [`MESSAGE`].
pub(super) struct KnownAnswer {
    pub(super) algorithm: Algorithm,
    /// SubjectPublicKeyInfo DER, in base64.
    pub(super) key: &'static str,
    /// As in a JWS, in base64.
    pub(super) signature: &'static str,
}

/// One for every algorithm.
pub(super) const KNOWN_ANSWERS: [KnownAnswer; 5] = [
    // 2048 bits, SHA-256
    KnownAnswer { algorithm: Algorithm::Rs256, key: RSA_2048, signature: RS256 },
    // 2048 bits, SHA-384
    KnownAnswer { algorithm: Algorithm::Rs384, key: RSA_2048, signature: RS384 },
    // 2048 bits, SHA-512
    KnownAnswer { algorithm: Algorithm::Rs512, key: RSA_2048, signature: RS512 },
    // P-256, SHA-256
    KnownAnswer { algorithm: Algorithm::Es256, key: P_256, signature: ES256 },
    // P-384, SHA-384
    KnownAnswer { algorithm: Algorithm::Es384, key: P_384, signature: ES384 },
];

const RSA_2048: &str = "\
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtALEBn/IczOmvBaj3T4vKAEoZ5x4rcpMUiOg+TRu350D\
    vTaOZuaQTnov4EEL2c172npHDJMjEMSNGLZg/9YAro1MhcrJ3bC6yOpz8GUT4NJiAj192ipZMfV5quqfk/b+nDt9\
    ZoD7eM1h+wdlCjl/8bz81JEjI5ybUUlvqu92KFsQwudEBIB3k59M8u98dPlZJKshWKVsIX7Ia34yX644I/Xmp91t\
    ewvgQVLSp+6uEZVrsPec8vYIxKWqK7PGf16C+omwFYNF+14FzpAfyqXg/jHd3icgngTiFmLbcbl7DxSr6XQCI8Ob\
    h8fyDVSgDjEbLA6FPZ0qIy5lYfCXtrRhsQIDAQAB";

const P_256: &str = "\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQ0oWrDvpWFJmVdFfnAte/b8Uvwk7oiJNtqNynHl8DjGm4v/6sa5t\
    pjikpUQH0nJN0osEQNHtYb4kZJYwp6zRQA==";

const P_384: &str = "\
    MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEYJjIfeYfeOq5Uui3dazkIouiALeudp/xXJvBluYgUVW+zQ/8GgHOqQnt\
    gvcLly8BM2WQPAWXD8ZJzzUPszSiZrSoEjj5UpuUOAu43EEejZ6/FHeNP6RoOhqQex+68ZbA";

const RS256: &str = "\
    Jx7b+SP2F+fi1hEh+/nKUOlMQ8upNlHK7wJ2Cz0D0lpbMwvrDy41sMsTYVd5gBa7ni14844pW9Nkml4QJvyRUK6e\
    ysqNUxT8zjXrFt5trIGk2aqDGpZHTHUBIkMyBPWNN96HaKch0wQmOMtUOI145ZKjf/GnNrEqc2KzhJY54DjIRMUr\
    627QFY7I8yIAU0sFYWpgMJTlq6eZHXIogHSrlduz/iZmsGSsaXa3aeAnAuvy64FQwMzYOK2E0E2VxPBbGfdFiITJ\
    aCNFgoq517n625R7d+qtqhgEOWK5n4jpm+xToQduApF8hPu9FjHLwq9alAHBMN1mJNNMPEAh+GB+og==";

const RS384: &str = "\
    cuL5j+umOTn2yAYcFD8Hc/kD5UkkbnVKrxuMtkk5De8lSEGmw6b3LTg6gc1IboikHES0zkcNm0NI+bg4WAJpexWp\
    psyIgs5edtup0k4G/XMpE3/QQtxT/XzykubDyb5+9Zvt9BCeoDawV0NOsFAvaP3OzZx1UKMb4uYiqSxK8mXdW22W\
    VNrbMLrRY1hiWxRoFB0K1denZTO41daZ+t7fxLQ8ZlNUm/JJqMXapvO+DcvQvYIsH40B4FkNQAMRIKdzl7sbujWS\
    e8rUhY3J2G5GBz8+8N4nkTNwtb+Gw9kiSoURX9Ax5kMcKRlF1Tkipmb34l9nfuxrcD6retvWlgve4A==";

const RS512: &str = "\
    WUTzeHHkAy+SF6dz4mg1OC33mDWN8Ow1kKF8v6epR9hovURQJFyYOGNOV6hw5TFsQ/3A+GlXxnFpumpx7vGaHOej\
    6gU52t8JAJqLl9O4o0i6zyXqgGv2ZJzSepFVRjjBwTKuNz/ZmPAMZPogSbSQPsr5/wzp5iv09FzbdgGllMvjO1GG\
    Q55/1mdrLxJ/yuZM0Sx3YsVN5zxqtgl5ZMiPaIgW79bVsne3tthfrfjvnjvh/rwjKtJzVZ4KhNGcmCtWgF+1vyr+\
    v3WyX4gfbRZYQ1kGGeQZOcP6qVPnmkjCFFW1TIcbzGFCYI+FRoXDnud7yJCiWgQB8j+djMSDXCcfsA==";

const ES256: &str = "\
    u+vJjAKrXMUWr4xkGqa40QML7BCGo7BQGx4+rLqfyK/r6+YjvW86LBHxlJEpjNpGpAUNLt7NRUO5EBg7yJ/bRw==";

const ES384: &str = "\
    ClaPJsa0pLtodcXoxCZlUHaDeEXFgEwAWTlrh2RFm5K3n6rnibLXYfPlwqxxxrSfiHCYnTtYTIb5Og8gEb7Ipizp\
    m6N40BspcXUCe00+lqDDwFd0iegq3kF0Ui1Zxr5I";
