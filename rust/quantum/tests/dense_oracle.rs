//! Density matrices and state vectors against operators written out on the whole register.
//!
//! Registers of 1 to 5 qubits store the whole matrix, of 6 and more its upper triangle: both are here, with every order of
//! targets.

#![allow(clippy::unwrap_used)]

use ebit_quantum::{Channel, DensityMatrix, Gate, Rotation, StateVector};
use ebit_random::{Purpose, Stream};
use ebit_testkit::dense::{Matrix, act, channel, embed, product, random_kraus, random_state, random_vector, sum};
use num_complex::Complex64;

/// Rounding of a few products of numbers below 1.
const ROUNDING: f64 = 1e-13;

fn stream(entity: u64) -> Stream {
    Stream::new(0xde45e, 0, entity, Purpose::User(1))
}

fn density(rho: &Matrix) -> DensityMatrix {
    DensityMatrix::from_matrix(rho.concat()).unwrap()
}

fn assert_same(state: &DensityMatrix, wanted: &Matrix, what: &str) {
    let n = state.dimension();
    for (i, row) in wanted.iter().enumerate() {
        for (j, x) in row.iter().enumerate() {
            let got = state.entry(i, j);
            assert!((got - x).norm_sqr().sqrt() < ROUNDING, "{what}: [{i}][{j}] {got} {x}");
        }
    }
    let whole = state.matrix();
    let same = |k: usize| (whole[k] - state.entry(k / n, k % n)).norm_sqr().sqrt() < ROUNDING;
    assert!((0..n * n).all(same), "{what}: two triangles");
}

/// Every ordered choice of k of n qubits.
fn choices(n: usize, k: usize) -> Vec<Vec<usize>> {
    if k == 0 {
        return vec![vec![]];
    }
    let longer = |t: Vec<usize>| (0..n).filter(|q| !t.contains(q)).map(|q| [t.clone(), vec![q]].concat()).collect::<Vec<_>>();
    choices(n, k - 1).into_iter().flat_map(longer).collect()
}

/// About `most` of them, spread over all.
fn some(n: usize, k: usize, most: usize) -> Vec<Vec<usize>> {
    let all = choices(n, k);
    let step = (all.len() / most).max(1);
    all.into_iter().step_by(step).collect()
}

fn registers() -> impl Iterator<Item = (usize, usize, usize)> {
    (1..=7).flat_map(|n| (1..=n.min(3)).map(move |k| (n, k, if n < 6 { 60 } else { 15 - n })))
}

#[test]
fn unitaries_and_channels_on_all_targets() {
    let mut draws = stream(0);
    for (n, k, most) in registers() {
        let rho = random_state(n, &mut draws);
        let psi = random_vector(1 << n, &mut draws);
        for targets in some(n, k, most) {
            for count in [1, 3] {
                let kraus = random_kraus(1 << k, count, &mut draws);
                let what = format!("{n} qubits, {targets:?}, {count} operators");
                let whole: Vec<Matrix> = kraus.iter().map(|m| embed(m, &targets, n)).collect();
                let wanted = channel(&rho, &whole);
                let mut state = density(&rho);
                state.apply_kraus(&kraus, &targets).unwrap();
                assert_same(&state, &wanted, &what);
                let mut state = density(&rho);
                state.apply_channel(&Channel::kraus(&kraus, &targets, n).unwrap()).unwrap();
                assert_same(&state, &wanted, &what);
                if count == 1 {
                    let mut state = density(&rho);
                    state.apply(&kraus[0], &targets).unwrap();
                    assert_same(&state, &wanted, &what);
                    let mut vector = StateVector::from_amplitudes(psi.clone()).unwrap();
                    vector.apply(&kraus[0], &targets).unwrap();
                    for (got, wanted) in vector.amplitudes().iter().zip(act(&whole[0], &psi)) {
                        assert!((got - wanted).norm_sqr().sqrt() < ROUNDING, "{what}: vector");
                    }
                }
            }
        }
    }
}

