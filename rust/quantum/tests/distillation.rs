//! Distillation by circuits: against the two-pair protocols, density matrices of six qubits, and sums over errors by hand.
#![allow(clippy::unwrap_used)]

use ebit_quantum::{BellDiagonal, Complaint, DensityMatrix, Distillation, Gate, Noise, PairState, PairStep, Pauli};
use ebit_testkit::cases::weighted;
use num_complex::Complex64;
use proptest::prelude::*;

const TIGHT: f64 = 1e-12;

fn any_bell() -> impl Strategy<Value = BellDiagonal> {
    prop::array::uniform4(1e-3..1.0f64).prop_map(|w| BellDiagonal::new(w.map(|x| x / w.iter().sum::<f64>())).unwrap())
}

/// A's half of pair k is qubit 2k, B's 2k + 1.
fn dense(pairs: &[BellDiagonal]) -> DensityMatrix {
    let n = 1usize << (2 * pairs.len());
    let matrices: Vec<_> = pairs.iter().map(|p| PairState::from_weights(p.weights()).to_matrix()).collect();
    let entry = |row: usize, column: usize| -> Complex64 {
        matrices.iter().enumerate().map(|(k, m)| m[row >> (2 * k) & 3][column >> (2 * k) & 3]).product()
    };
    DensityMatrix::from_matrix((0..n * n).map(|k| entry(k / n, k % n)).collect()).unwrap()
}

/// The same circuit on matrices: C at A, C* at B, every result, those of Phi+ kept.
fn by_matrices(pairs: &[BellDiagonal], steps: &[PairStep]) -> (f64, BellDiagonal) {
    let mut branches = vec![(1.0, dense(pairs))];
    let mut compared = Vec::new();
    for step in steps {
        match step {
            PairStep::Gate(gate, targets) => {
                let (a, b): (Vec<_>, Vec<_>) = targets.iter().map(|k| (2 * k, 2 * k + 1)).unzip();
                let unitary = gate.unitary();
                let conjugate: Vec<_> = unitary.iter().map(Complex64::conj).collect();
                for (_, rho) in &mut branches {
                    rho.apply(&unitary, &a).unwrap();
                    rho.apply(&conjugate, &b).unwrap();
                }
            }
            PairStep::Noise(noise, targets) => {
                let (a, b): (Vec<_>, Vec<_>) = targets.iter().map(|k| (2 * k, 2 * k + 1)).unzip();
                for (_, rho) in &mut branches {
                    rho.apply_kraus(&noise.kraus(), &a).unwrap();
                    rho.apply_kraus(&noise.kraus(), &b).unwrap();
                }
            }
            PairStep::Compare(pauli, k) => {
                compared.push(*k);
                let mut next = Vec::new();
                for (p, rho) in branches {
                    for bit in [false, true] {
                        let mut rho = rho.clone();
                        for qubit in [2 * k, 2 * k + 1] {
                            match pauli {
                                Pauli::X => rho.h(qubit).unwrap(),
                                Pauli::Y => rho.apply(&Gate::Hyz.unitary(), &[qubit]).unwrap(),
                                _ => {}
                            }
                        }
                        // Phi+ gives equal results in X and Z, different ones in Y.
                        let other = bit ^ (*pauli == Pauli::Y);
                        let Ok(first) = rho.collapse(2 * k, bit) else { continue };
                        let Ok(second) = rho.collapse(2 * k + 1, other) else { continue };
                        next.push((p * first * second, rho));
                    }
                }
                branches = next;
            }
        }
    }
    let kept = (0..pairs.len()).find(|k| !compared.contains(k)).unwrap();
    let mut weights = [0.0; 4];
    for (p, rho) in &branches {
        let m = rho.partial_trace(&[2 * kept, 2 * kept + 1]).unwrap();
        let m = m.matrix();
        let pair = PairState::from_matrix(&std::array::from_fn(|i| std::array::from_fn(|j| m[4 * i + j])));
        let exact = BellDiagonal::from_pair(&pair, false).unwrap();
        weights.iter_mut().zip(exact.weights()).for_each(|(sum, w)| *sum += p * w);
    }
    let probability: f64 = weights.iter().sum();
    (probability, BellDiagonal::new(weights.map(|w| w / probability)).unwrap())
}

fn assert_same(a: (f64, BellDiagonal), b: (f64, BellDiagonal)) {
    assert!((a.0 - b.0).abs() < TIGHT, "{a:?} against {b:?}");
    for (x, y) in a.1.weights().iter().zip(b.1.weights()) {
        assert!((x - y).abs() < TIGHT, "{a:?} against {b:?}");
    }
}

