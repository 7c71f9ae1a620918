//! What lies in `packaging`, read by the tools of those who use it, and the command alone in a folder as in its image.

mod chart;
mod container;
mod empty_root;
