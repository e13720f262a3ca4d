//! Two keys as a line leaves them.

use ebit_qkd::reconcile::masked;
use ebit_random::{Lanes, Purpose};

/// Keys of `n` bits; Bob's differs in each bit with probability `q`.
pub fn keys(n: usize, q: f64, seed: u128) -> (Vec<u64>, Vec<u64>) {
    let mut lanes = Lanes::new(seed, 0, 0, Purpose::Benchmark);
    let alice: Vec<u64> = (0..n.div_ceil(64)).map(|_| lanes.word()).collect();
    let mut bob = alice.clone();
    let limit = (q * 4_294_967_296.0) as u64;
    for k in 0..n {
        if lanes.word() >> 32 < limit {
            bob[k / 64] ^= 1 << (k % 64);
        }
    }
    (masked(&alice, n), masked(&bob, n))
}
