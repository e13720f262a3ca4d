//! The dense register by itself: gates, channels, reading, and what it refuses.
#![allow(clippy::unwrap_used)]

use ebit_quantum::{DensityMatrix, MAX_QUBITS};
use num_complex::Complex64;

fn c(re: f64, im: f64) -> Complex64 {
    Complex64::new(re, im)
}

fn assert_close(a: &DensityMatrix, b: &DensityMatrix) {
    for (x, y) in a.matrix().iter().zip(b.matrix()) {
        assert!((x - y).norm_sqr() < 1e-26, "{a:?}\nagainst\n{b:?}");
    }
}

/// A state without symmetry, to run channels on.
fn scrambled() -> DensityMatrix {
    let mut rho = DensityMatrix::new(3).unwrap();
    for qubit in 0..3 {
        rho.h(qubit).unwrap();
        rho.relax(0.9 - 0.1 * qubit as f64, 0.8, &[qubit]).unwrap();
        rho.s(qubit).unwrap();
    }
    rho.cx(0, 2).unwrap();
    rho.h(2).unwrap();
    rho.cx(2, 1).unwrap();
    rho.amplitude_damp(0.2, &[1]).unwrap();
    rho
}

#[test]
fn ghz_has_its_stabilizers() {
    let mut rho = DensityMatrix::new(3).unwrap();
    rho.h(0).unwrap();
    rho.cx(0, 1).unwrap();
    rho.cx(1, 2).unwrap();
    for (paulis, value) in [("XXX", 1.0), ("ZZ_", 1.0), ("IZZ", 1.0), ("YYX", -1.0), ("ZII", 0.0)] {
        assert!((rho.expectation(paulis).unwrap() - value).abs() < 1e-15, "{paulis}");
    }
    assert!((rho.purity() - 1.0).abs() < 1e-14);
    assert!((rho.partial_trace(&[2, 0]).unwrap().purity() - 0.5).abs() < 1e-14);
}

#[test]
fn the_first_target_is_the_least_significant_bit() {
    // CX with control = first target, as a matrix: |01> (control 1) <-> |11>.
    let (i, o) = (c(1.0, 0.0), c(0.0, 0.0));
    let cx = [i, o, o, o, o, o, o, i, o, o, i, o, o, i, o, o];
    let mut by_matrix = scrambled();
    by_matrix.apply(&cx, &[2, 0]).unwrap();
    let mut by_gate = scrambled();
    by_gate.cx(2, 0).unwrap();
    assert_close(&by_matrix, &by_gate);
    let mut cz = scrambled();
    cz.h(0).unwrap();
    cz.cz(2, 0).unwrap();
    cz.h(0).unwrap();
    assert_close(&cz, &by_gate);
}

#[test]
fn partial_trace_orders_as_asked() {
    let mut rho = DensityMatrix::new(3).unwrap();
    rho.x(2).unwrap();
    let kept = rho.partial_trace(&[2, 0]).unwrap();
    assert_eq!(kept.measure_probability(0).unwrap(), 1.0);
    assert_eq!(kept.measure_probability(1).unwrap(), 0.0);
}

#[test]
fn named_channels_are_their_kraus_sums() {
    let p: f64 = 0.3;
    let id = [c(1.0, 0.0), c(0.0, 0.0), c(0.0, 0.0), c(1.0, 0.0)];
    let z = [c(1.0, 0.0), c(0.0, 0.0), c(0.0, 0.0), c(-1.0, 0.0)];
    let x = [c(0.0, 0.0), c(1.0, 0.0), c(1.0, 0.0), c(0.0, 0.0)];
    let y = [c(0.0, 0.0), c(0.0, -1.0), c(0.0, 1.0), c(0.0, 0.0)];
    let scaled = |m: &[Complex64], f: f64| m.iter().map(|v| v * f).collect::<Vec<_>>();

    let (mut a, mut b) = (scrambled(), scrambled());
    a.dephase(p, &[1]).unwrap();
    b.apply_kraus(&[scaled(&id, (1.0 - p).sqrt()), scaled(&z, p.sqrt())], &[1]).unwrap();
    assert_close(&a, &b);

    let (mut a, mut b) = (scrambled(), scrambled());
    a.depolarize(p, &[1]).unwrap();
    let mut kraus = vec![scaled(&id, (1.0 - 0.75 * p).sqrt())];
    kraus.extend([x, y, z].iter().map(|m| scaled(m, (0.25 * p).sqrt())));
    b.apply_kraus(&kraus, &[1]).unwrap();
    assert_close(&a, &b);

    let (mut a, mut b) = (scrambled(), scrambled());
    a.amplitude_damp(p, &[2]).unwrap();
    let keep = vec![c(1.0, 0.0), c(0.0, 0.0), c(0.0, 0.0), c((1.0 - p).sqrt(), 0.0)];
    let fall = vec![c(0.0, 0.0), c(p.sqrt(), 0.0), c(0.0, 0.0), c(0.0, 0.0)];
    b.apply_kraus(&[keep, fall], &[2]).unwrap();
    assert_close(&a, &b);
}

