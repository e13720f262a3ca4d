//! The state of a pair, per run: Bell-diagonal correlations where all noise is Pauli noise, else the density matrix.
//!
//! Bell-diagonal is exact for what is reported even when a fresh pair is not Bell-diagonal itself: a swap averaged over
//! its outcomes, with the correction applied, maps the Bell weights of its inputs to the Bell weights of its output
//! (out_cc = left_cc right_cc in the Pauli basis), and Pauli noise never mixes them with the rest.

use ebit_hardware::Decay;
use ebit_kernel::Tick;
use ebit_quantum::{Correlations, Distillation, PairState, Pauli, Side};
use ebit_random::math;

use crate::world::World;

pub const SIDES: [Side; 2] = [Side::Left, Side::Right];

/// What the engine needs of a state; one implementor per formalism.
pub trait Formalism {
    type State: Copy + Send;
    /// Whether everything that happens to a half commutes: ageing may then wait until it is read.
    const COMMUTES: bool;

    /// The pair of link `position` of `request` at its herald.
    fn fresh(&self, request: u32, position: u32) -> Self::State;

    /// One half rests in memory for `ticks`.
    fn age(&self, state: &mut Self::State, side: usize, decay: &Decay, ticks: Tick);

    /// Bell measurement on the inner halves, visibility included; returns the Pauli that the right-hand half still
    /// needs (identity when it was averaged over and applied at once).
    fn swap(
        &self,
        left: &Self::State,
        right: &Self::State,
        visibility: f64,
        draw: &mut dyn FnMut() -> f64,
        at_once: bool,
    ) -> (Self::State, Pauli);

    /// Two pairs into one: the probability that the measured bits agree, and the pair kept then.
    fn distill(&self, kept: &Self::State, measured: &Self::State, protocol: Distillation) -> (f64, Self::State);

    /// Applies a correction to the right-hand half.
    fn correct(&self, state: &mut Self::State, pauli: Pauli);

    /// The same pair for a route that runs the other way.
    fn flip(&self, state: &Self::State) -> Self::State;

    /// Fidelity, X error and Z error, before readout.
    fn read(&self, state: &Self::State) -> [f64; 3];
}

/// Correlations, and the exponents of their decay: one `exp` per delivered pair.
#[derive(Debug, Clone, Copy)]
pub struct Exponents {
    correlations: Correlations,
    dephasing: f64,
    depolarizing: f64,
}

impl Exponents {
    #[inline]
    fn decayed(&self) -> Correlations {
        let mut t = self.correlations;
        if self.dephasing > 0.0 {
            t = t.dephase_factor(math::exp(-self.dephasing));
        }
        if self.depolarizing > 0.0 {
            t = t.scale(math::exp(-self.depolarizing));
        }
        t
    }
}

pub struct BellDiagonal {
    fresh: Vec<Vec<Correlations>>,
    tick_s: f64,
}

impl BellDiagonal {
    pub fn new(world: &World) -> Self {
        let twirl = |p: &PairState| p.correlations();
        Self { fresh: world.fresh.iter().map(|r| r.iter().map(twirl).collect()).collect(), tick_s: world.scale.tick_s() }
    }
}

impl Formalism for BellDiagonal {
    type State = Exponents;
    const COMMUTES: bool = true;

    #[inline]
    fn fresh(&self, request: u32, position: u32) -> Exponents {
        let correlations = self.fresh[request as usize][position as usize];
        Exponents { correlations, dephasing: 0.0, depolarizing: 0.0 }
    }

    #[inline]
    fn age(&self, state: &mut Exponents, _side: usize, decay: &Decay, ticks: Tick) {
        let seconds = ticks as f64 * self.tick_s;
        state.dephasing += seconds * decay.dephasing_rate();
        state.depolarizing += seconds * decay.depolarizing_rate();
    }

    #[inline]
    fn swap(
        &self,
        left: &Exponents,
        right: &Exponents,
        visibility: f64,
        _draw: &mut dyn FnMut() -> f64,
        _at_once: bool,
    ) -> (Exponents, Pauli) {
        let state = Exponents {
            correlations: left.correlations.swap(right.correlations).scale(visibility),
            dephasing: left.dephasing + right.dephasing,
            depolarizing: left.depolarizing + right.depolarizing,
        };
        (state, Pauli::I)
    }

    fn distill(&self, kept: &Exponents, measured: &Exponents, protocol: Distillation) -> (f64, Exponents) {
        let weights = |pair: &Exponents| ebit_quantum::BellDiagonal::from_correlations(pair.decayed());
        let (probability, pair) = weights(kept).distill(&weights(measured), protocol);
        (probability, Exponents { correlations: pair.correlations(), dephasing: 0.0, depolarizing: 0.0 })
    }

    #[inline]
    fn correct(&self, _state: &mut Exponents, _pauli: Pauli) {}

    fn flip(&self, state: &Exponents) -> Exponents {
        *state
    }

    #[inline]
    fn read(&self, state: &Exponents) -> [f64; 3] {
        let t = state.decayed();
        [t.fidelity(), t.qber_x(), t.qber_z()]
    }
}

pub struct DensityMatrix {
    fresh: Vec<Vec<PairState>>,
    tick_s: f64,
}

impl DensityMatrix {
    pub fn new(world: &World) -> Self {
        Self { fresh: world.fresh.clone(), tick_s: world.scale.tick_s() }
    }
}

impl Formalism for DensityMatrix {
    type State = PairState;
    const COMMUTES: bool = false;

    fn fresh(&self, request: u32, position: u32) -> PairState {
        self.fresh[request as usize][position as usize]
    }

    fn age(&self, state: &mut PairState, side: usize, decay: &Decay, ticks: Tick) {
        if ticks > 0 {
            decay.apply(state, SIDES[side], ticks as f64 * self.tick_s);
        }
    }

    fn swap(
        &self,
        left: &PairState,
        right: &PairState,
        visibility: f64,
        draw: &mut dyn FnMut() -> f64,
        at_once: bool,
    ) -> (PairState, Pauli) {
        if at_once {
            // Nothing that happens later depends on the outcome: the average is exact.
            return (PairState::swap_average(left, right).depolarize_pair(visibility), Pauli::I);
        }
        let mut u = draw();
        let mut last = (PairState::swap_average(left, right), Pauli::I);
        for outcome in 0..4 {
            let (probability, state) = PairState::swap(left, right, outcome);
            if probability > 0.0 {
                last = (state, PairState::correction(outcome));
                if u < probability {
                    break;
                }
            }
            u -= probability;
        }
        (last.0.depolarize_pair(visibility), last.1)
    }

    fn distill(&self, kept: &PairState, measured: &PairState, protocol: Distillation) -> (f64, PairState) {
        kept.distill(measured, protocol)
    }

    fn correct(&self, state: &mut PairState, pauli: Pauli) {
        state.apply_pauli(Side::Right, pauli);
    }

    fn flip(&self, state: &PairState) -> PairState {
        state.flipped()
    }

    fn read(&self, state: &PairState) -> [f64; 3] {
        [state.fidelity(), state.qber_x(), state.qber_z()]
    }
}
