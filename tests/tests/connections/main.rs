//! Connections to the real process: a socket that outlives it, strangers who hold what they open, requests that can be read in
//! two ways.

mod attacks;
mod handover;