fn named() -> Vec<(String, usize, Vec<Complex64>)> {
    let angle = 0.7;
    let rotations = [
        Rotation::T,
        Rotation::TDag,
        Rotation::Rx(angle),
        Rotation::Ry(angle),
        Rotation::Rz(angle),
        Rotation::Phase(angle),
        Rotation::U(angle, 0.3, -1.1),
        Rotation::Crx(angle),
        Rotation::Cry(angle),
        Rotation::Crz(angle),
        Rotation::CPhase(angle),
        Rotation::Rxx(angle),
        Rotation::Ryy(angle),
        Rotation::Rzz(angle),
        Rotation::Ccx,
        Rotation::Ccz,
        Rotation::Cswap,
    ];
    let gates = Gate::ALL.iter().map(|g| (g.name().to_owned(), g.qubits(), g.unitary()));
    gates.chain(rotations.iter().map(|r| (format!("{r:?}"), r.qubits(), r.unitary()))).collect()
}

#[test]
fn named_gates_on_all_targets() {
    let mut draws = stream(1);
    for n in [3, 6] {
        let rho = random_state(n, &mut draws);
        let psi = random_vector(1 << n, &mut draws);
        for (name, k, unitary) in named() {
            for targets in some(n, k, 8) {
                let whole = embed(&unitary, &targets, n);
                let what = format!("{name} on {targets:?} of {n}");
                let mut state = density(&rho);
                state.apply(&unitary, &targets).unwrap();
                assert_same(&state, &channel(&rho, std::slice::from_ref(&whole)), &what);
                let mut vector = StateVector::from_amplitudes(psi.clone()).unwrap();
                vector.apply(&unitary, &targets).unwrap();
                for (got, wanted) in vector.amplitudes().iter().zip(act(&whole, &psi)) {
                    assert!((got - wanted).norm_sqr().sqrt() < ROUNDING, "{what}: vector");
                }
            }
        }
    }
}

#[test]
fn gates_called_by_name_are_the_gates_of_that_name() {
    type OnMatrix = fn(&mut DensityMatrix, &[usize]);
    let mut draws = stream(2);
    let calls: [(Gate, OnMatrix); 8] = [
        (Gate::H, |s, t| s.h(t[0]).unwrap()),
        (Gate::X, |s, t| s.x(t[0]).unwrap()),
        (Gate::Y, |s, t| s.y(t[0]).unwrap()),
        (Gate::Z, |s, t| s.z(t[0]).unwrap()),
        (Gate::S, |s, t| s.s(t[0]).unwrap()),
        (Gate::SDag, |s, t| s.s_dag(t[0]).unwrap()),
        (Gate::CX, |s, t| s.cx(t[0], t[1]).unwrap()),
        (Gate::CZ, |s, t| s.cz(t[0], t[1]).unwrap()),
    ];
    for n in [2, 4, 6] {
        let rho = random_state(n, &mut draws);
        for (gate, call) in &calls {
            for targets in choices(n, gate.qubits()) {
                let mut state = density(&rho);
                call(&mut state, &targets);
                let whole = embed(&gate.unitary(), &targets, n);
                assert_same(&state, &channel(&rho, &[whole]), &format!("{gate:?} on {targets:?} of {n}"));
            }
        }
    }
}

/// Kraus operators of depolarizing k qubits: all Pauli words with p/4^k, the identity with the rest.
fn depolarizing(p: f64, k: usize) -> Vec<Vec<Complex64>> {
    let paulis = [Gate::I, Gate::X, Gate::Y, Gate::Z].map(|g| g.unitary());
    let words = 1usize << (2 * k);
    (0..words)
        .map(|word| {
            let d = 1usize << k;
            let weight = p / words as f64 + if word == 0 { 1.0 - p } else { 0.0 };
            let entry = |i: usize, j: usize| -> Complex64 {
                (0..k).map(|q| paulis[word >> (2 * q) & 3][(i >> q & 1) * 2 + (j >> q & 1)]).product()
            };
            (0..d * d).map(|e| entry(e / d, e % d) * weight.sqrt()).collect()
        })
        .collect()
}