fn gate(gate: Gate, pairs: &[usize]) -> PairStep {
    PairStep::Gate(gate, pairs.to_vec())
}

fn double_selection() -> Vec<PairStep> {
    let rotate = (0..3).map(|k| gate(Gate::SqrtX, &[k]));
    let select =
        [gate(Gate::CX, &[0, 1]), gate(Gate::CX, &[2, 1]), PairStep::Compare(Pauli::Z, 1), PairStep::Compare(Pauli::X, 2)];
    rotate.chain(select).collect()
}

#[test]
fn any_circuit_on_three_pairs_is_its_density_matrix() {
    let strategy = (
        prop::array::uniform3(any_bell()),
        prop::collection::vec((0..Gate::ALL.len(), 0usize..3, 1usize..3), 1..8),
        0.0..0.4f64,
        prop::array::uniform2(1usize..4),
        0usize..3,
    );
    weighted(11, &strategy, |(pairs, gates, noise, basis, kept)| {
        let mut steps: Vec<PairStep> = gates
            .into_iter()
            .map(|(k, first, ahead)| {
                let gate = Gate::ALL[k];
                let targets = if gate.qubits() == 2 { vec![first, (first + ahead) % 3] } else { vec![first] };
                PairStep::Gate(gate, targets)
            })
            .collect();
        steps.insert(1, PairStep::Noise(Noise::depolarize(noise, 2).unwrap(), vec![2, 0]));
        steps.insert(1, PairStep::Noise(Noise::dephase(noise).unwrap(), vec![1]));
        let measured: Vec<usize> = (0..3).filter(|k| *k != kept).collect();
        steps.push(PairStep::Compare(Pauli::ALL[basis[0]], measured[0]));
        steps.push(PairStep::Compare(Pauli::ALL[basis[1]], measured[1]));
        assert_same(BellDiagonal::distill_by_circuit(&pairs, &steps).unwrap(), by_matrices(&pairs, &steps));
    });
}

#[test]
fn double_selection_is_its_density_matrix() {
    weighted(11, &prop::array::uniform3(any_bell()), |pairs| {
        assert_same(pairs[0].double_select(&pairs[1], &pairs[2]), by_matrices(&pairs, &double_selection()));
    });
}

proptest! {
    #[test]
    fn the_protocols_of_two_pairs_are_circuits(a in any_bell(), b in any_bell()) {
        let compare = [gate(Gate::CX, &[0, 1]), PairStep::Compare(Pauli::Z, 1)];
        let mut dejmps = vec![gate(Gate::SqrtX, &[0]), gate(Gate::SqrtX, &[1])];
        dejmps.extend(compare.clone());
        assert_same(BellDiagonal::distill_by_circuit(&[a, b], &dejmps).unwrap(), a.distill(&b, Distillation::Dejmps));
        let twirled = BellDiagonal::distill_by_circuit(&[a.to_werner(), b.to_werner()], &compare).unwrap();
        assert_same(twirled, a.distill(&b, Distillation::Bbpssw));
    }

    /// With perfect helpers one round removes what its comparison can see: after the rotation bit flips, before it Psi+ and Phi-.
    #[test]
    fn double_selection_with_perfect_helpers(a in any_bell()) {
        let (p, better) = a.double_select(&BellDiagonal::PHI_PLUS, &BellDiagonal::PHI_PLUS);
        let [f, phase, flip, both] = a.weights();
        prop_assert!((p - (f + both)).abs() < TIGHT);
        prop_assert!((better.fidelity() - f / (f + both)).abs() < TIGHT);
        prop_assert!(phase + flip > 0.0);
    }

    /// Sum over the errors by hand, for Werner pairs: bit flips x0 + x1 + x2 = 0, phase flips z1 + z2 = 0, and the kept pair is
    /// right if x0 = 0 and z0 + z1 = 0.
    #[test]
    fn double_selection_of_werner_pairs(f in 0.25..1.0f64) {
        let q = (1.0 - f) / 3.0;
        let weight = |x: u8, z: u8| if x + z == 0 { f } else { q };
        let (mut pass, mut good) = (0.0, 0.0);
        for bits in 0..64u8 {
            let [x0, z0, x1, z1, x2, z2] = std::array::from_fn(|k| bits >> k & 1);
            if x0 ^ x1 ^ x2 == 0 && z1 ^ z2 == 0 {
                let p = weight(x0, z0) * weight(x1, z1) * weight(x2, z2);
                pass += p;
                good += if x0 == 0 && z0 == z1 { p } else { 0.0 };
            }
        }
        let pair = BellDiagonal::werner(f).unwrap();
        let (p, better) = pair.double_select(&pair, &pair);
        prop_assert!((p - pass).abs() < TIGHT);
        prop_assert!((better.fidelity() - good / pass).abs() < TIGHT);
        if f > 0.5 && f < 1.0 {
            // What the third pair is for.
            let single = pair.distill(&pair, Distillation::Dejmps).1.fidelity();
            prop_assert!(better.fidelity() > single.max(f));
        }
    }

    #[test]
    fn laws_of_swaps(a in any_bell(), b in any_bell(), c in any_bell()) {
        let close = |x: BellDiagonal, y: BellDiagonal| {
            x.weights().iter().zip(y.weights()).all(|(x, y)| (x - y).abs() < 1e-15)
        };
        prop_assert!(close(a.swap(&b), b.swap(&a)));
        prop_assert!(close(a.swap(&b).swap(&c), a.swap(&b.swap(&c))));
        prop_assert!(close(a.swap(&BellDiagonal::PHI_PLUS), a));
        prop_assert!((a.swap(&b).weights().iter().sum::<f64>() - 1.0).abs() < 1e-15);
        let (_, better) = a.distill(&b, Distillation::Dejmps);
        prop_assert!((better.weights().iter().sum::<f64>() - 1.0).abs() < 1e-15);
        prop_assert!((a.qber_x() + a.qber_y() + a.qber_z() - 2.0 * (1.0 - a.fidelity())).abs() < 1e-15);
    }
}

