//! Sampling swap-asap with swaps that always succeed at once: nothing happens but heralds, so none needs to be an event.
//!
//! Link k is there at N_k. Node k then holds the earlier of its two halves for |N_k - N_k+1|, and the ends wait for the last
//! link. Pauli decay only asks for the sum of all waits, so a pair is one draw per link and two exponentials, whatever the
//! success probabilities.

use ebit_quantum::{Correlations, Side};
use ebit_random::Stream;

use crate::numbers::Numbers;
use crate::sample::Sampler;
use crate::segment::Waits;
use crate::state::{Shrinking, State};

/// One chain and what all its pairs share.
pub struct Certain<'a> {
    numbers: &'a Numbers,
    rules: &'a Shrinking,
    waits: &'a Waits,
    /// All links and swaps, nothing waited.
    fresh: Correlations,
}

impl<'a> Certain<'a> {
    pub fn new(numbers: &'a Numbers, rules: &'a Shrinking, waits: &'a Waits) -> Self {
        let fresh = undecayed(numbers, rules);
        Self { numbers, rules, waits, fresh }
    }
}

/// The end-to-end pair of links that need not wait.
pub fn undecayed(numbers: &Numbers, rules: &Shrinking) -> Correlations {
    let mut fresh = Correlations::PHI_PLUS;
    for link in 0..numbers.segments() {
        fresh = fresh.swap(Correlations::fresh(rules, link));
    }
    for swap in &numbers.swaps {
        fresh = fresh.scale(swap.visibility);
    }
    fresh
}

impl Sampler for Certain<'_> {
    fn pair(&mut self, stream: &mut Stream) -> Option<(u64, Correlations)> {
        let first = self.waits.draw(0, stream);
        let (mut last, mut latest, mut waited) = (first, first, 0u64);
        for link in 1..self.numbers.segments() {
            let there = self.waits.draw(link, stream);
            waited = waited.saturating_add(there.abs_diff(last));
            latest = latest.max(there);
            last = there;
        }
        if !self.numbers.ends_measured {
            waited = waited.saturating_add(latest - first).saturating_add(latest - last);
        }
        let mut state = self.fresh;
        // All nodes have equal memories, so it does not matter whose halves have waited.
        state.age(self.rules, Side::Left, waited);
        Some((latest, state))
    }
}