#[test]
fn named_noise_is_its_kraus_operators() {
    let mut draws = stream(3);
    let c = |x: f64| Complex64::new(x, 0.0);
    let (p, excited) = (0.3_f64, 0.2_f64);
    let diagonal = |a: f64, b: f64| vec![c(a), c(0.0), c(0.0), c(b)];
    let down = |g: f64| vec![c(0.0), c(g.sqrt()), c(0.0), c(0.0)];
    let up = |g: f64| vec![c(0.0), c(0.0), c(g.sqrt()), c(0.0)];
    let dephasing = [diagonal((1.0 - p).sqrt(), (1.0 - p).sqrt()), diagonal(p.sqrt(), -p.sqrt())];
    // Nielsen and Chuang, equation 8.118.
    let (cold, hot) = (1.0 - excited, excited);
    let damping = [
        diagonal(cold.sqrt(), (cold * (1.0 - p)).sqrt()),
        down(cold * p),
        diagonal((hot * (1.0 - p)).sqrt(), hot.sqrt()),
        up(hot * p),
    ];
    for n in [1, 2, 4, 6, 7] {
        let rho = random_state(n, &mut draws);
        for target in 0..n {
            let whole = |kraus: &[Vec<Complex64>]| kraus.iter().map(|m| embed(m, &[target], n)).collect::<Vec<_>>();
            let mut state = density(&rho);
            state.dephase(p, &[target]).unwrap();
            assert_same(&state, &channel(&rho, &whole(&dephasing)), "dephase");
            let mut state = density(&rho);
            state.amplitude_damp_towards(p, excited, &[target]).unwrap();
            assert_same(&state, &channel(&rho, &whole(&damping)), "generalized damping");
            let mut state = density(&rho);
            state.measure_nonselective(&[target]).unwrap();
            let projectors = [diagonal(1.0, 0.0), diagonal(0.0, 1.0)];
            assert_same(&state, &channel(&rho, &whole(&projectors)), "forgotten measurement");
            let mut state = density(&rho);
            state.reset(target).unwrap();
            assert_same(&state, &channel(&rho, &whole(&[diagonal(1.0, 0.0), down(1.0)])), "reset");
            for outcome in [false, true] {
                let projector = embed(&projectors[usize::from(outcome)], &[target], n);
                let mut wanted = product(&product(&projector, &rho), &projector);
                let weight: f64 = (0..1 << n).map(|k| wanted[k][k].re).sum();
                wanted.iter_mut().flatten().for_each(|x| *x /= weight);
                let mut state = density(&rho);
                assert!((state.collapse(target, outcome).unwrap() - weight).abs() < ROUNDING);
                assert_same(&state, &wanted, "collapse");
            }
        }
        for k in 1..=n.min(3) {
            for targets in some(n, k, if n < 6 { 24 } else { 8 }) {
                let mut state = density(&rho);
                state.depolarize(p, &targets).unwrap();
                let kraus = depolarizing(p, k);
                let whole: Vec<Matrix> = kraus.iter().map(|m| embed(m, &targets, n)).collect();
                assert_same(&state, &channel(&rho, &whole), &format!("depolarize {targets:?} of {n}"));
            }
        }
    }
}

#[test]
fn marginals_and_expectations() {
    let mut draws = stream(4);
    for n in [2, 5, 6] {
        let rho = random_state(n, &mut draws);
        let state = density(&rho);
        for k in 1..=n.min(3) {
            for keep in some(n, k, 12) {
                let d = 1usize << k;
                let spread = |v: usize| keep.iter().enumerate().map(|(b, q)| (v >> b & 1) << q).sum::<usize>();
                let mask: usize = keep.iter().map(|q| 1 << q).sum();
                let entry = |i: usize, j: usize| -> Complex64 {
                    (0..1usize << n).filter(|t| t & mask == 0).map(|t| rho[t + spread(i)][t + spread(j)]).sum()
                };
                let wanted: Matrix = (0..d).map(|i| (0..d).map(|j| entry(i, j)).collect()).collect();
                assert_same(&state.partial_trace(&keep).unwrap(), &wanted, "marginal");
            }
        }
        for word in 0..200usize {
            let letters: String = (0..n).map(|q| ['I', 'X', 'Y', 'Z'][((word * 7919) >> (2 * q)) & 3]).collect();
            let mut whole = embed(&[Complex64::new(1.0, 0.0); 1], &[], n);
            for (q, letter) in letters.chars().enumerate() {
                let gate = Gate::from_name(&letter.to_string()).unwrap();
                whole = product(&embed(&gate.unitary(), &[q], n), &whole);
            }
            let wanted: f64 = {
                let m = product(&rho, &whole);
                (0..1 << n).map(|k| m[k][k].re).sum()
            };
            assert!((state.expectation(&letters).unwrap() - wanted).abs() < ROUNDING, "{letters}");
        }
        let purity: f64 = {
            let m = product(&rho, &rho);
            (0..1 << n).map(|k| m[k][k].re).sum()
        };
        assert!((state.purity() - purity).abs() < ROUNDING);
        assert!((state.overlap(&state).unwrap() - purity).abs() < ROUNDING);
    }
}

