//! How a stored qubit decays.

use ebit_quantum::{Correlations, PairState, Side};
use ebit_random::math;
use ebit_spec::Memory;

/// The time constants of one stored qubit; infinite where a process does not happen.
///
/// Either relaxation (`t1_s`, `t2_s`; T2 total) or depolarizing (`depolarizing_time_s`), never both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay {
    pub t1_s: f64,
    pub t2_s: f64,
    pub depolarizing_time_s: f64,
}

/// What a qubit keeps of its state over some time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kept {
    /// e^(-t/T1), of z's distance from |0>.
    pub population: f64,
    /// e^(-t/T2), of x and y.
    pub coherence: f64,
    /// e^(-t/T), of everything.
    pub depolarizing: f64,
}

impl Decay {
    /// A memory that keeps its state for ever.
    pub const NONE: Self = Self { t1_s: f64::INFINITY, t2_s: f64::INFINITY, depolarizing_time_s: f64::INFINITY };

    /// The decay of a checked memory.
    pub fn of(memory: &Memory) -> Self {
        Self { t1_s: memory.t1(), t2_s: memory.t2(), depolarizing_time_s: memory.depolarizing_time() }
    }

    /// Nothing ever decays.
    pub fn is_none(&self) -> bool {
        self.t1_s.is_infinite() && self.t2_s.is_infinite() && self.depolarizing_time_s.is_infinite()
    }

    /// Whether the decay is Pauli noise, hence exact on Bell-diagonal pairs: finite T1 is not, it pumps towards |0>.
    pub fn is_pauli(&self) -> bool {
        self.t1_s.is_infinite()
    }

    /// Rate (1/s) at which x and y shrink beyond what z does, in the Pauli twirl: 1/T2 - 1/T1 (negative if T2 > T1).
    pub fn dephasing_rate(&self) -> f64 {
        1.0 / self.t2_s - 1.0 / self.t1_s
    }

    /// Rate (1/s) at which x, y and z shrink together, in the Pauli twirl: 1/T + 1/T1.
    pub fn depolarizing_rate(&self) -> f64 {
        1.0 / self.depolarizing_time_s + 1.0 / self.t1_s
    }

    /// What is kept over `seconds`.
    pub fn kept(&self, seconds: f64) -> Kept {
        let keep = |time_s: f64| if time_s.is_infinite() { 1.0 } else { math::exp(-seconds / time_s) };
        Kept { population: keep(self.t1_s), coherence: keep(self.t2_s), depolarizing: keep(self.depolarizing_time_s) }
    }

    /// Lets one half of a pair rest for `seconds`: exact.
    pub fn apply(&self, pair: &mut PairState, side: Side, seconds: f64) {
        if self.is_none() {
            return;
        }
        let kept = self.kept(seconds);
        if self.depolarizing_time_s.is_finite() {
            pair.depolarize_qubit(side, kept.depolarizing);
        }
        if self.t1_s.is_finite() {
            pair.relax(side, kept.population, kept.coherence);
        } else if self.t2_s.is_finite() {
            pair.dephase_factor(side, kept.coherence);
        }
    }

    /// Lets one half of a Bell-diagonal pair rest: exact for [`Self::is_pauli`], else the Pauli twirl, which forgets that
    /// relaxation has a direction.
    #[must_use]
    pub fn apply_twirled(&self, pair: Correlations, seconds: f64) -> Correlations {
        let kept = self.kept(seconds);
        let t = pair.scale(kept.depolarizing);
        Correlations { x: t.x * kept.coherence, y: t.y * kept.coherence, z: t.z * kept.population }
    }

    /// How much fidelity the twirl forgets when both halves of a Phi+ rest for `seconds`: (1 - e^(-t/T1))^2 / 4.
    ///
    /// z z -> g^2 zz + g (1-g) (zI + Iz) + (1-g)^2 for g = e^(-t/T1); the twirl keeps the first term only.
    pub fn twirl_error(&self, seconds: f64) -> f64 {
        let lost = 1.0 - self.kept(seconds).population;
        0.25 * lost * lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(t1_s: f64, t2_s: f64) -> Decay {
        Decay { t1_s, t2_s, ..Decay::NONE }
    }

    #[test]
    fn pauli_decay_is_exact_on_correlations() {
        for decay in [memory(f64::INFINITY, 0.5), Decay { depolarizing_time_s: 0.3, ..Decay::NONE }] {
            assert!(decay.is_pauli());
            let mut pair = PairState::from_weights([0.8, 0.1, 0.07, 0.03]);
            let mut fast = pair.correlations();
            for (side, seconds) in [(Side::Left, 0.2), (Side::Right, 0.7)] {
                decay.apply(&mut pair, side, seconds);
                fast = decay.apply_twirled(fast, seconds);
            }
            assert!((pair.fidelity() - fast.fidelity()).abs() < 1e-15);
        }
    }

    #[test]
    fn the_twirl_of_relaxation_is_wrong_by_as_much_as_it_says() {
        let decay = memory(1.0, 1.5);
        assert!(!decay.is_pauli());
        let mut pair = PairState::PHI_PLUS;
        let mut fast = Correlations::PHI_PLUS;
        for side in [Side::Left, Side::Right] {
            decay.apply(&mut pair, side, 0.5);
            fast = decay.apply_twirled(fast, 0.5);
        }
        let error = pair.fidelity() - fast.fidelity();
        assert!((error - decay.twirl_error(0.5)).abs() < 1e-15);
        assert!(error > 0.03);
    }

    #[test]
    fn rates_are_those_of_the_twirl() {
        for decay in [memory(2.0, 1.0), memory(f64::INFINITY, 1.0), Decay { depolarizing_time_s: 3.0, ..Decay::NONE }] {
            let t = decay.apply_twirled(Correlations::PHI_PLUS, 0.4);
            assert!((t.z - math::exp(-0.4 * decay.depolarizing_rate())).abs() < 1e-15);
            assert!((t.x - math::exp(-0.4 * (decay.depolarizing_rate() + decay.dephasing_rate()))).abs() < 1e-15);
        }
        assert_eq!((Decay::NONE.dephasing_rate(), Decay::NONE.depolarizing_rate()), (0.0, 0.0));
    }

    #[test]
    fn a_relaxed_pair_ends_in_the_ground_state() {
        let mut pair = PairState::PHI_PLUS;
        for side in [Side::Left, Side::Right] {
            memory(1e-3, 1e-3).apply(&mut pair, side, 1.0);
        }
        assert!((pair.to_matrix()[0][0].re - 1.0).abs() < 1e-15);
    }
}
