//! Keyed counter-based random streams, portable samplers and pinned math functions.
#![forbid(unsafe_code)]
