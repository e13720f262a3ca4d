//! The three descriptions of a pair against each other: Bell weights, Pauli coefficients, dense matrices.
#![allow(clippy::unwrap_used)]

use ebit_quantum::{BellDiagonal, DensityMatrix, Distillation, PairState, Pauli, Side};
use num_complex::Complex64;
use proptest::prelude::*;

const TIGHT: f64 = 1e-12;

/// A random mixed state of two qubits: G G^dagger / Tr.
fn any_pair() -> impl Strategy<Value = PairState> {
    prop::array::uniform32(-1.0..1.0f64).prop_map(|g| {
        let g: Vec<Complex64> = g.chunks_exact(2).map(|c| Complex64::new(c[0], c[1])).collect();
        let mut rho = [[Complex64::new(0.0, 0.0); 4]; 4];
        for i in 0..4 {
            for j in 0..4 {
                rho[i][j] = (0..4).map(|k| g[4 * i + k] * g[4 * j + k].conj()).sum();
            }
        }
        let trace: f64 = (0..4).map(|k| rho[k][k].re).sum();
        for x in rho.iter_mut().flatten() {
            *x /= trace;
        }
        PairState::from_matrix(&rho)
    })
}

fn any_bell() -> impl Strategy<Value = BellDiagonal> {
    prop::array::uniform4(1e-3..1.0f64).prop_map(|w| {
        let sum: f64 = w.iter().sum();
        BellDiagonal::new(w.map(|x| x / sum)).unwrap()
    })
}

fn dense(pair: &PairState) -> DensityMatrix {
    DensityMatrix::from_matrix(pair.to_matrix().into_iter().flatten().collect()).unwrap()
}

/// `low` on qubits 0 and 1, `high` on qubits 2 and 3.
fn dense_two(low: &PairState, high: &PairState) -> DensityMatrix {
    let (l, h) = (low.to_matrix(), high.to_matrix());
    let entry = |i: usize, j: usize| l[i % 4][j % 4] * h[i / 4][j / 4];
    DensityMatrix::from_matrix((0..256).map(|k| entry(k / 16, k % 16)).collect()).unwrap()
}

fn pair_of(state: &DensityMatrix) -> PairState {
    let m = state.matrix();
    PairState::from_matrix(&std::array::from_fn(|i| std::array::from_fn(|j| m[4 * i + j])))
}

fn assert_same(a: &PairState, b: &PairState) {
    for (x, y) in a.coefficients().iter().zip(b.coefficients()) {
        assert!((x - y).abs() < TIGHT, "{a:?}\nagainst\n{b:?}");
    }
}

/// Bell measurement of qubits 1 and 2 with the given outcome; the outer pair, uncorrected.
fn measured_swap(left: &PairState, right: &PairState, outcome: usize) -> (f64, PairState) {
    let mut all = dense_two(left, right);
    all.cx(1, 2).unwrap();
    all.h(1).unwrap();
    let p = all.collapse(1, outcome & 1 == 1).unwrap() * all.collapse(2, outcome & 2 == 2).unwrap();
    (p, pair_of(&all.partial_trace(&[0, 3]).unwrap()))
}

