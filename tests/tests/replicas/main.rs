//! Two replicas of the real issuer over PostgreSQL behind Envoy, as `examples/replicas` has them: to clients they are one.

#[path = "../stock_clients/clients.rs"]
#[allow(dead_code, reason = "the tests of each client need the rest")]
mod clients;
#[path = "../stock_clients/door.rs"]
#[allow(dead_code, reason = "the tests of each client need the rest")]
mod door;
mod killed;
mod parallel;
mod rotated;
mod unmodified;
