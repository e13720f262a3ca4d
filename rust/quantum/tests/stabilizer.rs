//! Stabilizer states and Clifford operations against dense vectors that share nothing with them but the gates' matrices.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests: nothing here feeds a sampler")]

use ebit_quantum::{DensityMatrix, Gate, Pauli, PauliString, StabilizerState, Tableau};
use ebit_random::{Purpose, Stream};
use num_complex::Complex64;

/// Amplitudes of n qubits, qubit 0 the least significant bit.
#[derive(Clone)]
struct Dense(Vec<Complex64>);

impl Dense {
    fn zero(n: usize) -> Self {
        let mut amplitudes = vec![Complex64::new(0.0, 0.0); 1 << n];
        amplitudes[0] = Complex64::new(1.0, 0.0);
        Self(amplitudes)
    }
    fn apply(&mut self, gate: Gate, targets: &[usize]) {
        let (u, d) = (gate.unitary(), 1 << targets.len());
        let before = self.0.clone();
        for (index, amplitude) in self.0.iter_mut().enumerate() {
            let row: usize = targets.iter().enumerate().map(|(k, &q)| (index >> q & 1) << k).sum();
            *amplitude = (0..d)
                .map(|column| {
                    let from = targets.iter().enumerate().fold(index, |i, (k, &q)| i & !(1 << q) | (column >> k & 1) << q);
                    u[row * d + column] * before[from]
                })
                .sum();
        }
    }
    fn apply_string(&self, string: &PauliString) -> Self {
        let mut out = vec![Complex64::new(0.0, 0.0); self.0.len()];
        for (b, amplitude) in self.0.iter().enumerate() {
            let (mut to, mut factor) = (b, Complex64::i().powu(u32::from(string.phase())));
            for (q, pauli) in string.paulis().enumerate() {
                let one = b >> q & 1 == 1;
                to ^= usize::from(matches!(pauli, Pauli::X | Pauli::Y)) << q;
                factor *= match (pauli, one) {
                    (Pauli::Z, true) => Complex64::new(-1.0, 0.0),
                    (Pauli::Y, false) => Complex64::i(),
                    (Pauli::Y, true) => -Complex64::i(),
                    _ => Complex64::new(1.0, 0.0),
                };
            }
            out[to] += factor * amplitude;
        }
        Self(out)
    }
    fn overlap(&self, other: &[Complex64]) -> f64 {
        self.0.iter().zip(other).map(|(a, b)| a.conj() * b).sum::<Complex64>().norm_sqr()
    }
    fn expectation(&self, string: &PauliString) -> f64 {
        self.0.iter().zip(&self.apply_string(string).0).map(|(a, b)| a.conj() * b).sum::<Complex64>().re
    }
    /// Projects on an outcome of a string and returns its probability.
    fn project(&mut self, string: &PauliString, minus: bool) -> f64 {
        let sign = if minus { -0.5 } else { 0.5 };
        let turned = self.apply_string(string);
        self.0.iter_mut().zip(&turned.0).for_each(|(a, b)| *a = *a * 0.5 + *b * sign);
        let p = self.0.iter().map(Complex64::norm_sqr).sum::<f64>();
        self.0.iter_mut().for_each(|a| *a /= p.sqrt());
        p
    }
    fn same(&self, state: &StabilizerState) -> bool {
        (self.overlap(&state.to_state_vector().unwrap()) - 1.0).abs() < 1e-12
    }
}

fn stream(entity: u64) -> Stream {
    Stream::new(20_260_101, 0, entity, Purpose::User(1))
}

fn letters(n: usize, stream: &mut Stream) -> PauliString {
    let paulis: Vec<Pauli> = (0..n).map(|_| Pauli::ALL[stream.below(4) as usize]).collect();
    PauliString::from_paulis(&paulis).with_phase(2 * stream.below(2) as u8)
}