proptest! {
    #[test]
    fn matrix_and_coefficients_are_one_thing(pair in any_pair()) {
        assert_same(&PairState::from_matrix(&pair.to_matrix()), &pair);
        let state = dense(&pair);
        let letters = ["I", "X", "Y", "Z"];
        for (a, left) in letters.iter().enumerate() {
            for (b, right) in letters.iter().enumerate() {
                let expected = state.expectation(&format!("{left}{right}")).unwrap();
                prop_assert!((pair.coefficients()[4 * a + b] - expected).abs() < TIGHT);
            }
        }
        prop_assert!((pair.fidelity() - dense(&PairState::PHI_PLUS).fidelity(&state).unwrap()).abs() < TIGHT);
    }

    #[test]
    fn noise_on_one_half(pair in any_pair(), p in 0.0..1.0f64, q in 0.0..1.0f64, right in any::<bool>()) {
        let (side, target) = if right { (Side::Right, 1) } else { (Side::Left, 0) };
        let mut state = dense(&pair);
        let mut relaxed = pair;
        relaxed.relax(side, p, q * p.sqrt());
        state.relax(p, q * p.sqrt(), &[target]).unwrap();
        assert_same(&relaxed, &pair_of(&state));
        dense(&relaxed); // still positive

        relaxed.depolarize_qubit(side, 1.0 - q);
        state.depolarize(q, &[target]).unwrap();
        assert_same(&relaxed, &pair_of(&state));

        relaxed.dephase_factor(side, 1.0 - 2.0 * p);
        state.dephase(p, &[target]).unwrap();
        assert_same(&relaxed, &pair_of(&state));

        relaxed.apply_pauli(side, Pauli::Y);
        state.y(target).unwrap();
        assert_same(&relaxed, &pair_of(&state));

        state.depolarize(p, &[0, 1]).unwrap();
        assert_same(&relaxed.depolarize_pair(1.0 - p), &pair_of(&state));
    }

    #[test]
    fn swap_outcome_by_outcome(left in any_pair(), right in any_pair()) {
        let mut average = [0.0; 16];
        for outcome in 0..4 {
            let (p, mut pair) = PairState::swap(&left, &right, outcome);
            let (expected_p, expected) = measured_swap(&left, &right, outcome);
            prop_assert!((p - expected_p).abs() < TIGHT);
            assert_same(&pair, &expected);
            pair.apply_pauli(Side::Right, PairState::correction(outcome));
            average.iter_mut().zip(pair.coefficients()).for_each(|(sum, r)| *sum += p * r);
        }
        assert_same(&PairState::swap_average(&left, &right), &PairState::from_coefficients(average));
    }

    /// What makes the fast formalism exact: averaged swaps act on the Bell-diagonal parts alone.
    #[test]
    fn averaged_swaps_never_mix_the_rest_into_the_bell_weights(left in any_pair(), right in any_pair()) {
        let full = PairState::swap_average(&left, &right).correlations();
        let fast = left.correlations().swap(right.correlations());
        for (a, b) in full.weights().iter().zip(fast.weights()) {
            prop_assert!((a - b).abs() < TIGHT);
        }
    }

    #[test]
    fn distillation_by_its_circuit(kept in any_pair(), measured in any_pair(), dejmps in any::<bool>()) {
        let (protocol, pairs) = if dejmps {
            (Distillation::Dejmps, [kept, measured])
        } else {
            let twirl = |pair: PairState| PairState::from_weights(BellDiagonal::werner(pair.fidelity()).unwrap().weights());
            (Distillation::Bbpssw, [twirl(kept), twirl(measured)])
        };
        let mut all = dense_two(&pairs[0], &pairs[1]); // left ends: qubits 0 and 2
        if dejmps {
            let root_x = |sign: f64| {
                let (a, b) = (Complex64::new(0.5f64.sqrt(), 0.0), Complex64::new(0.0, -sign * 0.5f64.sqrt()));
                [a, b, b, a]
            };
            for (target, sign) in [(0, 1.0), (1, -1.0), (2, 1.0), (3, -1.0)] {
                all.apply(&root_x(sign), &[target]).unwrap();
            }
        }
        all.cx(0, 2).unwrap();
        all.cx(1, 3).unwrap();
        let mut sum = [0.0; 16];
        for bit in [false, true] {
            let mut branch = all.clone();
            let p = branch.collapse(2, bit).unwrap() * branch.collapse(3, bit).unwrap();
            let pair = pair_of(&branch.partial_trace(&[0, 1]).unwrap());
            sum.iter_mut().zip(pair.coefficients()).for_each(|(s, r)| *s += p * r);
        }
        let (probability, better) = kept.distill(&measured, protocol);
        prop_assert!((probability - sum[0]).abs() < TIGHT);
        assert_same(&better, &PairState::from_coefficients(sum.map(|r| r / sum[0])));
    }

    #[test]
    fn distillation_of_bell_diagonal_pairs_stays_so(kept in any_bell(), measured in any_bell(), dejmps in any::<bool>()) {
        let protocol = if dejmps { Distillation::Dejmps } else { Distillation::Bbpssw };
        let full = |pair: BellDiagonal| PairState::from_weights(pair.weights());
        let (p, fast) = kept.distill(&measured, protocol);
        let (probability, better) = full(kept).distill(&full(measured), protocol);
        prop_assert!((p - probability).abs() < TIGHT);
        assert_same(&better, &full(fast));
    }

    #[test]
    fn one_noisy_half_of_a_bell_diagonal_pair_is_as_good_as_the_other(pair in any_bell(), p in 0.0..1.0f64) {
        for target in [0, 1] {
            let mut state = dense(&PairState::from_weights(pair.weights()));
            state.depolarize(p, &[target]).unwrap();
            assert_same(&pair_of(&state), &PairState::from_weights(pair.depolarize_qubit(p).unwrap().weights()));
            let mut state = dense(&PairState::from_weights(pair.weights()));
            state.dephase(p, &[target]).unwrap();
            assert_same(&pair_of(&state), &PairState::from_weights(pair.dephase(p).unwrap().weights()));
        }
    }
}