/// Three-qubit Kraus operators take another path than one- and two-qubit ones.
#[test]
fn kraus_of_three_qubits() {
    let p: f64 = 0.3;
    let diagonal = |entry: &dyn Fn(usize) -> f64| -> Vec<Complex64> {
        (0..64).map(|k| if k % 9 == 0 { c(entry(k / 9), 0.0) } else { c(0.0, 0.0) }).collect()
    };
    let keep = diagonal(&|_| (1.0 - p).sqrt());
    let flip = diagonal(&|k| if k & 2 == 2 { -p.sqrt() } else { p.sqrt() });
    let (mut a, mut b) = (scrambled(), scrambled());
    a.apply_kraus(&[keep, flip], &[2, 0, 1]).unwrap();
    b.dephase(p, &[0]).unwrap();
    assert_close(&a, &b);
}

#[test]
fn depolarizing_all_qubits_keeps_the_trace_and_leaves_white_noise() {
    let mut rho = scrambled();
    rho.depolarize(1.0, &[0, 1, 2]).unwrap();
    assert!((rho.trace() - 1.0).abs() < 1e-14);
    assert!((rho.purity() - 0.125).abs() < 1e-14);
}

#[test]
fn fidelity_of_commuting_states_is_the_classical_one() {
    let diagonal = |p: [f64; 4]| {
        let matrix = (0..16).map(|k| c(if k % 5 == 0 { p[k / 5] } else { 0.0 }, 0.0)).collect();
        let mut state = DensityMatrix::from_matrix(matrix).unwrap();
        // A common rotation that makes both dense.
        state.h(0).unwrap();
        state.cx(0, 1).unwrap();
        state.s(1).unwrap();
        state.h(1).unwrap();
        state
    };
    let (p, q): ([f64; 4], [f64; 4]) = ([0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]);
    let root: f64 = p.iter().zip(&q).map(|(a, b)| (a * b).sqrt()).sum();
    let (a, b) = (diagonal(p), diagonal(q));
    assert!((a.fidelity(&b).unwrap() - root * root).abs() < 1e-13);
    assert!((b.fidelity(&a).unwrap() - root * root).abs() < 1e-13);
    assert!((a.fidelity(&a).unwrap() - 1.0).abs() < 1e-13);
}

#[test]
fn refusals_name_what_is_wrong() {
    let message = |e: ebit_quantum::QuantumError| e.to_string();
    assert!(message(DensityMatrix::new(MAX_QUBITS + 1).unwrap_err()).contains("an integer in [1, 13], got 14"));
    let mut rho = DensityMatrix::new(2).unwrap();
    assert!(message(rho.h(2).unwrap_err()).contains("targets[0] must be in [0, 1], got 2"));
    assert!(message(rho.cx(1, 1).unwrap_err()).contains("not named before"));
    assert!(message(rho.depolarize(1.5, &[0]).unwrap_err()).contains("p must be a probability"));
    assert!(message(rho.collapse(0, true).unwrap_err()).contains("the outcome is certain"));
    assert!(message(rho.apply(&[c(2.0, 0.0); 4], &[0]).unwrap_err()).contains("unitary must be unitary"));
    assert!(message(rho.apply(&[c(1.0, 0.0); 3], &[0]).unwrap_err()).contains("unitary must be 2 x 2, got 3 entries"));
    assert!(message(rho.apply_kraus(&[], &[0]).unwrap_err()).contains("kraus must be complete"));
    assert!(message(rho.relax(0.5, 0.9, &[0]).unwrap_err()).contains("T2 <= 2 T1"));
    assert!(message(rho.expectation("Z").unwrap_err()).contains("2 characters"));
    let matrix = |m: [f64; 4]| DensityMatrix::from_matrix(m.iter().map(|x| c(*x, 0.0)).collect()).map_err(message);
    assert!(matrix([0.5, 0.6, 0.6, 0.5]).unwrap_err().contains("positive"));
    assert!(matrix([0.5, 0.1, 0.0, 0.5]).unwrap_err().contains("Hermitian"));
    assert!(matrix([0.5, 0.0, 0.0, 0.6]).unwrap_err().contains("a trace of 1.1"));
    assert!(matrix([f64::NAN, 0.0, 0.0, 1.0]).unwrap_err().contains("finite"));
    assert!(DensityMatrix::from_matrix(vec![c(1.0, 0.0); 8]).is_err());
}
