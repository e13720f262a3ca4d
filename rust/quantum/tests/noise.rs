//! Every projection of a noise against dense matrices.
#![allow(clippy::unwrap_used)]

use ebit_quantum::{BellDiagonal, Complaint, DensityMatrix, Halves, Noise, PairState};
use ebit_random::math::exp;
use num_complex::Complex64;
use proptest::prelude::*;

const TIGHT: f64 = 1e-12;
type Matrix = Vec<Complex64>;

const fn real(x: f64) -> Complex64 {
    Complex64::new(x, 0.0)
}

fn times(a: &Matrix, b: &Matrix, n: usize) -> Matrix {
    (0..n * n).map(|k| (0..n).map(|j| a[k / n * n + j] * b[j * n + k % n]).sum()).collect()
}

fn dagger(a: &Matrix, n: usize) -> Matrix {
    (0..n * n).map(|k| a[k % n * n + k / n].conj()).collect()
}

/// high (x) low: the low one is the least significant qubit.
fn kron(high: &Matrix, low: &Matrix) -> Matrix {
    let (h, l) = (high.len().isqrt(), low.len().isqrt());
    let n = h * l;
    (0..n * n).map(|k| high[k / n / l * h + k % n / l] * low[k / n % l * l + k % n % l]).collect()
}

fn paulis() -> [Matrix; 4] {
    let (o, z, i) = (real(1.0), real(0.0), Complex64::i());
    [vec![o, z, z, o], vec![z, o, o, z], vec![z, -i, i, z], vec![o, z, z, -o]]
}

/// All Pauli words, digit k in base 4 on qubit k.
fn words(qubits: usize) -> Vec<Matrix> {
    (0..1usize << (2 * qubits))
        .map(|k| (0..qubits).fold(vec![real(1.0)], |low, q| kron(&paulis()[k >> (2 * q) & 3], &low)))
        .collect()
}

fn channel(kraus: &[Matrix], rho: &Matrix, n: usize) -> Matrix {
    let mut out = vec![real(0.0); n * n];
    for k in kraus {
        let term = times(&times(k, rho, n), &dagger(k, n), n);
        out.iter_mut().zip(term).for_each(|(sum, x)| *sum += x);
    }
    out
}

fn assert_close(a: &[Complex64], b: &[Complex64]) {
    assert_eq!(a.len(), b.len());
    for (x, y) in a.iter().zip(b) {
        assert!((x - y).norm_sqr().sqrt() < TIGHT, "{a:?}\nagainst\n{b:?}");
    }
}

/// Orthonormal columns from random numbers, by Gram-Schmidt.
fn isometry(rows: usize, columns: usize, numbers: &[f64]) -> Matrix {
    let entry = |k: usize| Complex64::new(numbers[2 * k % numbers.len()], numbers[(2 * k + 1) % numbers.len()]);
    let mut v: Vec<Vec<Complex64>> = (0..columns).map(|c| (0..rows).map(|r| entry(c * rows + r)).collect()).collect();
    for c in 0..columns {
        for d in (0..c).chain(0..c) {
            let done = v[d].clone();
            let overlap: Complex64 = done.iter().zip(&v[c]).map(|(a, b)| a.conj() * b).sum();
            v[c].iter_mut().zip(&done).for_each(|(x, a)| *x -= a * overlap);
        }
        let norm = v[c].iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
        v[c].iter_mut().for_each(|x| *x /= norm);
    }
    (0..rows * columns).map(|k| v[k % columns][k / columns]).collect()
}

/// A random channel of `terms` Kraus operators: the blocks of an isometry.
fn random_kraus(qubits: usize, terms: usize, numbers: &[f64]) -> Vec<Matrix> {
    let n = 1 << qubits;
    isometry(n * terms, n, numbers).chunks_exact(n * n).map(<[Complex64]>::to_vec).collect()
}

fn numbers() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1.0..1.0f64, 128)
}

fn one_qubit() -> impl Strategy<Value = Noise> {
    let p = 0.0..=1.0f64;
    prop_oneof![
        p.clone().prop_map(|p| Noise::dephase(p).unwrap()),
        p.clone().prop_map(|p| Noise::bit_flip(p).unwrap()),
        p.clone().prop_map(|p| Noise::depolarize(p, 1).unwrap()),
        prop::array::uniform4(0.01..1.0f64).prop_map(|w| Noise::pauli(w.map(|x| x / w.iter().sum::<f64>()).to_vec()).unwrap()),
        (p.clone(), p.clone()).prop_map(|(g, e)| Noise::amplitude_damp(g, e).unwrap()),
        (p.clone(), 0.1..5.0f64, 0.05..1.0f64, p)
            .prop_map(|(t, t1, x, e)| Noise::thermal_relaxation(t, t1, 2.0 * t1 * x, e).unwrap()),
        numbers().prop_map(|x| Noise::unitary(isometry(2, 2, &x)).unwrap()),
        (1usize..5, numbers()).prop_map(|(k, x)| Noise::from_kraus(random_kraus(1, k, &x)).unwrap()),
    ]
}