/// 10,000 random channels one after the other on a register of each kind.
#[test]
fn ten_thousand_channels_keep_trace_and_sign() {
    let mut draws = stream(5);
    for n in [4, 6] {
        let mut state = density(&random_state(n, &mut draws));
        let sets: Vec<_> = (0..40).map(|k| random_kraus(2, 1 + k % 3, &mut draws)).collect();
        let pairs: Vec<_> = (0..8).map(|k| random_kraus(4, 1 + k % 2, &mut draws)).collect();
        for round in 0..10_000 {
            let target = draws.below(n as u64) as usize;
            let other = (target + 1 + draws.below(n as u64 - 1) as usize) % n;
            match round % 10 {
                0 => state.depolarize(0.01, &[target, other]).unwrap(),
                1 => state.amplitude_damp(0.01, &[target]).unwrap(),
                2 => state.apply_kraus(&pairs[round / 10 % 8], &[target, other]).unwrap(),
                3 => state.cx(target, other).unwrap(),
                _ => state.apply_kraus(&sets[round % 40], &[target]).unwrap(),
            }
        }
        assert!((state.trace() - 1.0).abs() < 1e-12, "{}", state.trace());
        let checked = DensityMatrix::from_matrix(state.matrix());
        assert!(checked.is_ok(), "Hermitian and positive");
        assert!((0..1 << n).all(|k| state.entry(k, k).im.abs() < 1e-14));
    }
}

#[test]
fn a_vector_and_its_projector_agree() {
    let mut draws = stream(6);
    let psi = random_vector(1 << 6, &mut draws);
    let mut vector = StateVector::from_amplitudes(psi).unwrap();
    let mut rho = vector.to_density_matrix().unwrap();
    for (name, k, unitary) in named() {
        let targets = &[4, 0, 3][..k];
        vector.apply(&unitary, targets).unwrap();
        rho.apply(&unitary, targets).unwrap();
        assert!((rho.overlap(&vector.to_density_matrix().unwrap()).unwrap() - 1.0).abs() < 1e-12, "{name}");
    }
    for q in 0..6 {
        assert!((vector.measure_probability(q).unwrap() - rho.measure_probability(q).unwrap()).abs() < 1e-12);
    }
    for word in ["XYZIXY", "ZZIIII", "IYIYII"] {
        assert!((vector.expectation(word).unwrap() - rho.expectation(word).unwrap()).abs() < 1e-12);
    }
    let (a, b) = (vector.partial_trace(&[5, 1]).unwrap(), rho.partial_trace(&[5, 1]).unwrap());
    assert!((0..16).all(|k| (a.entry(k / 4, k % 4) - b.entry(k / 4, k % 4)).norm_sqr() < 1e-24));
}

#[test]
fn threads_change_no_bit() {
    let mut draws = stream(7);
    let n = 17;
    let psi = random_vector(1 << n, &mut draws);
    for (name, k, unitary) in named() {
        for targets in [&[16, 0, 7][..k], &[0, 16, 15][..k], &[3, 2, 1][..k], &[14, 15, 16][..k]] {
            let run = |threads: usize| {
                let mut vector = StateVector::from_amplitudes(psi.clone()).unwrap();
                vector.set_threads(threads);
                vector.apply(&unitary, targets).unwrap();
                vector
            };
            let one = run(1);
            for threads in [2, 3] {
                assert!(run(threads).amplitudes() == one.amplitudes(), "{name} {targets:?} {threads}");
            }
        }
    }
}