fn random_gate(n: usize, stream: &mut Stream) -> (Gate, Vec<usize>) {
    let gate = Gate::ALL[stream.below(Gate::ALL.len() as u64) as usize];
    let a = stream.below(n as u64) as usize;
    let b = (a + 1 + stream.below(n as u64 - 1) as usize) % n;
    (gate, if gate.qubits() == 1 { vec![a] } else { vec![a, b] })
}

fn single(n: usize, q: usize, axis: Pauli) -> PauliString {
    let mut string = PauliString::identity(n);
    string.set(q, axis);
    string
}

#[test]
fn every_gate_on_every_pair_does_what_its_matrix_does() {
    let mut draws = stream(1);
    for &gate in Gate::ALL {
        for a in 0..3 {
            for b in (0..3).filter(|&b| b != a) {
                for _ in 0..4 {
                    let (mut s, mut d) = (StabilizerState::new(3, 1).unwrap(), Dense::zero(3));
                    for _ in 0..12 {
                        let (gate, targets) = random_gate(3, &mut draws);
                        s.apply(gate, &targets).unwrap();
                        d.apply(gate, &targets);
                    }
                    let targets = if gate.qubits() == 1 { vec![a] } else { vec![a, b] };
                    s.apply(gate, &targets).unwrap();
                    d.apply(gate, &targets);
                    assert!(d.same(&s), "{gate:?} {targets:?}");
                }
            }
        }
    }
}

#[test]
fn random_circuits_with_measurements_follow_the_vector() {
    let mut draws = stream(2);
    for case in 0..300 {
        let n = 2 + case % 5;
        let (mut s, mut d) = (StabilizerState::new(n, case as u128).unwrap(), Dense::zero(n));
        for _ in 0..40 {
            for _ in 0..draws.below(6) {
                let (gate, targets) = random_gate(n, &mut draws);
                s.apply(gate, &targets).unwrap();
                d.apply(gate, &targets);
            }
            let (q, axis) = (draws.below(n as u64) as usize, Pauli::ALL[1 + draws.below(3) as usize]);
            let (string, outcome) = match draws.below(4) {
                0 => (single(n, q, axis), s.measure_in(q, axis).unwrap()),
                1 => {
                    let string = letters(n, &mut draws);
                    let outcome = s.measure_pauli(&string).unwrap();
                    (string, outcome)
                }
                2 => {
                    let (string, wanted) = (single(n, q, axis), draws.below(2) == 1);
                    let possible = match s.peek(q, axis).unwrap() {
                        Some(certain) => certain == wanted,
                        None => true,
                    };
                    let p = s.postselect(q, axis, wanted);
                    assert_eq!(p.is_ok(), possible);
                    if let Ok(p) = p {
                        assert!((d.clone().project(&string, wanted) - p).abs() < 1e-12);
                        (string, wanted)
                    } else {
                        assert!(d.same(&s), "an impossible outcome changed the state");
                        (string, !wanted)
                    }
                }
                _ => {
                    let string = letters(n, &mut draws);
                    let value = d.expectation(&string);
                    assert!((f64::from(s.expectation(&string).unwrap()) - value).abs() < 1e-12, "{string}");
                    (single(n, q, Pauli::Z), s.measure(q).unwrap())
                }
            };
            let p = d.project(&string, outcome);
            assert!((p - 0.5).abs() < 1e-9 || (p - 1.0).abs() < 1e-9, "{string} {outcome} {p}");
            assert!(d.same(&s), "case {case}: {string} {outcome}");
        }
    }
}

#[test]
fn stabilizers_stabilize_and_are_reduced() {
    let mut draws = stream(3);
    for case in 0..100 {
        let n = 1 + case % 6;
        let u = Tableau::random(n, &mut draws).unwrap();
        let s = StabilizerState::from_tableau(&u, 1).unwrap();
        let strings = s.stabilizers().unwrap();
        assert_eq!(strings.len(), n);
        let d = Dense(s.to_state_vector().unwrap());
        for string in &strings {
            assert!((d.expectation(string) - 1.0).abs() < 1e-12);
        }
        for q in 0..n {
            assert_eq!(s.expectation(&u.image_of_z(q).unwrap()).unwrap(), 1);
        }
        let again = StabilizerState::from_stabilizers(&strings, 1).unwrap();
        assert_eq!(again.stabilizers().unwrap(), strings);
        assert_eq!(again.fidelity(&s).unwrap(), 1.0);
    }
}