fn two_qubits() -> impl Strategy<Value = Noise> {
    prop_oneof![
        (0.0..=1.0f64).prop_map(|p| Noise::depolarize(p, 2).unwrap()),
        prop::array::uniform16(0.01..1.0f64).prop_map(|w| Noise::pauli(w.map(|x| x / w.iter().sum::<f64>()).to_vec()).unwrap()),
        numbers().prop_map(|x| Noise::unitary(isometry(4, 4, &x)).unwrap()),
        (1usize..4, numbers()).prop_map(|(k, x)| Noise::from_kraus(random_kraus(2, k, &x)).unwrap()),
    ]
}

fn any_noise() -> impl Strategy<Value = Noise> {
    prop_oneof![one_qubit(), two_qubits()]
}

fn any_bell() -> impl Strategy<Value = BellDiagonal> {
    prop::array::uniform4(1e-3..1.0f64).prop_map(|w| BellDiagonal::new(w.map(|x| x / w.iter().sum::<f64>())).unwrap())
}

fn any_state(qubits: usize, x: &[f64]) -> Matrix {
    let n = 1 << qubits;
    let k = isometry(n * n, 1, x);
    times(&k, &dagger(&k, n), n)
}

/// Average of P N(P rho P) P over all Pauli words.
fn twirled_by_force(noise: &Noise, rho: &Matrix) -> Matrix {
    let n = 1 << noise.qubits();
    let mut out = vec![real(0.0); n * n];
    for p in words(noise.qubits()) {
        let turned = times(&times(&p, rho, n), &p, n);
        let back = times(&times(&p, &channel(&noise.kraus(), &turned, n), n), &p, n);
        out.iter_mut().zip(back).for_each(|(sum, x)| *sum += x / (n * n) as f64);
    }
    out
}

