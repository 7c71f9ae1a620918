//! The database that holds what outlasts the process, whichever engine it is.

use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;

/// The database of the issuer: replay keys, bindings, revocation lists, signing keys. A clone is the same database.
///
/// Both engines take `$1` for the first argument and know `RETURNING` and `ON CONFLICT`, so most statements have one text; see
/// `on_database!`.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file in the state directory, for one process. It has one connection: who holds it keeps all others waiting.
    Sqlite(SqlitePool),
    /// A server, for any number of replicas.
    PostgreSql(PgPool),
}

/// Does the same with either engine: `on_database!(database, pool => sqlx::query("…").bind(x).execute(pool).await)`. What it
/// yields must be of one type.
macro_rules! on_database {
    ($database:expr, $pool:ident => $body:expr) => {
        match $database {
            $crate::store::Database::Sqlite($pool) => $body,
            $crate::store::Database::PostgreSql($pool) => $body,
        }
    };
}

pub(crate) use on_database;