#[test]
fn xz_is_minus_i_y() {
    let string = |text: &str| text.parse::<PauliString>().unwrap();
    assert_eq!(string("X").times(&string("Z")), string("-iY"));
    let mut s = StabilizerState::new(2, 1).unwrap();
    s.apply(Gate::H, &[0]).unwrap();
    s.apply(Gate::CX, &[0, 1]).unwrap();
    // XX and ZZ are +1, so YY = -(XX)(ZZ) is -1.
    assert_eq!(s.expectation(&string("YY")).unwrap(), -1);
    assert_eq!(s.expectation(&string("-YY")).unwrap(), 1);
    assert!(s.expectation(&string("iYY")).is_err());
    assert!(s.measure_pauli(&string("YY")).unwrap());
    assert_eq!(s.measure_in(0, Pauli::Y).unwrap(), !s.measure_in(1, Pauli::Y).unwrap());
}

#[test]
fn a_product_is_measured_without_its_factors() {
    let mut s = StabilizerState::new(3, 5).unwrap();
    let outcome = s.measure_pauli(&"XXX".parse().unwrap()).unwrap();
    for _ in 0..5 {
        assert_eq!(s.measure_pauli(&"XXX".parse().unwrap()).unwrap(), outcome);
    }
    assert_eq!((0..3).map(|q| s.peek(q, Pauli::X).unwrap()).collect::<Vec<_>>(), [None; 3]);
    assert_eq!(s.expectation(&"ZZI".parse().unwrap()).unwrap(), 1);
    assert_eq!(s.expectation(&"ZII".parse().unwrap()).unwrap(), 0);
}

#[test]
fn impossible_outcomes_are_errors_that_say_which_is_possible() {
    let mut s = StabilizerState::new(1, 1).unwrap();
    let error = s.postselect(0, Pauli::Z, true).unwrap_err();
    assert_eq!(error.complaint, ebit_quantum::Complaint::Impossible);
    assert_eq!((error.range.as_str(), error.value.as_str()), ("0", "1"));
    assert_eq!(s.postselect(0, Pauli::X, true).unwrap(), 0.5);
    assert_eq!(s.postselect(0, Pauli::X, true).unwrap(), 1.0);
    assert!(s.postselect_pauli(&"-X".parse().unwrap(), true).is_err());
}

/// The same circuit on the first six qubits of registers of every layout of rows: the same outcomes and stabilizers.
#[test]
fn every_size_of_register_gives_the_same_bits() {
    let run = |n: usize, at: usize| {
        let mut draws = stream(4);
        let mut s = StabilizerState::new(n, 99).unwrap();
        let mut outcomes = Vec::new();
        for _ in 0..60 {
            for _ in 0..10 {
                let (gate, targets) = random_gate(6, &mut draws);
                s.apply(gate, &targets.iter().map(|q| at + q).collect::<Vec<_>>()).unwrap();
            }
            outcomes.push(s.measure(at + draws.below(6) as usize).unwrap());
            let string = letters(6, &mut draws);
            let mut long = PauliString::identity(n).with_phase(string.phase());
            string.paulis().enumerate().for_each(|(q, p)| long.set(at + q, p));
            outcomes.push(s.measure_pauli(&long).unwrap());
        }
        let kept = s.partial_trace(&(at..at + 6).collect::<Vec<_>>()).unwrap().stabilizers().unwrap();
        (outcomes, kept)
    };
    let expected = run(6, 0);
    assert!(expected.0.iter().any(|&o| o) && expected.0.iter().any(|&o| !o));
    for (n, at) in [
        (6, 0),
        (64, 58),
        (65, 59),
        (128, 61),
        (190, 100),
        (300, 200),
        (700, 253),
        (1100, 1020),
        (2048, 2000),
        (2100, 508),
        (3000, 2994),
    ] {
        assert_eq!(run(n, at), expected, "{n}");
    }
}

