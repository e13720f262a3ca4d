//! The closed forms of both heralding schemes against the photon-number calculation.
#![allow(clippy::unwrap_used)]

use ebit_hardware::LinkPhysics;
use ebit_random::math;
use ebit_spec::real::{PerSide, Real};
use ebit_spec::{Channel, Detector, DoubleClick, LinkModel, Negotiation, SingleClick};
use ebit_testkit::heralding::{Heralded, Optics};
use num_complex::Complex64;
use proptest::prelude::*;

const TIGHT: f64 = 1e-12;

/// A fibre without length: the arms' efficiencies are the sources'.
fn no_fiber() -> Channel {
    serde_json::from_str(r#"{"length_km": 0}"#).unwrap()
}

fn detector(optics: &Optics) -> Detector {
    Detector {
        efficiency: Real(1.0),
        dark_count_rate_hz: Real(-math::ln_1p(-optics.dark)),
        window_s: Real(1.0),
        number_resolving: optics.number_resolving,
    }
}

fn double_click(optics: &Optics, emission_fidelity: f64) -> LinkPhysics {
    let model = DoubleClick {
        fiber: no_fiber(),
        detector: detector(optics),
        source_efficiency: PerSide { a: optics.eta[0], b: optics.eta[1] },
        visibility: Real(optics.visibility),
        emission_fidelity: Real(emission_fidelity),
        double_excitation_probability: Real(optics.double_excitation),
        station: Real(0.5),
        local_time_s: Real(1e-6),
        modes: 1,
        negotiation: Negotiation::Herald,
    };
    LinkPhysics::of(&LinkModel::DoubleClick(model)).unwrap()
}

fn single_click(optics: &Optics, bright: [f64; 2], phase_std_rad: f64) -> LinkPhysics {
    let model = SingleClick {
        fiber: no_fiber(),
        detector: detector(optics),
        bright_state_population: PerSide { a: bright[0], b: bright[1] },
        source_efficiency: PerSide { a: optics.eta[0], b: optics.eta[1] },
        visibility: Real(optics.visibility),
        phase_std_rad: Real(phase_std_rad),
        double_excitation_probability: Real(optics.double_excitation),
        station: Real(0.5),
        local_time_s: Real(1e-6),
        modes: 1,
    };
    LinkPhysics::of(&LinkModel::SingleClick(model)).unwrap()
}

fn any_optics() -> impl Strategy<Value = Optics> {
    // Corners (0 and 1) as often as the inside.
    let unit = || prop_oneof![1 => Just(0.0), 1 => Just(1.0), 4 => 0.0..1.0f64];
    let dark = prop_oneof![1 => Just(0.0), 3 => 0.0..0.5f64, 1 => 1e-9..1e-6f64];
    (unit(), unit(), unit(), dark, any::<bool>(), unit()).prop_map(|(a, b, visibility, dark, number_resolving, p2)| Optics {
        eta: [a, b],
        visibility,
        dark,
        number_resolving,
        double_excitation: p2,
    })
}

fn assert_same(physics: &LinkPhysics, oracle: &Heralded) {
    let p = physics.success_probability;
    assert!((p - oracle.probability).abs() < TIGHT, "P {p} against {}", oracle.probability);
    let state = physics.state.to_matrix();
    for (i, row) in oracle.state.iter().enumerate() {
        for (j, expected) in row.iter().enumerate() {
            let difference: Complex64 = state[i][j] * p - expected;
            assert!(difference.norm_sqr().sqrt() < TIGHT, "[{i}][{j}]: {} against {expected}", state[i][j] * p);
        }
    }
    for (weight, of_state) in physics.weights.iter().zip(physics.state.bell_weights()) {
        assert!(*weight >= 0.0 && (weight - of_state).abs() < 1e-14);
    }
}

/// False heralds: all heralds minus those whose photons alone would have made the same clicks. Detectors without dark
/// counts see the photons; then every detector that must be quiet, or must count exactly, is (1 - dark)^k.
fn photons_alone(optics: &Optics, herald: impl Fn(&Optics) -> f64, bins: i32) -> f64 {
    let silent = Optics { dark: 0.0, ..*optics };
    let detectors = if optics.number_resolving { 2 * bins } else { bins };
    (0..detectors).fold(herald(&silent), |p, _| p * (1.0 - optics.dark))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn double_click_is_exact(optics in any_optics(), emission in 0.25..1.0f64, ideal in any::<bool>()) {
        let emission = if ideal { 1.0 } else { emission };
        let physics = double_click(&optics, emission);
        assert_same(&physics, &optics.double_click([emission; 2]));
        let p = physics.success_probability;
        let photons = photons_alone(&optics, |o| o.double_click([1.0; 2]).probability, 2);
        prop_assert!((physics.false_herald_probability * p - (p - photons)).abs() < TIGHT);
    }

    #[test]
    fn single_click_is_exact(optics in any_optics(), a in 0.0..=1.0f64, b in 0.0..=1.0f64, sigma in 0.0..3.0f64) {
        let physics = single_click(&optics, [a, b], sigma);
        assert_same(&physics, &optics.single_click([a, b], sigma));
        let p = physics.success_probability;
        let photons = photons_alone(&optics, |o| o.single_click([a, b], 0.0).probability, 1);
        prop_assert!((physics.false_herald_probability * p - (p - photons)).abs() < TIGHT);
    }

    /// The formula as printed in the reference table.
    #[test]
    fn double_click_as_printed(a in 0.0..1.0f64, b in 0.0..1.0f64, v in 0.0..1.0f64, dark in 0.0..0.5f64) {
        let optics = Optics { eta: [a, b], visibility: v, dark, number_resolving: false, double_excitation: 0.0 };
        let q2 = (1.0 - dark) * (1.0 - dark);
        let both = 0.5 * a * b * q2;
        let same = 0.5 * a * b * (1.0 + v) * dark * q2;
        let one = 2.0 * dark * (a + b - 2.0 * a * b) * q2;
        let none = 4.0 * dark * dark * (1.0 - a) * (1.0 - b) * q2;
        let p = both + same + one + none;
        let physics = double_click(&optics, 1.0);
        prop_assert!((physics.success_probability - p).abs() < 1e-14);
        let f = both * (1.0 + v) / 2.0 + (one + none) / 4.0;
        prop_assert!((physics.weights[0] * p - f).abs() < 1e-14);
    }
}