#[test]
fn perfect_pairs_stay_so() {
    let perfect = BellDiagonal::PHI_PLUS;
    assert_same(perfect.double_select(&perfect, &perfect), (1.0, perfect));
    for protocol in [Distillation::Dejmps, Distillation::Bbpssw] {
        assert_same(perfect.distill(&perfect, protocol), (1.0, perfect));
    }
}

#[test]
fn double_selection_repeated_reaches_one() {
    // Phase and bit errors are seen in turn: without the rotation the rounds would stall.
    let mut pair = BellDiagonal::werner(0.8).unwrap();
    for _ in 0..6 {
        pair = pair.double_select(&pair, &pair).1;
    }
    assert!(pair.fidelity() > 1.0 - 1e-6, "{}", pair.fidelity());
}

#[test]
fn what_a_circuit_cannot_be() {
    let pairs = [BellDiagonal::PHI_PLUS; 3];
    let compare = |k| PairStep::Compare(Pauli::Z, k);
    let complaint = |steps: &[PairStep]| BellDiagonal::distill_by_circuit(&pairs, steps).unwrap_err();
    assert!(complaint(&[compare(0)]).to_string().contains("leaves one pair unmeasured, got 2"));
    assert!(complaint(&[compare(0), compare(1), compare(2)]).to_string().contains("got 0"));
    assert!(complaint(&[compare(0), gate(Gate::H, &[0])]).to_string().contains("steps[1]"));
    assert!(complaint(&[gate(Gate::CX, &[1, 1])]).to_string().contains("not named before"));
    assert!(complaint(&[gate(Gate::CX, &[1, 3])]).to_string().contains("[0, 2]"));
    assert!(complaint(&[gate(Gate::CX, &[1])]).to_string().contains("on 2 pair(s)"));
    assert!(complaint(&[PairStep::Compare(Pauli::I, 0)]).to_string().contains("X, Y or Z"));
    let damping = PairStep::Noise(Noise::amplitude_damp(0.1, 0.0).unwrap(), vec![0]);
    assert_eq!(complaint(&[damping]).complaint, Complaint::Unsupported);
    assert!(BellDiagonal::distill_by_circuit(&pairs[..1], &[]).is_err());
    assert!(BellDiagonal::distill_by_circuit(&[BellDiagonal::PHI_PLUS; 11], &[]).is_err());
}

#[test]
fn what_is_not_bell_diagonal_is_refused_or_twirled() {
    let mut rho = DensityMatrix::from_matrix(PairState::PHI_PLUS.to_matrix().into_iter().flatten().collect()).unwrap();
    rho.amplitude_damp(0.36, &[0]).unwrap();
    let m = rho.matrix();
    let pair = PairState::from_matrix(&std::array::from_fn(|i| std::array::from_fn(|j| m[4 * i + j])));
    let error = BellDiagonal::from_pair(&pair, false).unwrap_err();
    assert_eq!(error.complaint, Complaint::Unsupported);
    assert!(error.to_string().contains("twirl=True"));
    let twirled = BellDiagonal::from_pair(&pair, true).unwrap();
    assert!(
        (twirled.fidelity()
            - rho
                .fidelity(&DensityMatrix::from_matrix(PairState::PHI_PLUS.to_matrix().into_iter().flatten().collect()).unwrap())
                .unwrap())
        .abs()
            < TIGHT
    );
}