const NOISY_SWAP: f64 = 0.846587725888;

#[test]
fn the_noisy_swap_by_density_matrix() {
    let link = PairState::from_weights(BellDiagonal::werner(0.95).unwrap().weights());
    let mut all = dense_two(&link, &link);
    for qubit in 0..4 {
        all.depolarize(0.02, &[qubit]).unwrap();
    }
    all.cx(1, 2).unwrap();
    all.depolarize(0.01, &[1, 2]).unwrap();
    all.h(1).unwrap();
    let mut fidelity = 0.0;
    for outcome in 0..4 {
        let mut branch = all.clone();
        let p = branch.collapse(1, outcome & 1 == 1).unwrap() * branch.collapse(2, outcome & 2 == 2).unwrap();
        let mut pair = branch.partial_trace(&[0, 3]).unwrap();
        match PairState::correction(outcome) {
            Pauli::I => {}
            Pauli::X => pair.x(1).unwrap(),
            Pauli::Y => pair.y(1).unwrap(),
            Pauli::Z => pair.z(1).unwrap(),
        }
        fidelity += p * pair.fidelity(&dense(&PairState::PHI_PLUS)).unwrap();
    }
    assert!((fidelity - NOISY_SWAP).abs() < 5e-13, "{fidelity}");
}

#[test]
fn the_noisy_swap_by_pauli_coefficients() {
    let mut link = PairState::from_weights(BellDiagonal::werner(0.95).unwrap().weights());
    link.depolarize_qubit(Side::Left, 0.98);
    link.depolarize_qubit(Side::Right, 0.98);
    let fidelity = PairState::swap_average(&link, &link).depolarize_pair(0.99).fidelity();
    assert!((fidelity - NOISY_SWAP).abs() < 5e-13, "{fidelity}");
}

/// Relaxation has a direction, which a Pauli twirl forgets: here it costs more than one per cent of fidelity.
#[test]
fn twirling_relaxation_is_wrong_by_more_than_a_per_cent() {
    let (population, coherence) = (0.6, 0.7);
    let mut state = dense(&PairState::PHI_PLUS);
    let mut full = PairState::PHI_PLUS;
    let mut twirled = PairState::PHI_PLUS.correlations();
    for (side, target) in [(Side::Left, 0), (Side::Right, 1)] {
        state.relax(population, coherence, &[target]).unwrap();
        full.relax(side, population, coherence);
        twirled = twirled.dephase_factor(coherence);
        twirled.z *= population;
    }
    let exact = state.fidelity(&dense(&PairState::PHI_PLUS)).unwrap();
    assert!((full.fidelity() - exact).abs() < TIGHT);
    assert!(exact - twirled.fidelity() > 0.03, "{exact} against {}", twirled.fidelity());
}
