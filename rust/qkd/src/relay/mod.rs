//! Networks of keys: links fill stores, sites draw keys that nodes between them relay.
//!
//! ```text
//!   site A ==k1== node 1 ==k2== node 2 ==k3== site B        node i publishes k_i XOR k_(i+1): B recovers k1,
//!                                                           and every node on the way can too
//!   site A ==k1'= node 3 ==k2'= site B                      a second share by other nodes: the key is the XOR of both,
//!                                                           and nobody has it who sits on one path only
//! ```
//!
//! - [`paths`]: node-disjoint paths of least total length.
//! - [`routes`]: the sets of such paths that a demand may take.
//! - [`outages`]: when links and nodes are out of order.
//! - [`store`]: the key store of a link, filled at its rate while it is up.
//! - [`agenda`]: which requests are looked at when.
//! - [`simulate`]: requests, routes, waiting, outages: event by event, whatever the rates.
//!
//! Bits are counted here, not made. Refuses to know: how a link makes its key.

pub mod agenda;
pub mod document;
pub mod outages;
pub mod paths;
pub mod routes;
pub mod simulate;
pub mod store;