#[test]
fn operations_compose_and_invert() {
    let mut draws = stream(5);
    for n in [1, 2, 3, 7, 64, 65, 100, 150] {
        let (a, b) = (Tableau::random(n, &mut draws).unwrap(), Tableau::random(n, &mut draws).unwrap());
        let both = a.then(&b).unwrap();
        for _ in 0..20 {
            let string = letters(n, &mut draws);
            assert_eq!(both.apply(&string).unwrap(), b.apply(&a.apply(&string).unwrap()).unwrap());
        }
        let identity = Tableau::identity(n).unwrap();
        assert_eq!(a.then(&a.inverse().unwrap()).unwrap(), identity);
        assert_eq!(a.inverse().unwrap().then(&a).unwrap(), identity);
        assert!(n < 3 || a != b);
        let rebuilt = |f: &dyn Fn(usize) -> PauliString| (0..n).map(f).collect::<Vec<_>>();
        let (xs, zs) = (rebuilt(&|q| a.image_of_x(q).unwrap()), rebuilt(&|q| a.image_of_z(q).unwrap()));
        assert_eq!(Tableau::from_images(&xs, &zs).unwrap(), a);
        assert!(Tableau::from_images(&zs, &zs).is_err());
    }
}

#[test]
fn gates_are_operations() {
    let mut draws = stream(6);
    for &gate in Gate::ALL {
        let t = Tableau::from_gate(gate).unwrap();
        let mut appended = Tableau::identity(gate.qubits()).unwrap();
        appended.append(gate, &(0..gate.qubits()).collect::<Vec<_>>()).unwrap();
        assert_eq!(appended, t, "{gate:?}");
        for _ in 0..20 {
            let string = letters(gate.qubits(), &mut draws);
            let image = gate.conjugate([string.get(0), string.get(1)]);
            let expected = PauliString::from_paulis(&image.paulis[..gate.qubits()])
                .with_phase(string.phase() + 2 * u8::from(image.negative));
            assert_eq!(t.apply(&string).unwrap(), expected, "{gate:?} {string}");
        }
    }
    // A circuit as appended gates and as gates on a state.
    for _ in 0..20 {
        let (mut t, mut s) = (Tableau::identity(5).unwrap(), StabilizerState::new(5, 1).unwrap());
        for _ in 0..40 {
            let (gate, targets) = random_gate(5, &mut draws);
            t.append(gate, &targets).unwrap();
            s.apply(gate, &targets).unwrap();
        }
        assert_eq!(StabilizerState::from_tableau(&t, 1).unwrap().stabilizers().unwrap(), s.stabilizers().unwrap());
        let mut applied = StabilizerState::new(5, 1).unwrap();
        applied.apply_tableau(&t).unwrap();
        assert_eq!(applied.stabilizers().unwrap(), s.stabilizers().unwrap());
    }
}

/// Chi-squared with 23 degrees of freedom: P(> 77) < 1e-7, so a false alarm of two such tests is below 1e-6; a bias of one
/// operation by 20 % of its share over 48,000 draws gives 80 more.
#[test]
fn random_operations_are_uniform() {
    let mut draws = stream(7);
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..48_000 {
        let t = Tableau::random(1, &mut draws).unwrap();
        *counts.entry(format!("{}{}", t.image_of_x(0).unwrap(), t.image_of_z(0).unwrap())).or_insert(0u32) += 1;
    }
    assert_eq!(counts.len(), 24);
    let chi2: f64 = counts.values().map(|&c| (f64::from(c) - 2000.0).powi(2) / 2000.0).sum();
    assert!(chi2 < 77.0, "{chi2}");
    // Two qubits: the image of Z_1, the last one swept, is one of 30 signed strings. P(chi2_29 > 87) < 1e-7.
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..30_000 {
        let t = Tableau::random(2, &mut draws).unwrap();
        *counts.entry(t.image_of_z(1).unwrap().to_string()).or_insert(0u32) += 1;
    }
    assert_eq!(counts.len(), 30);
    let chi2: f64 = counts.values().map(|&c| (f64::from(c) - 1000.0).powi(2) / 1000.0).sum();
    assert!(chi2 < 87.0, "{chi2}");
}

