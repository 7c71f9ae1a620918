//! The units of `packaging/systemd`: read by systemd's own tools, and the issuer itself under the system calls they leave.
//! systemd does not run here, so what it would do with a started service is not tested.

mod confined;
mod units;
