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