fn density(s: &StabilizerState, keep: &[usize]) -> DensityMatrix {
    let amplitudes = s.to_state_vector().unwrap();
    let n = amplitudes.len();
    let matrix = (0..n * n).map(|k| amplitudes[k / n] * amplitudes[k % n].conj()).collect();
    DensityMatrix::from_matrix(matrix).unwrap().partial_trace(keep).unwrap()
}

#[test]
fn mixed_states_agree_with_density_matrices() {
    let mut draws = stream(8);
    for case in 0..60 {
        let n = 4 + case % 2;
        let keep: Vec<usize> = [vec![1], vec![2, 0], vec![3, 1, 0]][case % 3].clone();
        let pure: Vec<StabilizerState> =
            (0..2).map(|_| StabilizerState::from_tableau(&Tableau::random(n, &mut draws).unwrap(), 1).unwrap()).collect();
        let mut mixed: Vec<StabilizerState> = pure.iter().map(|s| s.partial_trace(&keep).unwrap()).collect();
        let mut dense: Vec<DensityMatrix> = pure.iter().map(|s| density(s, &keep)).collect();
        for ((s, pure), d) in mixed.iter().zip(&pure).zip(&dense) {
            let entropy = s.entropy().unwrap();
            assert!((d.purity() - 0.5f64.powi(entropy as i32)).abs() < 1e-10);
            assert_eq!(pure.entanglement_entropy(&keep).unwrap(), entropy);
            assert_eq!(s.stabilizers().unwrap().len(), keep.len() - entropy);
            // The kept qubits' strings have the values they had.
            for _ in 0..20 {
                let string = letters(keep.len(), &mut draws);
                let mut long = PauliString::identity(n).with_phase(string.phase());
                string.paulis().enumerate().for_each(|(k, p)| long.set(keep[k], p));
                assert_eq!(s.expectation(&string).unwrap(), pure.expectation(&long).unwrap());
            }
            let again = StabilizerState::from_stabilizers(&s.stabilizers().unwrap(), 1);
            assert!(s.stabilizers().unwrap().is_empty() || again.unwrap().fidelity(s).unwrap() == 1.0);
        }
        let ours = mixed[0].fidelity(&mixed[1]).unwrap();
        assert!((ours - dense[0].fidelity(&dense[1]).unwrap()).abs() < 1e-6, "{ours}");
        assert_eq!(ours, mixed[1].fidelity(&mixed[0]).unwrap());
        // Gates and measurements act on what is left.
        for (s, d) in mixed.iter_mut().zip(&mut dense) {
            s.apply_one(Gate::H, 0).unwrap();
            d.h(0).unwrap();
            let one = d.measure_probability(0).unwrap();
            let p = s.peek(0, Pauli::Z).unwrap().map_or(0.5, |certain| f64::from(u8::from(certain)));
            assert!((one - p).abs() < 1e-10);
            let outcome = s.measure(0).unwrap();
            d.collapse(0, outcome).unwrap();
            assert!((d.purity() - 0.5f64.powi(s.entropy().unwrap() as i32)).abs() < 1e-10);
        }
    }
}

#[test]
fn fidelity_of_pure_states_is_the_overlap() {
    let mut draws = stream(9);
    let mut zero = 0;
    for _ in 0..100 {
        let (a, b) = (Tableau::random(3, &mut draws).unwrap(), Tableau::random(3, &mut draws).unwrap());
        let (a, b) = (StabilizerState::from_tableau(&a, 1).unwrap(), StabilizerState::from_tableau(&b, 1).unwrap());
        let expected = Dense(a.to_state_vector().unwrap()).overlap(&b.to_state_vector().unwrap());
        assert!((a.fidelity(&b).unwrap() - expected).abs() < 1e-12);
        zero += usize::from(expected < 1e-9);
    }
    assert!((1..100).contains(&zero));
}