proptest! {
    #[test]
    fn kraus_operators_are_complete(noise in any_noise()) {
        let n = 1usize << noise.qubits();
        let mut sum = vec![real(0.0); n * n];
        for k in noise.kraus() {
            sum.iter_mut().zip(times(&dagger(&k, n), &k, n)).for_each(|(s, x)| *s += x);
        }
        assert_close(&sum, &(0..n * n).map(|k| real(f64::from(k % (n + 1) == 0))).collect::<Vec<_>>());
    }

    #[test]
    fn the_twirl_is_the_average_over_pauli_conjugations(noise in any_noise(), x in numbers()) {
        let n = 1 << noise.qubits();
        let rho = any_state(noise.qubits(), &x);
        let mut expected = vec![real(0.0); n * n];
        let probabilities = noise.pauli_twirl();
        prop_assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < TIGHT);
        for (p, word) in probabilities.iter().zip(words(noise.qubits())) {
            let term = times(&times(&word, &rho, n), &word, n);
            expected.iter_mut().zip(term).for_each(|(sum, x)| *sum += x * *p);
        }
        assert_close(&twirled_by_force(&noise, &rho), &expected);
        assert_close(&channel(&noise.twirled().kraus(), &rho, n), &expected);
        if noise.is_pauli() {
            assert_close(&channel(&noise.kraus(), &rho, n), &expected);
        }
    }

    #[test]
    fn named_methods_of_the_density_matrix_are_the_same_noise(x in numbers(), p in 0.0..=1.0f64, q in 0.05..1.0f64) {
        let rho = DensityMatrix::from_matrix(any_state(2, &x)).unwrap();
        let by_kraus = |noise: &Noise, targets: &[usize]| {
            let mut rho = rho.clone();
            rho.apply_kraus(&noise.kraus(), targets).unwrap();
            rho
        };
        let by_name = |change: &dyn Fn(&mut DensityMatrix)| {
            let mut rho = rho.clone();
            change(&mut rho);
            rho
        };
        let same = |a: DensityMatrix, b: DensityMatrix| assert_close(&a.matrix(), &b.matrix());
        same(by_kraus(&Noise::dephase(p).unwrap(), &[1]), by_name(&|r| r.dephase(p, &[1]).unwrap()));
        same(by_kraus(&Noise::depolarize(p, 1).unwrap(), &[0]), by_name(&|r| r.depolarize(p, &[0]).unwrap()));
        same(by_kraus(&Noise::depolarize(p, 2).unwrap(), &[0, 1]), by_name(&|r| r.depolarize(p, &[0, 1]).unwrap()));
        same(by_kraus(&Noise::amplitude_damp(p, 0.0).unwrap(), &[1]), by_name(&|r| r.amplitude_damp(p, &[1]).unwrap()));
        let memory = Noise::thermal_relaxation(p, 1.0, 2.0 * q, 0.0).unwrap();
        same(by_kraus(&memory, &[0]), by_name(&|r| r.relax(exp(-p), exp(-p / (2.0 * q)), &[0]).unwrap()));
    }

    #[test]
    fn one_noise_after_another(pair in prop_oneof![(one_qubit(), one_qubit()), (two_qubits(), two_qubits())], x in numbers()) {
        let (first, second) = pair;
        let n = 1 << first.qubits();
        let rho = any_state(first.qubits(), &x);
        let both = first.then(&second).unwrap();
        prop_assert!(both.kraus().len() <= n * n);
        let expected = channel(&second.kraus(), &channel(&first.kraus(), &rho, n), n);
        assert_close(&channel(&both.kraus(), &rho, n), &expected);
    }

    #[test]
    fn the_bell_action_is_the_evolution_of_the_density_matrix(
        one in one_qubit(), two in two_qubits(), pair in any_bell(), where_ in 0usize..4,
    ) {
        let (noise, halves, targets): (&Noise, Halves, &[&[usize]]) = match where_ {
            0 => (&one, Halves::Left, &[&[0]]),
            1 => (&one, Halves::Right, &[&[1]]),
            2 => (&one, Halves::Both, &[&[0], &[1]]),
            _ => (&two, Halves::Both, &[&[0, 1]]),
        };
        let dense = |noise: &Noise| {
            let start = PairState::from_weights(pair.weights()).to_matrix().into_iter().flatten().collect();
            let mut rho = DensityMatrix::from_matrix(start).unwrap();
            targets.iter().for_each(|t| rho.apply_kraus(&noise.kraus(), t).unwrap());
            let m = rho.matrix();
            PairState::from_matrix(&std::array::from_fn(|i| std::array::from_fn(|j| m[4 * i + j])))
        };
        match pair.apply(noise, halves) {
            Ok(after) => {
                let expected = dense(noise);
                let exact = PairState::from_weights(after.weights());
                for (a, b) in exact.coefficients().iter().zip(expected.coefficients()) {
                    prop_assert!((a - b).abs() < TIGHT, "{noise}");
                }
            }
            Err(error) => {
                prop_assert_eq!(error.complaint, Complaint::Unsupported);
                prop_assert!(!noise.is_pauli());
            }
        }
        let twirled = noise.twirled();
        let after = PairState::from_weights(pair.apply(&twirled, halves).unwrap().weights());
        for (a, b) in after.coefficients().iter().zip(dense(&twirled).coefficients()) {
            prop_assert!((a - b).abs() < TIGHT);
        }
    }
}

#[test]
fn limits() {
    let same = |a: &Noise, b: &Noise| {
        for (x, y) in a.pauli_twirl().iter().zip(b.pauli_twirl()) {
            assert!((x - y).abs() < TIGHT, "{a} against {b}");
        }
    };
    let identity = Noise::pauli(vec![1.0, 0.0, 0.0, 0.0]).unwrap();
    same(&Noise::amplitude_damp(0.0, 0.3).unwrap(), &identity);
    same(&Noise::thermal_relaxation(0.0, 1.0, 1.0, 0.2).unwrap(), &identity);
    same(&Noise::thermal_relaxation(5.0, f64::INFINITY, f64::INFINITY, 0.0).unwrap(), &identity);
    // Without T1 only phases go: e^(-t/T2) = 1 - 2p.
    same(&Noise::thermal_relaxation(1.0, f64::INFINITY, 2.0, 0.0).unwrap(), &Noise::dephase(0.5 * (1.0 - exp(-0.5))).unwrap());
    // T2 = 2 T1 is amplitude damping and nothing else.
    let damped = Noise::amplitude_damp(1.0 - exp(-0.3), 0.0).unwrap();
    let relaxed = Noise::thermal_relaxation(0.3, 1.0, 2.0, 0.0).unwrap();
    assert_eq!(damped.kraus().len(), relaxed.kraus().len());
    for (a, b) in damped.kraus().iter().zip(relaxed.kraus()) {
        assert_close(a, &b);
    }
    // Everything gone: the bath's state, |1> with its population.
    let gone = Noise::amplitude_damp(1.0, 0.25).unwrap();
    let rho = channel(&gone.kraus(), &vec![real(0.5), real(0.5), real(0.5), real(0.5)], 2);
    assert_close(&rho, &[real(0.75), real(0.0), real(0.0), real(0.25)]);
    // The twirl of amplitude damping in closed form: x = y = gamma/4, z = (1 - sqrt(1 - gamma))^2/4.
    let twirl = Noise::amplitude_damp(0.36, 0.0).unwrap().pauli_twirl();
    for (a, b) in twirl.iter().zip([0.81, 0.09, 0.09, 0.01]) {
        assert!((a - b).abs() < TIGHT);
    }
    // Complete dephasing of one half of Phi+ leaves a classical bit.
    let pair = BellDiagonal::werner(1.0).unwrap().apply(&Noise::dephase(0.5).unwrap(), Halves::Right).unwrap();
    assert_eq!(pair.weights(), [0.5, 0.5, 0.0, 0.0]);
}