/// The average over trajectories is the channel: every Pauli expectation of two qubits within its error.
///
/// False alarm 1e-6 over the 15 comparisons (5.4 standard errors); sees a difference of 0.02.
#[test]
fn trajectories_average_to_the_channel() {
    let runs = 40_000;
    let mut draws = stream(8);
    let psi = random_vector(4, &mut draws);
    let kraus = random_kraus(4, 3, &mut draws);
    type Noise<'a> = (&'a str, Box<dyn Fn(&mut StateVector, &mut Stream) + 'a>, Box<dyn Fn(&mut DensityMatrix) + 'a>);
    let noises: [Noise; 4] = [
        (
            "kraus",
            Box::new(|v, s| {
                v.apply_kraus(&kraus, &[1, 0], s).unwrap();
            }),
            Box::new(|r| r.apply_kraus(&kraus, &[1, 0]).unwrap()),
        ),
        (
            "depolarize",
            Box::new(|v, s| v.depolarize(0.4, &[0, 1], s).unwrap()),
            Box::new(|r| r.depolarize(0.4, &[0, 1]).unwrap()),
        ),
        ("dephase", Box::new(|v, s| v.dephase(0.2, &[0, 1], s).unwrap()), Box::new(|r| r.dephase(0.2, &[0, 1]).unwrap())),
        (
            "damp",
            Box::new(|v, s| v.amplitude_damp(0.3, &[1, 0], s).unwrap()),
            Box::new(|r| r.amplitude_damp(0.3, &[1, 0]).unwrap()),
        ),
    ];
    let letters = ["I", "X", "Y", "Z"];
    let words: Vec<String> = (1..16).map(|k| format!("{}{}", letters[k % 4], letters[k / 4])).collect();
    for (name, on_vector, on_matrix) in &noises {
        let start = StateVector::from_amplitudes(psi.clone()).unwrap();
        let mut rho = start.to_density_matrix().unwrap();
        on_matrix(&mut rho);
        let mut sums = vec![[0.0; 2]; words.len()];
        for _ in 0..runs {
            let mut vector = start.clone();
            on_vector(&mut vector, &mut draws);
            assert!((vector.norm() - 1.0).abs() < 1e-12);
            for (sum, word) in sums.iter_mut().zip(&words) {
                let x = vector.expectation(word).unwrap();
                sum[0] += x;
                sum[1] += x * x;
            }
        }
        for (sum, word) in sums.iter().zip(&words) {
            let mean = sum[0] / runs as f64;
            let error = ((sum[1] / runs as f64 - mean * mean).max(0.0) / runs as f64).sqrt();
            let wanted = rho.expectation(word).unwrap();
            assert!((mean - wanted).abs() < 5.4 * error + 1e-12, "{name} {word}: {mean} +- {error}, {wanted}");
        }
    }
}

#[test]
fn mixtures_add_up() {
    let mut draws = stream(9);
    let kraus = random_kraus(4, 2, &mut draws);
    let whole = kraus.iter().map(|m| embed(m, &[0, 1], 2));
    let identity = sum(whole.map(|k| product(&ebit_testkit::dense::dagger(&k), &k)));
    for (i, row) in identity.iter().enumerate() {
        for (j, x) in row.iter().enumerate() {
            assert!((x - if i == j { 1.0 } else { 0.0 }).norm_sqr() < 1e-28, "the oracle's channels are complete");
        }
    }
}

/// The oracle holds on every instruction set of this machine, not only on its best.
#[test]
fn every_instruction_set() {
    if std::env::var_os("EBIT_CPU").is_some() {
        return;
    }
    for path in ["portable", "avx2", "avx512"] {
        for test in ["named_gates_on_all_targets", "named_noise_is_its_kraus_operators", "threads_change_no_bit"] {
            let run = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", test])
                .env("EBIT_CPU", path)
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&run.stdout).into_owned();
            assert!(run.status.success() && text.contains("1 passed"), "{path} {test}: {text}");
        }
    }
}