#[test]
fn graphs_there_and_back() {
    let mut draws = stream(10);
    for case in 0..100 {
        let n = 1 + case % 7;
        let s = StabilizerState::from_tableau(&Tableau::random(n, &mut draws).unwrap(), 1).unwrap();
        let form = s.to_graph().unwrap();
        let mut again = StabilizerState::from_graph(n, &form.edges, 1).unwrap();
        for (q, &gate) in form.gates.iter().enumerate() {
            again.apply_one(gate, q).unwrap();
        }
        assert_eq!(again.stabilizers().unwrap(), s.stabilizers().unwrap());
    }
    let ring = StabilizerState::from_graph(4, &[(0, 1), (1, 2), (2, 3), (3, 0)], 1).unwrap();
    for string in ["XZ_Z", "ZXZ_", "_ZXZ", "Z_ZX"] {
        assert_eq!(ring.expectation(&string.parse().unwrap()).unwrap(), 1);
    }
    assert_eq!(ring.to_graph().unwrap().edges, [(0, 1), (0, 3), (1, 2), (2, 3)]);
    assert!(StabilizerState::from_graph(2, &[(0, 0)], 1).is_err());
    assert!(StabilizerState::from_graph(2, &[(0, 1), (1, 0)], 1).is_err());
    assert!(StabilizerState::from_graph(2, &[(0, 2)], 1).is_err());
}

#[test]
fn bad_stabilizers_are_refused() {
    let from =
        |texts: &[&str]| StabilizerState::from_stabilizers(&texts.iter().map(|t| t.parse().unwrap()).collect::<Vec<_>>(), 1);
    assert!(from(&["XX", "ZI"]).unwrap_err().to_string().contains("commuting"));
    assert!(from(&["XX", "ZZ", "YY"]).unwrap_err().to_string().contains("contradictions"));
    assert!(from(&["XX", "ZZZ"]).is_err());
    assert!(from(&["iX"]).is_err());
    assert!(from(&["-II"]).is_err());
    assert_eq!(from(&["XX", "ZZ", "-YY"]).unwrap().entropy().unwrap(), 0);
    assert_eq!(from(&["XX"]).unwrap().entropy().unwrap(), 1);
}

#[test]
fn states_survive_their_words() {
    let mut draws = stream(11);
    for n in [0, 1, 5, 64, 70, 130] {
        let mut s = StabilizerState::from_tableau(&Tableau::random(n, &mut draws).unwrap(), 1).unwrap();
        let (words, phases) = s.to_words();
        let mut again = StabilizerState::from_words(n, &words, &phases, 1).unwrap();
        assert_eq!(again.stabilizers().unwrap(), s.stabilizers().unwrap());
        for q in 0..n {
            assert_eq!(again.measure(q).unwrap(), s.measure(q).unwrap());
        }
        assert!(StabilizerState::from_words(n + 1, &words, &phases, 1).is_err());
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for n in [10_000_000, usize::MAX / 2, usize::MAX] {
        let error = StabilizerState::new(n, 1).unwrap_err();
        assert_eq!(error.complaint, ebit_quantum::Complaint::TooLarge, "{error}");
        assert!(error.to_string().contains("bytes"), "{error}");
    }
    let mut s = StabilizerState::new(3, 1).unwrap();
    assert!(s.apply(Gate::CX, &[0]).is_err());
    assert!(s.apply(Gate::CX, &[1, 1]).is_err());
    assert!(s.apply_two(Gate::CX, 1, 1).is_err());
    assert!(s.apply_one(Gate::H, 3).is_err());
    assert!(s.apply_one(Gate::CX, 0).is_err());
    assert!(s.apply_two(Gate::H, 0, 1).is_ok(), "one-qubit gates take any number of targets");
    assert!(s.measure(3).is_err());
    assert!(s.partial_trace(&[0, 0]).is_err());
    assert!(s.expectation(&"ZZ".parse().unwrap()).is_err());
}
