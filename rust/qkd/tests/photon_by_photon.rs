//! Relays by amplitudes of occupation numbers, with no formula shared with what they check.

use ebit_qkd::rates::mdi::Relay;
use ebit_qkd::rates::relay::one_click_of;
use ebit_testkit::fock::Fock;

/// Modes: detectors left H, left V, right H, right V, and what each sender loses.
const MODES: usize = 6;

/// A photon of polarization (h, v) from one of two senders (0, 1), behind a balanced beam splitter.
fn photon(sender: usize, polarization: [f64; 2], eta: f64) -> Vec<(usize, f64)> {
    let sign = if sender == 0 { 1.0 } else { -1.0 };
    let arrives = (0.5 * eta).sqrt();
    let [h, v] = polarization.map(|x| x * arrives);
    vec![(0, h), (1, v), (2, sign * h), (3, sign * v), (4 + sender, (1.0 - eta).sqrt())]
}

/// Probabilities that one H and one V detector click and the others do not: on one side, and on two.
fn bell(state: &Fock, dark: f64) -> (f64, f64) {
    let pattern = |clicks: [usize; 2]| {
        state
            .weighed(state, |n| {
                (0..4)
                    .map(|d| {
                        let silent = if n[d] == 0 { 1.0 - dark } else { 0.0 };
                        if clicks.contains(&d) { 1.0 - silent } else { silent }
                    })
                    .product()
            })
            .re
    };
    (pattern([0, 1]) + pattern([2, 3]), pattern([0, 3]) + pattern([2, 1]))
}

/// n photons from A and m from B, by basis and bit: (same side, two sides).
fn numbers(n: usize, m: usize, polarizations: [[f64; 2]; 2], eta: [f64; 2], dark: f64) -> (f64, f64) {
    let state = Fock::vacuum(MODES).create_many(&photon(0, polarizations[0], eta[0]), n);
    bell(&state.create_many(&photon(1, polarizations[1], eta[1]), m), dark)
}

const R: f64 = std::f64::consts::FRAC_1_SQRT_2;
const Z: [[f64; 2]; 2] = [[1.0, 0.0], [0.0, 1.0]];
const X: [[f64; 2]; 2] = [[R, R], [R, -R]];

/// Accepted clicks and wrong ones, bits even: in Z opposite bits are right, in X equal ones where both clicks are on one side.
fn accepted(n: usize, m: usize, basis: [[f64; 2]; 2], test: bool, eta: [f64; 2], dark: f64) -> (f64, f64) {
    let (mut gain, mut wrong) = (0.0, 0.0);
    for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let (one, two) = numbers(n, m, [basis[a], basis[b]], eta, dark);
        gain += 0.25 * (one + two);
        wrong += 0.25
            * match (test, a == b) {
                (false, true) => one + two,
                (false, false) => 0.0,
                (true, true) => two,
                (true, false) => one,
            };
    }
    (gain, wrong)
}

#[test]
fn single_photons_at_the_relay() {
    for (eta, dark) in [([0.3, 0.3], 1e-3), ([0.8, 0.1], 0.05), ([1.0, 1.0], 0.0)] {
        let relay = Relay { eta, dark, misalignment: 0.0 };
        let (yields, wrong) = relay.single();
        let (key, _) = accepted(1, 1, Z, false, eta, dark);
        let (test, test_wrong) = accepted(1, 1, X, true, eta, dark);
        assert!((yields - key).abs() < 1e-14, "{eta:?}: {yields} {key}");
        assert!((yields - test).abs() < 1e-14, "{eta:?}: {yields} {test}");
        assert!((wrong - test_wrong).abs() < 1e-14, "{eta:?}: {wrong} {test_wrong}");
    }
}

#[test]
fn pulses_at_the_relay() {
    let (eta, dark, mu): ([f64; 2], f64, [f64; 2]) = ([0.4, 0.2], 2e-3, [0.15, 0.25]);
    let relay = Relay { eta, dark, misalignment: 0.0 };
    for (basis, test) in [(Z, false), (X, true)] {
        let (mut gain, mut wrong) = (0.0, 0.0);
        let mut a = ebit_random::math::exp(-mu[0]);
        for n in 0..8 {
            let mut b = ebit_random::math::exp(-mu[1]);
            for m in 0..8 - n {
                let (g, w) = accepted(n, m, basis, test, eta, dark);
                gain += a * b * g;
                wrong += a * b * w;
                b *= mu[1] / (m + 1) as f64;
            }
            a *= mu[0] / (n + 1) as f64;
        }
        let (q, eq) = if test { relay.test_basis(mu[0], mu[1]) } else { relay.key_basis(mu[0], mu[1]) };
        // What is left out has eight photons and more: 0.4^8/8! e^-0.4 < 1.1e-8.
        assert!((q - gain).abs() < 1.1e-8, "{test}: {q} {gain}");
        assert!((eq - wrong).abs() < 1.1e-8, "{test}: {eq} {wrong}");
        assert!(q > 1e-4);
    }
}

#[test]
fn numbers_of_photons_at_one_detector() {
    for (n, m) in [(0, 0), (1, 0), (1, 1), (2, 0), (2, 2), (3, 1), (2, 3)] {
        for (s, dark) in [(0.3, 1e-3), (0.05, 0.0), (1.0, 0.1)] {
            let state = Fock::vacuum(MODES).create_many(&photon(0, [1.0, 0.0], s), n);
            let state = state.create_many(&photon(1, [1.0, 0.0], s), m);
            let left = state
                .weighed(&state, |k| {
                    let silent = |d: usize| if k[d] == 0 { 1.0 - dark } else { 0.0 };
                    (1.0 - silent(0)) * silent(2)
                })
                .re;
            let closed = one_click_of(n as u32, m as u32, s, dark);
            assert!((closed - left).abs() < 1e-14, "{n} {m} {s}: {closed} {left}");
        }
    }
}
