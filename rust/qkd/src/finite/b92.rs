//! Finite keys of B92 from lost pulses, hits and the errors of some of them, drawn: general attacks.
//!
//! Of N pulses L are lost and G hit; each hit is compared with probability p, W of those are wrong, the others make the n bits
//! of the key. States, filter and weights are those of [`crate::rates::b92`]: amplitudes b, a, overlap c = b^2 - a^2.
//!
//! ```text
//!     l = n [1 - h(M/n)] - leak - 2 log2(3/(2 eps_sec)) - log2(2/eps_cor)
//!     M = {tw W + tg G + tl L + N ln(1 + r kappa) + ln(1/eps)}/s
//!     1 - e^-tl = ll r,   1 - e^-tg = lg r,   p e^-tg (1 - e^-tw) = lw r,   (1-p) e^-tg (e^s - 1) = r
//! ```
//!
//! Why: with Alice's half kept and measured last, a round is measured by operators W, G, L of Bob's outcomes, and by M, "a hit
//! whose X bits differ", where it is to make key. They have blocks on {|00>, |11>}, {|01>, |10>} (X basis) and no photon, where
//! K = diag(k0, k1) of Alice's half obeys M - lw W - lg G - ll L <= K x 1 if
//!
//! ```text
//!     k0 + a^2 v >= 0,  k0 + b^2 (v-1) >= 0,  (k0 + a^2 v)(k1 + b^2 v), (k0 + b^2 (v-1))(k1 + a^2 (v-1)) >= (a b u)^2
//!     k0, k1 >= -ll                                                                       u = lw/2,  v = lg + lw/2
//! ```
//!
//! e^(s M - tw W - tg G - tl L) of a round has the operator 1 + r (M - lw W - lg G - ll L), not negative and at most
//! (1 + r K) x 1. Of N rounds it is the product of these, at most that of the (1 + r K), and whatever Eve did to all pulses
//! together, Alice's halves, which she never had, are N times diag(b^2, a^2): its mean is at most (1 + r kappa)^N with
//! kappa = b^2 k0 + a^2 k1. By Markov's inequality M is above the bound with probability eps at most. (That a round's half has
//! these weights *given what Bob saw before* would be wrong: Eve may hold pulses back and choose among them.)
//!
//! All of these K are safe; the best have both blocks singular and k0 = -ll. That leaves two numbers x, y > 0:
//!
//! ```text
//!     k1 - k0 = a^2 + x,  v = (y + b^2)/c,  k0 = x y - a^2 v,  u = sqrt[x (1+x) y (1+y)]/(a b)
//! ```
//!
//! They and r are at their best for the counts expected, fixed before the first pulse. M/n goes to the asymptotic phase error.
//! With a1^2 = eps the uncertainty relation (Tomamichel et al. 2012, doi:10.1038/ncomms1631) leaves n [1 - h(M/n)], smoothed by
//! a1, and with privacy amplification nu, eps_sec = 2 a1 + nu, all equal, as in [`super::ekert`]; that Bob's filtered qubit
//! guesses Alice's X bits is the complementarity of Koashi (arXiv:0704.3661), as Tamaki, Koashi and Imoto 2003 have it
//! (doi:10.1103/PhysRevLett.90.167904). Bound and constants are derived here. Sasaki, Matsumoto and Uyematsu 2015
//! (arXiv:1504.05628) have finite keys of B92 without loss against collective attacks.
//!
//! Limits: exactly one photon sent; Bob receives a qubit or nothing, with detectors alike; each hit is compared by its own draw.

use super::budget::Budget;
use crate::entropy::binary_entropy;
use crate::rates::b92::Seen;
use crate::rates::simplex::{factor, maximize};
use ebit_random::math;

/// Equal parts of the secrecy.
pub const PARTS: f64 = 3.0;
/// Between these x/a^2 and y are looked for, and r in shares of the greatest.
const RANGE: (f64, f64) = (1e-7, 1e7);
const SLOPE: (f64, f64) = (1e-16, 0.999);
/// Where the search starts, along either number, and how long it takes.
const STARTS: usize = 6;
const PROBES: usize = 90;

