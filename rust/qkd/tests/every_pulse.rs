//! Lines of two sides: skipping to the clicks against photons that go one by one.

mod samples;

use ebit_qkd::attacks::{Basis, InterceptResend};
use ebit_qkd::pulses::pairs::{self, Angle, EntangledPairs, PairSource};
use ebit_qkd::pulses::per_pulse;
use ebit_qkd::pulses::receiver::Detector;
use ebit_qkd::pulses::relay::{self, Relay, RelayLine, Sending};
use ebit_qkd::pulses::run::{frame_pulses, run};
use ebit_spec::Real;
use samples::{SIGMA, deviate, job};

/// Sent each way in every case.
const PULSES: u64 = 3_000_000;

fn detectors<const N: usize>(dark: f64) -> [Detector; N] {
    std::array::from_fn(|k| Detector { efficiency: Real(0.8 - 0.1 * k as f64), dark_probability: Real(dark * (1 + k) as f64) })
}

fn pair_line(source: PairSource, lambda: f64, dead_pulses: u64) -> EntangledPairs {
    let angle = |x, p| Angle { bloch_angle_rad: Real(x), probability: Real(p) };
    EntangledPairs {
        source,
        lambda: Real(lambda),
        alice: vec![angle(0.0, 0.6), angle(1.1, 0.4)],
        bob: vec![angle(0.3, 0.5), angle(1.57, 0.5)],
        transmittance: [Real(0.6), Real(0.3)],
        detectors: detectors(2e-3),
        misalignment: Real(0.03),
        dead_pulses,
    }
}

/// Some 10^5 coincidences in hundreds of classes, by settings, pairs, notes and patterns.
#[test]
fn pairs() {
    let cases = [
        (PairSource::DownConversion, 0.2, 0, None),
        (PairSource::DownConversion, 0.7, 5, Some((0.4, Basis::Random))),
        (PairSource::DownConversion, 0.4, 0, Some((1.0, Basis::Breidbart))),
        (PairSource::Single, 0.3, 5, None),
        (PairSource::Single, 0.3, 0, Some((0.7, Basis::X))),
    ];
    for (k, (source, lambda, dead, attack)) in cases.into_iter().enumerate() {
        let line = pair_line(source, lambda, dead);
        let intercept = attack.map(|(fraction, basis)| InterceptResend { fraction: Real(fraction), basis });
        let frame = frame_pulses(pairs::cells(&line, None).click_probability());
        let fast = run(&pairs::cells(&line, intercept.as_ref()), PULSES, frame, &job(k as u128, 2));
        let slow = per_pulse::pairs::run(&line, intercept.as_ref(), PULSES, frame, &job(k as u128, 2));
        let z = deviate(&fast, &slow);
        assert!(fast.clicks.len() > 40_000 && z < SIGMA, "{:?}: {z} of {}", cases[k], fast.clicks.len());
    }
}

fn relay_line(relay: Relay, means: [f64; 2], phases: [Option<f64>; 2], dead_pulses: u64) -> RelayLine {
    let points = [[0.0, 0.0, 1.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [0.0, -0.6, 0.8]];
    let symbols = |mean: f64, phase: Option<f64>| {
        let symbol = |k: usize| Sending {
            mean: Real(mean * (1.0 + k as f64) / 4.0),
            bloch: (relay == Relay::Bell).then(|| points[k].map(Real)),
            phase_rad: phase.map(|phase| Real(phase + 1.3 * k as f64)),
            light: k as u8,
            probability: Real([0.4, 0.3, 0.2, 0.1][k]),
        };
        (0..4).map(symbol).collect()
    };
    let count = if relay == Relay::Bell { 4 } else { 2 };
    RelayLine {
        relay,
        alice: symbols(means[0], phases[0]),
        bob: symbols(means[1], phases[1]),
        transmittance: [Real(0.5), Real(0.7)],
        detectors: detectors::<4>(2e-3)[..count].to_vec(),
        misalignment: Real(0.08),
        dead_pulses,
    }
}

/// Coherent light averaged over its phase against photon numbers that interfere, and fields against photons of a field.
#[test]
fn relays() {
    let cases = [
        (Relay::Bell, [0.9, 0.6], [None, None], 0),
        (Relay::Bell, [2.5, 3.0], [None, None], 4),
        (Relay::Bell, [0.6, 0.9], [Some(0.2), Some(1.0)], 0),
        (Relay::Single, [0.9, 0.6], [None, None], 4),
        (Relay::Single, [0.5, 0.4], [None, Some(0.7)], 0),
        (Relay::Single, [0.9, 0.6], [Some(0.4), Some(0.0)], 4),
    ];
    for (k, (relay, means, phases, dead)) in cases.into_iter().enumerate() {
        let line = relay_line(relay, means, phases, dead);
        let cells = relay::cells(&line);
        let frame = frame_pulses(cells.click_probability());
        let root = 50 + k as u128;
        let fast = run(&cells, PULSES, frame, &job(root, 2));
        let slow = per_pulse::relay::run(&line, PULSES, frame, &job(root, 2));
        let z = deviate(&fast, &slow);
        assert!(fast.clicks.len() > 40_000 && z < SIGMA, "{:?}: {z} of {}", cases[k], fast.clicks.len());
        for (d, (a, b)) in fast.detections.iter().zip(slow.detections).enumerate() {
            let z = (*a as f64 - b as f64).abs() / (*a as f64 + b as f64).max(1.0).sqrt();
            // Clicks of a pulse and its dead time are correlated, which makes their number vary less.
            assert!(z < SIGMA, "{:?}, detector {d}: {a} {b}", cases[k]);
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let (pairs, relay) = (pair_line(PairSource::DownConversion, 0.2, 5), relay_line(Relay::Bell, [0.9, 0.6], [None; 2], 4));
    let of = |threads| {
        let job = job(7, threads);
        let first = per_pulse::pairs::run(&pairs, None, 200_000, 1 << 12, &job);
        (first, per_pulse::relay::run(&relay, 200_000, 1 << 12, &job))
    };
    assert_eq!(of(1), of(3));
}
