//! The closed forms of links whose memories herald against the photon-number calculation.
#![allow(clippy::unwrap_used)]

use ebit_hardware::LinkPhysics;
use ebit_random::math;
use ebit_spec::real::{PerSide, Real};
use ebit_spec::{Channel, Detector, LinkModel, MemoryKind, MidpointSource, PhotonSource, SenderReceiver};
use ebit_spec::{QuantumDot, WeakCoherentPulse};
use ebit_testkit::cases::weighted;
use ebit_testkit::heralding::Heralded;
use ebit_testkit::memories::{self, Absorbing, Clicks, Emitting, Pairs};
use proptest::prelude::*;

const TIGHT: f64 = 1e-12;

/// One link: what the source sends and what both nodes do.
#[derive(Debug, Clone, Copy)]
struct Setting {
    /// Mean pairs per polarisation, or the probability of a single pair.
    brightness: f64,
    single: bool,
    arrives: [f64; 2],
    memory: [f64; 2],
    detector: f64,
    dark: f64,
    number_resolving: bool,
    visibility: f64,
    pair_fidelity: f64,
}

impl Setting {
    fn fiber() -> Channel {
        serde_json::from_str(r#"{"length_km": 0}"#).unwrap()
    }

    fn detector(&self) -> Detector {
        Detector {
            efficiency: Real(self.detector),
            dark_count_rate_hz: Real(-math::ln_1p(-self.dark)),
            window_s: Real(1.0),
            number_resolving: self.number_resolving,
        }
    }

    fn midpoint(&self, memory: MemoryKind) -> LinkPhysics {
        let model = MidpointSource {
            fiber: Self::fiber(),
            detector: self.detector(),
            mean_pairs: (!self.single).then_some(Real(2.0 * self.brightness)),
            memory,
            memory_efficiency: PerSide { a: self.memory[0], b: self.memory[1] },
            source_efficiency: PerSide { a: self.arrives[0], b: self.arrives[1] },
            visibility: Real(if memory == MemoryKind::Emissive { self.visibility } else { 1.0 }),
            station: Real(0.5),
            local_time_s: Real(1e-6),
            modes: 1,
            pair_probability: self.single.then_some(Real(self.brightness)),
            pair_fidelity: Real(self.pair_fidelity),
        };
        LinkPhysics::of(&LinkModel::MidpointSource(model)).unwrap()
    }

    fn sender_receiver(&self, emission_fidelity: f64, second: f64, source: Option<PhotonSource>) -> LinkPhysics {
        let model = SenderReceiver {
            fiber: Self::fiber(),
            detector: self.detector(),
            source_efficiency: Real(self.arrives[0]),
            memory_efficiency: Real(self.memory[0]),
            emission_fidelity: Real(emission_fidelity),
            double_excitation_probability: Real(second),
            local_time_s: Real(1e-6),
            modes: 1,
            source,
        };
        LinkPhysics::of(&LinkModel::SenderReceiver(model)).unwrap()
    }

    fn pairs(&self, most: usize) -> Pairs {
        let ideal = if self.single { Pairs::single(self.brightness) } else { Pairs::squeezed(self.brightness, most) };
        ideal.of_fidelity(self.pair_fidelity)
    }

    fn clicks(&self) -> Clicks {
        Clicks { dark: self.dark, number_resolving: self.number_resolving }
    }

    fn emissive(&self, most: usize) -> Heralded {
        let node = |k: usize| Emitting {
            clicks: self.clicks(),
            eta: [self.memory[k] * self.detector, self.arrives[k] * self.detector],
            visibility: self.visibility,
        };
        memories::emissive(&self.pairs(most), &[node(0), node(1)])
    }

    fn absorber(&self, k: usize) -> Absorbing {
        Absorbing { clicks: self.clicks(), stored: self.arrives[k] * self.memory[k], announced: self.detector }
    }

    fn absorptive(&self, most: usize) -> Heralded {
        memories::absorptive(&self.pairs(most), &[self.absorber(0), self.absorber(1)])
    }

    /// Heralds whose photons alone would have made the same clicks: no dark counts in the calculation, then silence of
    /// every detector that must be quiet or must count exactly.
    fn photons_alone(&self, herald: impl Fn(&Self) -> Heralded, quiet: [i32; 2]) -> f64 {
        let silent = Self { dark: 0.0, ..*self };
        (0..quiet[usize::from(self.number_resolving)]).fold(herald(&silent).probability, |p, _| p * (1.0 - self.dark))
    }
}

/// `brightest`: the most mean pairs per polarisation.
fn any_setting(brightest: f64) -> impl Strategy<Value = Setting> {
    // Corners (0 and 1) as often as the inside.
    let unit = || prop_oneof![1 => Just(0.0), 2 => Just(1.0), 8 => 0.0..1.0f64];
    let pair = move || (unit(), unit()).prop_map(|(a, b)| [a, b]);
    let dark = prop_oneof![1 => Just(0.0), 3 => 0.0..0.5f64, 1 => 1e-9..1e-6f64];
    let fidelity = prop_oneof![1 => Just(1.0), 1 => 0.25..1.0f64];
    (unit(), any::<bool>(), pair(), pair(), unit(), dark, any::<bool>(), unit(), fidelity).prop_map(
        move |(brightness, single, arrives, memory, detector, dark, number_resolving, visibility, pair_fidelity)| Setting {
            brightness: if single { brightness } else { brightest * brightness },
            single,
            arrives,
            memory,
            detector,
            dark,
            number_resolving,
            visibility,
            pair_fidelity,
        },
    )
}

fn assert_same(physics: &LinkPhysics, oracle: &Heralded) {
    let p = physics.success_probability;
    assert!((p - oracle.probability).abs() < TIGHT, "P {p} against {}", oracle.probability);
    let state = physics.state.to_matrix();
    for (row, expected) in state.iter().flatten().zip(oracle.state.iter().flatten()) {
        assert!((row * p - expected).norm_sqr().sqrt() < TIGHT, "{state:?} times {p} against {:?}", oracle.state);
    }
    for (weight, of_state) in physics.weights.iter().zip(physics.state.bell_weights()) {
        assert!(*weight >= 0.0 && (weight - of_state).abs() < 1e-14);
    }
}

fn assert_false_heralds(physics: &LinkPhysics, by_photons: f64) {
    let p = physics.success_probability;
    let difference = physics.false_herald_probability * p - (p - by_photons);
    assert!(difference.abs() < TIGHT, "false {} of {p}, photons alone {by_photons}", physics.false_herald_probability);
}

/// Faint sources, 8 pairs: what is cut has probability below 10 x 0.02^9 = 5e-15.
#[test]
fn emissive_memories_are_exact() {
    weighted(2, &any_setting(0.02), |setting| {
        let physics = setting.midpoint(MemoryKind::Emissive);
        assert_same(&physics, &setting.emissive(8));
        assert_false_heralds(&physics, setting.photons_alone(|s| s.emissive(8), [4, 8]));
    });
}

#[test]
fn absorptive_memories_are_exact() {
    weighted(2, &any_setting(0.005), |setting| {
        let physics = setting.midpoint(MemoryKind::Absorptive);
        assert_same(&physics, &setting.absorptive(6));
        assert_false_heralds(&physics, setting.photons_alone(|s| s.absorptive(6), [0, 2]));
    });
}

#[test]
fn sender_and_receiver_are_exact() {
    let strategy = (any_setting(0.0), 0.25..1.0f64, 0.0..1.0f64, any::<bool>());
    weighted(2, &strategy, |(setting, emission, second, ideal)| {
        let (emission, second) = if ideal { (1.0, 0.0) } else { (emission, second) };
        let physics = setting.sender_receiver(emission, second, None);
        let oracle = |s: &Setting| memories::sender_receiver(&s.absorber(0), emission, second);
        assert_same(&physics, &oracle(&setting));
        assert_false_heralds(&physics, setting.photons_alone(oracle, [0, 1]));
    });
}

/// Pulses of at most 0.3 photons in the mean, cut above 10: what is cut has probability below 2 x 0.3^11/11! = 9e-14.
#[test]
fn senders_of_weak_pulses_are_exact() {
    weighted(2, &(any_setting(0.0), 0.25..1.0f64, 0.0..0.3f64), |(setting, emission, mu)| {
        let source = PhotonSource::WeakCoherentPulse(WeakCoherentPulse { mean_photons: Real(mu) });
        let physics = setting.sender_receiver(emission, 0.0, Some(source));
        let mut numbers = vec![math::exp(-mu)];
        (1..=10).for_each(|n| numbers.push(numbers[n - 1] * mu / n as f64));
        let oracle = |s: &Setting| memories::sender_of_numbers(&s.absorber(0), emission, &numbers);
        assert_same(&physics, &oracle(&setting));
        assert_false_heralds(&physics, setting.photons_alone(oracle, [0, 1]));
    });
}

/// A dot by its definition: one photon or two, each lost or not, with the g2 they have. Near second = 1 g2 forgets it.
#[test]
fn senders_of_quantum_dots_are_exact() {
    let strategy = (any_setting(0.0), 0.25..1.0f64, 0.0..0.9f64, 0.0..1.0f64);
    weighted(2, &strategy, |(setting, emission, second, lost)| {
        let s = 1.0 - lost;
        let g2 = 2.0 * second / ((1.0 + second) * (1.0 + second));
        let source = PhotonSource::QuantumDot(QuantumDot { efficiency: Real(s), g2: Real(g2) });
        let physics = setting.sender_receiver(emission, 0.0, Some(source));
        let one_of_two = 2.0 * s * lost;
        let numbers = [(1.0 - second) * lost + second * lost * lost, (1.0 - second) * s + second * one_of_two, second * s * s];
        let oracle = |s: &Setting| memories::sender_of_numbers(&s.absorber(0), emission, &numbers);
        assert_same(&physics, &oracle(&setting));
        assert_false_heralds(&physics, setting.photons_alone(oracle, [0, 1]));
    });
}

/// Bright sources, 30 pairs: below 32 x (0.4/1.4)^31 = 5e-16.
#[test]
fn emissive_memories_of_bright_sources() {
    weighted(40, &any_setting(1.0), |setting| {
        let setting = Setting { single: false, brightness: 0.4 * setting.brightness, ..setting };
        assert_same(&setting.midpoint(MemoryKind::Emissive), &setting.emissive(30));
    });
}

/// 12 pairs: below 14 x (0.06/1.06)^13 = 8e-16.
#[test]
fn absorptive_memories_of_bright_sources() {
    weighted(40, &any_setting(1.0), |setting| {
        let setting = Setting { single: false, brightness: 0.06 * setting.brightness, ..setting };
        assert_same(&setting.midpoint(MemoryKind::Absorptive), &setting.absorptive(12));
    });
}
