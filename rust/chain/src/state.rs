//! The state of a segment while it is sampled: correlations where noise is Pauli noise, the full pair where memories relax.

use ebit_hardware::Decay;
use ebit_quantum::{BellDiagonal, Correlations, Distillation, PairState, Side};
use ebit_random::math;

use crate::compile::Compiled;

/// Waits up to this many steps come from a table.
const TABLE: usize = 2048;

/// What sampling asks of a state. Its rules come with it: [`Self::Rules`] are compiled once per chain.
pub trait State: Copy + Send + Sync {
    type Rules: Sync;
    fn rules(chain: &Compiled) -> Self::Rules;
    /// The rules if all that waiting does is to shrink correlations.
    fn shrinking(rules: &Self::Rules) -> Option<&Shrinking>;
    /// The pair of a link at its herald.
    fn fresh(rules: &Self::Rules, link: usize) -> Self;
    /// One half is stored for some steps.
    fn age(&mut self, rules: &Self::Rules, side: Side, steps: u64);
    /// Swapped, corrected, with white noise of visibility v.
    fn swap(left: &Self, right: &Self, v: f64) -> Self;
    /// Success probability and the pair kept.
    fn distill(a: &Self, b: &Self, protocol: Distillation) -> (f64, Self);
    fn correlations(&self) -> Correlations;
}

/// How correlations shrink per step of one stored half.
pub struct Shrinking {
    x: Kept,
    z: Kept,
    fresh: Vec<Correlations>,
}

/// e^(-rate steps), the same bits from the table and beyond it.
struct Kept {
    rate: f64,
    table: Vec<f64>,
}

impl Kept {
    fn new(rate: f64) -> Self {
        Self { rate, table: (0..TABLE).map(|k| math::exp(-rate * k as f64)).collect() }
    }
    #[inline]
    fn over(&self, steps: u64) -> f64 {
        match self.table.get(steps as usize) {
            Some(kept) => *kept,
            None if self.rate == 0.0 => 1.0,
            None => math::exp(-self.rate * steps as f64),
        }
    }
}

impl State for Correlations {
    type Rules = Shrinking;
    fn rules(chain: &Compiled) -> Shrinking {
        let numbers = &chain.numbers;
        let [_, x, _, z] = numbers.rates[0].map(|r| r * numbers.step_s);
        let fresh = numbers.links.iter().map(|l| Self { x: l.pair[1], y: l.pair[2], z: l.pair[3] }).collect();
        Shrinking { x: Kept::new(x), z: Kept::new(z), fresh }
    }
    fn shrinking(rules: &Shrinking) -> Option<&Shrinking> {
        Some(rules)
    }
    #[inline]
    fn fresh(rules: &Shrinking, link: usize) -> Self {
        rules.fresh[link]
    }
    #[inline]
    fn age(&mut self, rules: &Shrinking, _side: Side, steps: u64) {
        let x = rules.x.over(steps);
        self.x *= x;
        self.y *= x;
        self.z *= rules.z.over(steps);
    }
    #[inline]
    fn swap(left: &Self, right: &Self, v: f64) -> Self {
        left.swap(*right).scale(v)
    }
    fn distill(a: &Self, b: &Self, protocol: Distillation) -> (f64, Self) {
        let (probability, kept) = BellDiagonal::from_correlations(*a).distill(&BellDiagonal::from_correlations(*b), protocol);
        (probability, kept.correlations())
    }
    #[inline]
    fn correlations(&self) -> Correlations {
        *self
    }
}

/// How a full pair decays.
pub struct Relaxing {
    decay: Decay,
    step_s: f64,
    fresh: Vec<PairState>,
}

impl State for PairState {
    type Rules = Relaxing;
    fn rules(chain: &Compiled) -> Relaxing {
        Relaxing { decay: chain.decay, step_s: chain.numbers.step_s, fresh: chain.states.clone() }
    }
    fn shrinking(_: &Relaxing) -> Option<&Shrinking> {
        None
    }
    fn fresh(rules: &Relaxing, link: usize) -> Self {
        rules.fresh[link]
    }
    fn age(&mut self, rules: &Relaxing, side: Side, steps: u64) {
        if steps > 0 {
            rules.decay.apply(self, side, steps as f64 * rules.step_s);
        }
    }
    fn swap(left: &Self, right: &Self, v: f64) -> Self {
        Self::swap_average(left, right).depolarize_pair(v)
    }
    fn distill(a: &Self, b: &Self, protocol: Distillation) -> (f64, Self) {
        a.distill(b, protocol)
    }
    fn correlations(&self) -> Correlations {
        Self::correlations(self)
    }
}