#[test]
fn a_coherent_error_that_is_a_pauli_is_one() {
    for (k, word) in words(1).into_iter().enumerate() {
        let noise = Noise::unitary(word).unwrap();
        assert!(noise.is_pauli());
        assert!((noise.pauli_twirl()[k] - 1.0).abs() < TIGHT);
    }
    let half = real(std::f64::consts::FRAC_1_SQRT_2);
    let hadamard = Noise::unitary(vec![half, half, half, -half]).unwrap();
    assert!(!hadamard.is_pauli());
    assert!(hadamard.bell_action(Halves::Left).is_err());
    // H on both halves exchanges Phi- and Psi+.
    let action = hadamard.bell_action(Halves::Both).unwrap();
    for (row, expected) in
        action.iter().zip([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    {
        for (a, b) in row.iter().zip(expected) {
            assert!((a - b).abs() < TIGHT);
        }
    }
}

#[test]
fn refusals_name_two_ways_on() {
    let damping = Noise::amplitude_damp(0.2, 0.0).unwrap();
    let pair = BellDiagonal::werner(0.9).unwrap();
    for error in [pair.apply(&damping, Halves::Left).unwrap_err(), damping.to_stim(&[0]).unwrap_err()] {
        assert_eq!(error.complaint, Complaint::Unsupported);
        let text = error.to_string();
        assert!(text.contains("amplitude_damp(gamma=0.2)") && text.contains("twirled()"), "{text}");
        assert!(text.contains("DensityMatrix") || text.contains("to_density_matrix()"), "{text}");
    }
    let text = Noise::thermal_relaxation(1.0, 1.0, 2.5, 0.0).unwrap_err().to_string();
    assert_eq!(text, "Noise: t2_s must be <= 2 T1 = 2, got 2.5 (relaxation alone takes coherence that fast)");
    assert!(Noise::pauli(vec![0.5, 0.5]).is_err());
    assert!(Noise::pauli(vec![0.5, 0.5, 0.1, 0.0]).unwrap_err().to_string().contains("a sum of 1.1"));
    assert!(Noise::unitary(vec![real(1.0), real(0.0), real(0.0), real(2.0)]).is_err());
    assert!(Noise::from_kraus(Vec::new()).is_err());
    assert!(Noise::depolarize(0.1, 5).is_err());
    assert!(Noise::dephase(f64::NAN).is_err());
}

#[test]
fn stim_text() {
    assert_eq!(Noise::dephase(0.25).unwrap().to_stim(&[3]).unwrap(), "Z_ERROR(0.25) 3");
    assert_eq!(Noise::depolarize(1.0, 1).unwrap().to_stim(&[0]).unwrap(), "DEPOLARIZE1(0.75) 0");
    assert_eq!(Noise::depolarize(0.5, 2).unwrap().to_stim(&[4, 1]).unwrap(), "DEPOLARIZE2(0.46875) 4 1");
    // Digit 0 is the first target's: index 1 is X on it, index 4 X on the second.
    let mut p = vec![0.0; 16];
    (p[0], p[1], p[4]) = (0.25, 0.5, 0.25);
    let text = Noise::pauli(p).unwrap().to_stim(&[0, 1]).unwrap();
    assert_eq!(text, "PAULI_CHANNEL_2(0.25, 0, 0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) 0 1");
    let mut p = vec![0.0; 64];
    (p[0], p[1], p[6], p[63]) = (0.25, 0.25, 0.25, 0.25);
    let text = Noise::pauli(p).unwrap().to_stim(&[5, 6, 7]).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "CORRELATED_ERROR(0.25) X5");
    assert!(lines[1].starts_with("ELSE_CORRELATED_ERROR(0.333") && lines[1].ends_with(") Y5 X6"));
    assert_eq!(lines[2], "ELSE_CORRELATED_ERROR(0.5) Z5 Z6 Z7");
    assert!(Noise::dephase(0.1).unwrap().to_stim(&[0, 1]).is_err());
    assert!(Noise::depolarize(0.1, 2).unwrap().to_stim(&[1, 1]).is_err());
}