/// What was agreed on beforehand: the states, how often a hit is compared, and what the line is to give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    pub overlap: f64,
    pub test_probability: f64,
    /// Shares of all pulses.
    pub expected: Seen,
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounds {
    pub pulses: f64,
    pub lost: f64,
    /// Hits that make key, and those compared.
    pub key: f64,
    pub test: f64,
    pub wrong: f64,
}

impl Plan {
    /// As many as are expected.
    #[must_use]
    pub fn rounds(&self, pulses: f64) -> Rounds {
        let (hits, p) = (pulses * self.expected.hits, self.test_probability);
        let (lost, wrong) = (pulses * self.expected.loss, p * pulses * self.expected.wrong);
        Rounds { pulses, lost, key: (1.0 - p) * hits, test: p * hits, wrong }
    }
}

/// An inequality that every round obeys: M <= lw W + lg G + ll L + kappa.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    pub wrong: f64,
    pub hit: f64,
    pub lost: f64,
    pub kappa: f64,
}

impl Weights {
    #[must_use]
    pub fn new(overlap: f64, x: f64, y: f64) -> Self {
        let (a2, b2) = (0.5 * (1.0 - overlap), 0.5 * (1.0 + overlap));
        let u = math::sqrt(x * (1.0 + x) * y * (1.0 + y) / (a2 * b2));
        let v = (y + b2) / overlap;
        let k0 = x * y - a2 * v;
        Self { wrong: 2.0 * u, hit: v - u, lost: -k0, kappa: k0 + a2 * (a2 + x) }
    }

    /// The greatest weight of phase errors where this was seen.
    #[must_use]
    pub fn phase(&self, seen: &Seen) -> f64 {
        self.wrong * seen.wrong + self.hit * seen.hits + self.lost * seen.loss + self.kappa
    }
}

/// What each count pays, for one r.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    wrong: f64,
    hit: f64,
    lost: f64,
    pulse: f64,
    slope: f64,
}

impl Bound {
    /// `share` in (0, 1): of the greatest r for which all of it are numbers.
    fn new(weights: &Weights, test: f64, share: f64) -> Self {
        let r = share / (weights.hit.max(0.0) + weights.wrong / test).max(weights.lost).max(1.0);
        let fewer = 1.0 - weights.hit * r;
        Self {
            wrong: -math::ln_1p(-weights.wrong * r / (test * fewer)),
            hit: -math::ln_1p(-weights.hit * r),
            lost: -math::ln_1p(-weights.lost * r),
            pulse: math::ln_1p(weights.kappa * r),
            slope: math::ln_1p(r / ((1.0 - test) * fewer)),
        }
    }

    /// The best for the counts expected of so many pulses; `log_inverse` is ln(1/eps).
    #[must_use]
    pub fn best(plan: &Plan, pulses: f64, log_inverse: f64) -> Self {
        let (a2, test, rounds) = (0.5 * (1.0 - plan.overlap), plan.test_probability, plan.rounds(pulses));
        let weights = |x: f64, y: f64| {
            let (low, high) = RANGE;
            Weights::new(plan.overlap, a2 * factor(low, high, x), factor(low, high, y))
        };
        let at = |unit: &[f64]| match unit {
            [x, y, share] => Some(Self::new(&weights(*x, *y), test, factor(SLOPE.0, SLOPE.1, *share))),
            _ => None,
        };
        let score = |unit: &[f64]| at(unit).map_or(f64::NEG_INFINITY, |bound| -bound.phase_errors(&rounds, log_inverse));
        // Starts where x/a^2 and y are 0.1 to 30, each with the r that would do for Gaussian counts.
        let start = |k: usize| {
            let place = |j: usize| 0.44 + 0.17 * j as f64 / (STARTS - 1) as f64;
            let (x, y) = (place(k / STARTS), place(k % STARTS));
            let w = weights(x, y);
            let seen = &plan.expected;
            let variance = w.wrong * w.wrong * seen.wrong / test
                + w.hit * w.hit * seen.hits
                + w.lost * w.lost * seen.loss
                + w.phase(seen).abs() / (1.0 - test);
            let r = math::sqrt(2.0 * log_inverse / (pulses * variance));
            let share = r * (w.hit.max(0.0) + w.wrong / test).max(w.lost).max(1.0);
            vec![x, y, (math::ln(share / SLOPE.0) / math::ln(SLOPE.1 / SLOPE.0)).clamp(0.0, 1.0)]
        };
        let first = (0..STARTS * STARTS).map(start).map(|unit| (score(&unit), unit)).max_by(|a, b| a.0.total_cmp(&b.0));
        let mut unit = first.map_or_else(|| vec![0.5; 3], |(_, unit)| unit);
        for step in [0.04, 0.01, 0.002] {
            unit = maximize(&unit, step, PROBES, score).0;
        }
        at(&unit).unwrap_or_else(|| Self::new(&weights(0.5, 0.5), test, 0.5))
    }

    /// Upper bound on the phase errors of the key.
    #[must_use]
    pub fn phase_errors(&self, rounds: &Rounds, log_inverse: f64) -> f64 {
        let hits = rounds.key + rounds.test;
        let paid = self.wrong * rounds.wrong + self.hit * hits + self.lost * rounds.lost + self.pulse * rounds.pulses;
        ((paid + log_inverse) / self.slope).max(0.0)
    }
}

/// How the parts are spent, in words.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    let each = secrecy / PARTS;
    vec![("correctness", correctness), ("smoothing_and_phase_error", 2.0 * each), ("privacy_amplification", each)]
}

/// Key length in bits (below 0: none), its secrecy, and the bound on the phase error.
#[must_use]
pub fn length(plan: &Plan, rounds: &Rounds, disclosed: f64, budget: &Budget) -> (f64, f64, f64) {
    let mut phase = 0.5;
    let log = |secrecy: f64| -2.0 * math::ln(secrecy / PARTS);
    // Nothing counted may choose the bound: a secrecy per bit is that of the key expected.
    let beforehand = |each: f64| (each * plan.rounds(rounds.pulses).key.max(1.0)).min(1.0);
    let secrecy = budget.secrecy.map_or_else(|| beforehand(budget.secrecy_per_bit.map_or(1e-15, |each| each.0)), |s| s.0);
    let bound = Bound::best(plan, rounds.pulses, log(secrecy));
    let (bits, secrecy) = budget.settle(rounds.key, |secrecy| {
        let errors = bound.phase_errors(rounds, log(secrecy));
        phase = if rounds.key > 0.0 { (errors / rounds.key).min(0.5) } else { 0.5 };
        let fixed = math::log2(2.0 / budget.correctness.0) - 2.0 * math::log2(2.0 * secrecy / PARTS);
        rounds.key * (1.0 - binary_entropy(phase)) - disclosed - fixed
    });
    (bits, secrecy, if phase.is_nan() { 0.5 } else { phase })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::b92::{phase_error, seen};

    const LINES: [(f64, f64, f64); 7] = [
        (0.5, 1.0, 0.98),
        (0.5, 0.8, 0.99),
        (0.9, 0.5, 0.99),
        (0.3, 1.0, 0.97),
        (0.95, 0.2, 0.999),
        (0.8, 0.9, 0.95),
        (0.99, 0.03, 0.9999),
    ];

    fn plan((overlap, arrived, visibility): (f64, f64, f64), test_probability: f64) -> Plan {
        Plan { overlap, test_probability, expected: seen(overlap, arrived, visibility) }
    }

    /// Numbers in (0, 1) that are none in particular.
    fn scattered(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        }
    }

    /// What is seen of a state, real parts of amplitudes by Alice's and Bob's X bit: hits, wrong ones by projecting on what Bob
    /// projects on, phase errors.
    fn of_state(overlap: f64, psi: &[f64; 4]) -> (Seen, f64) {
        let (a, b) = (math::sqrt(0.5 * (1.0 - overlap)), math::sqrt(0.5 * (1.0 + overlap)));
        let [p00, p01, p10, p11] = psi;
        let (mut hits, mut wrong) = (0.0, 0.0);
        for alice in [1.0, -1.0] {
            // Alice's Z bit, then Bob's half against each of the two states; either axis half of the time.
            let [zero, one] = [(p00 + alice * p10) / f64::sqrt(2.0), (p01 + alice * p11) / f64::sqrt(2.0)];
            for said in [1.0, -1.0] {
                let chance = 0.5 * (a * zero + said * b * one) * (a * zero + said * b * one);
                hits += chance;
                wrong += if said == alice { 0.0 } else { chance };
            }
        }
        let phase = (a * p10) * (a * p10) + (b * p01) * (b * p01);
        (Seen { loss: 0.0, hits, wrong }, phase)
    }

    /// Mixtures of any states with Alice's weights, and any loss of either: no way through a channel violates the inequality.
    #[test]
    fn whatever_arrives_obeys_the_inequality() {
        let mut draw = scattered(1);
        let mut closest = f64::INFINITY;
        for _ in 0..20_000 {
            let overlap = 0.02 + 0.96 * draw();
            let (a2, b2) = (0.5 * (1.0 - overlap), 0.5 * (1.0 + overlap));
            let weights = Weights::new(overlap, a2 * factor(1e-3, 1e3, draw()), factor(1e-3, 1e3, draw()));
            // Pure states, each of some weight; what is short of Alice's weights is lost.
            let states: Vec<([f64; 4], f64)> = (0..3).map(|_| (std::array::from_fn(|_| draw() - 0.5), draw())).collect();
            let sum = |k: usize| {
                states.iter().map(|(psi, w)| w * (psi[2 * k] * psi[2 * k] + psi[2 * k + 1] * psi[2 * k + 1])).sum::<f64>()
            };
            let scale = draw() * (b2 / sum(0)).min(a2 / sum(1));
            let mut all = Seen { loss: 1.0 - scale * (sum(0) + sum(1)), hits: 0.0, wrong: 0.0 };
            let mut phase = 0.0;
            for (psi, weight) in &states {
                let (seen, errors) = of_state(overlap, psi);
                all.hits += scale * weight * seen.hits;
                all.wrong += scale * weight * seen.wrong;
                phase += scale * weight * errors;
            }
            let room = weights.phase(&all) - phase;
            assert!(room > -1e-12 * (1.0 + weights.wrong + weights.lost.abs()), "{overlap} {weights:?}: {room}");
            closest = closest.min(room);
        }
        assert!(closest < 1e-2, "{closest}");
    }

    /// The states that come nearest: amplitudes in the kernels of both blocks, all loss of Alice's |0>.
    #[test]
    fn some_state_attains_it() {
        let mut draw = scattered(2);
        for _ in 0..200 {
            let overlap = 0.1 + 0.8 * draw();
            let (a2, b2) = (0.5 * (1.0 - overlap), 0.5 * (1.0 + overlap));
            let (x, y) = (a2 * factor(0.1, 10.0, draw()), factor(0.1, 10.0, draw()));
            let weights = Weights::new(overlap, x, y);
            // Of [[A0, -abu], [-abu, A1]] and [[B0, -abu], [-abu, B1]].
            let (first, second) = ([(1.0 + x) * (1.0 + y), x * y], [x * (1.0 + y), (1.0 + x) * y]);
            let kernel = |[diagonal, other]: [f64; 2]| {
                let ratio = math::sqrt(other / diagonal);
                let norm = math::sqrt(1.0 + ratio * ratio);
                [1.0 / norm, ratio / norm]
            };
            let ([p00, p11], [p01, p10]) = (kernel(first), kernel(second));
            // Their shares, so that none of Alice's |1> is lost.
            let share = draw();
            let of_one = share * p11 * p11 + (1.0 - share) * p10 * p10;
            let scale = a2 / of_one;
            if scale * (1.0 - of_one) > b2 {
                continue;
            }
            let (seen0, phase0) = of_state(overlap, &[p00, 0.0, 0.0, p11]);
            let (seen1, phase1) = of_state(overlap, &[0.0, p01, p10, 0.0]);
            let mix = |one: f64, two: f64| scale * (share * one + (1.0 - share) * two);
            let all = Seen { loss: 1.0 - scale, hits: mix(seen0.hits, seen1.hits), wrong: mix(seen0.wrong, seen1.wrong) };
            let room = weights.phase(&all) - mix(phase0, phase1);
            assert!(room.abs() < 1e-9 * (1.0 + weights.wrong), "{overlap} {x} {y}: {room}");
        }
    }

    #[test]
    fn phase_errors_go_to_the_asymptotic_ones() {
        for line in LINES {
            let plan = plan(line, 0.1);
            let (mut last, limit) = (f64::INFINITY, phase_error(plan.overlap, &plan.expected));
            for pulses in [1e6, 1e8, 1e10, 1e12, 1e14] {
                let rounds = plan.rounds(pulses);
                let found = Bound::best(&plan, pulses, 50.0).phase_errors(&rounds, 50.0) / rounds.key;
                assert!(found > limit && found - limit < 0.2 * last, "{line:?} {pulses}: {found} {limit} {last}");
                last = found - limit;
            }
            assert!(last < 2e-4, "{line:?}: {last}");
        }
    }

    /// A scan finds no better bound.
    #[test]
    fn the_bound_is_at_its_best() {
        for (line, pulses) in LINES.into_iter().flat_map(|line| [(line, 1e6), (line, 1e10)]) {
            let plan = plan(line, 0.05);
            let rounds = plan.rounds(pulses);
            let found = Bound::best(&plan, pulses, 50.0).phase_errors(&rounds, 50.0);
            let a2 = 0.5 * (1.0 - plan.overlap);
            let mut best = f64::INFINITY;
            for k in 0..60 {
                for j in 0..60 {
                    let place = |k: i32| factor(1e-3, 1e3, f64::from(k) / 59.0);
                    let weights = Weights::new(plan.overlap, a2 * place(k), place(j));
                    for i in 0..90 {
                        let share = factor(1e-9, 0.99, f64::from(i) / 89.0);
                        best = best.min(Bound::new(&weights, 0.05, share).phase_errors(&rounds, 50.0));
                    }
                }
            }
            assert!(found < best * (1.0 + 1e-3), "{line:?} {pulses}: {found} {best}");
        }
    }

    /// By every outcome of a round, the factor that the proof needs; on states of its own.
    #[test]
    fn a_round_grows_by_at_most_its_factor() {
        let mut draw = scattered(3);
        for _ in 0..2_000 {
            let (overlap, test) = (0.05 + 0.9 * draw(), 0.02 + 0.9 * draw());
            let a2 = 0.5 * (1.0 - overlap);
            let weights = Weights::new(overlap, a2 * factor(1e-2, 1e2, draw()), factor(1e-2, 1e2, draw()));
            let bound = Bound::new(&weights, test, factor(1e-6, 0.99, draw()));
            // Chances that obey the inequality with equality have the very factor.
            let seen = Seen { loss: draw() * 0.5, hits: draw() * 0.5, wrong: 0.0 };
            let seen = Seen { wrong: seen.hits * draw(), ..seen };
            let phase = weights.phase(&seen);
            let hit = math::exp(-bound.hit);
            let mean = 1.0 - seen.loss - seen.hits
                + seen.loss * math::exp(-bound.lost)
                + hit * (1.0 - test) * (seen.hits - phase + phase * math::exp(bound.slope))
                + hit * test * (seen.hits - seen.wrong + seen.wrong * math::exp(-bound.wrong));
            let factor = math::exp(bound.pulse);
            assert!((mean - factor).abs() < 1e-9 * (1.0 + phase.abs()) * factor.max(1.0), "{weights:?}: {mean} {factor}");
        }
    }

    #[test]
    fn no_key_where_eve_may_tell_the_states_apart() {
        for loss in [0.5, 0.6, 0.99] {
            let plan = plan((0.5, 1.0 - loss, 1.0), 0.1);
            let (bits, _, phase) = length(&plan, &plan.rounds(1e12), 0.0, &Budget::halves(1e-10));
            assert!(bits <= 0.0 && phase > 0.49, "{loss}: {bits} {phase}");
        }
    }

    #[test]
    fn parts_add_up_and_nothing_is_no_key() {
        let sum: f64 = parts(0.25, 1e-3).iter().map(|(_, p)| p).sum();
        assert!((sum - 0.251).abs() < 1e-15);
        let nothing = Rounds { pulses: 0.0, lost: 0.0, key: 0.0, test: 0.0, wrong: 0.0 };
        for line in [LINES[0], (0.5, 0.0, 0.0)] {
            let (bits, _, phase) = length(&plan(line, 0.1), &nothing, 0.0, &Budget::halves(1e-10));
            assert!(bits <= 0.0 && phase == 0.5);
        }
    }
}
