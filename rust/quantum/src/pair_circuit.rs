//! Distillation by any bilateral Clifford circuit: n pairs in, the same circuit at both ends, one pair kept.
//!
//! ```text
//!     pair 0  A0 --*----------- kept          A applies C, B its complex conjugate C*. Because
//!     pair 1  A1 --X----X--M    compared      (C (x) C*) |Phi+>^n = |Phi+>^n, an error P on A's halves
//!     pair 2  A2 -------*--MX   compared      becomes C P C^dagger: the 4^n weights are permuted.
//! ```
//!
//! The measured pairs are compared: kept are the runs in which each pair's two results are those of Phi+. Owns the exact
//! bookkeeping over 4^n joint weights; refuses to know matrices and signs, which no weight depends on.

use crate::bell::{BellDiagonal, OBJECT};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::noise::Noise;
use crate::noise_bell::FLIP;
use crate::pauli::Pauli;

/// The most pairs of one circuit: 4^10 weights are 8 MB.
pub const MAX_PAIRS: usize = 10;

/// One step of a circuit, carried out at both ends.
#[derive(Debug, Clone, PartialEq)]
pub enum PairStep {
    /// C at A, C* at B, on the halves of these pairs (one or two, as the gate has).
    Gate(Gate, Vec<usize>),
    /// The noise on A's halves of these pairs, and independently on B's.
    Noise(Noise, Vec<usize>),
    /// Both ends measure this Pauli on this pair and keep the run if the results are those of Phi+.
    Compare(Pauli, usize),
}

impl BellDiagonal {
    /// Distils `pairs` by a circuit that compares all of them but one: the probability that every comparison passes, and the
    /// pair kept then. With probability 0 there is no pair to give: I/4.
    ///
    /// # Errors
    /// More than ten pairs or fewer than two, a pair out of range or named twice in a step, one used after its comparison,
    /// a noise that is no Pauli channel, or a number of pairs left that is not one.
    pub fn distill_by_circuit(pairs: &[Self], steps: &[PairStep]) -> Result<(f64, Self), QuantumError> {
        let n = pairs.len();
        if !(2..=MAX_PAIRS).contains(&n) {
            let range = format!("a list of 2 to {MAX_PAIRS}");
            return Err(QuantumError::new(OBJECT, "pairs", range, n, "the joint weights are 4^n numbers"));
        }
        let kept = check(steps, n)?;
        let mut weights = joint(pairs);
        for step in steps {
            match step {
                PairStep::Gate(gate, targets) => weights = permuted(&weights, *gate, targets),
                PairStep::Noise(noise, targets) => {
                    let words = noise.pauli_twirl();
                    // Once for each end: B's Paulis flip the same Bell index.
                    weights = convolved(&convolved(&weights, &words, targets), &words, targets);
                }
                PairStep::Compare(pauli, pair) => compare(&mut weights, *pauli, *pair),
            }
        }
        let mut out = [0.0; 4];
        for (index, w) in weights.iter().enumerate() {
            out[FLIP[digit(index, kept)]] += w;
        }
        let probability: f64 = out.iter().sum();
        if probability > 0.0 {
            Ok((probability, Self::from_weights(out.map(|w| w / probability))))
        } else {
            Ok((0.0, Self::from_weights([0.25; 4])))
        }
    }

    /// Double selection (Fujii and Yamamoto 2009, doi:10.1103/PhysRevA.80.042308): `second` checks this pair for bit flips,
    /// `third` checks `second` for the phase flips it would hand on. Never twirls; as in DEJMPS all pairs are first rotated
    /// by pi/2 about X at both ends, so that repeated rounds see phase and bit errors in turn.
    pub fn double_select(&self, second: &Self, third: &Self) -> (f64, Self) {
        let rotate = (0..3).map(|k| PairStep::Gate(Gate::SqrtX, vec![k]));
        let check = [
            PairStep::Gate(Gate::CX, vec![0, 1]),
            PairStep::Gate(Gate::CX, vec![2, 1]),
            PairStep::Compare(Pauli::Z, 1),
            PairStep::Compare(Pauli::X, 2),
        ];
        let steps: Vec<PairStep> = rotate.chain(check).collect();
        Self::distill_by_circuit(&[*self, *second, *third], &steps).unwrap_or((0.0, Self::from_weights([0.25; 4])))
    }
}

/// Judges every step and returns the one pair that no comparison consumes.
fn check(steps: &[PairStep], pairs: usize) -> Result<usize, QuantumError> {
    let mut compared = vec![false; pairs];
    for (k, step) in steps.iter().enumerate() {
        let name = format!("steps[{k}]");
        let complain = |range: String, value: String, hint| Err(QuantumError::new(OBJECT, &name, range, value, hint));
        let (wanted, targets): (usize, &[usize]) = match step {
            PairStep::Gate(gate, targets) => (gate.qubits(), targets),
            PairStep::Noise(noise, targets) => (noise.qubits(), targets),
            PairStep::Compare(_, pair) => (1, std::slice::from_ref(pair)),
        };
        if targets.len() != wanted {
            return complain(format!("on {wanted} pair(s)"), targets.len().to_string(), "one for every qubit of the step");
        }
        for (j, target) in targets.iter().enumerate() {
            if *target >= pairs {
                return complain(format!("on pairs in [0, {}]", pairs - 1), target.to_string(), "pairs are counted from 0");
            }
            if targets[..j].contains(target) {
                return complain("on a pair not named before".into(), target.to_string(), "each pair once");
            }
            if compared[*target] {
                return complain("on a pair not yet measured".into(), target.to_string(), "a comparison consumes its pair");
            }
        }
        match step {
            PairStep::Noise(noise, _) if !noise.is_pauli() => {
                return Err(QuantumError::unsupported(
                    OBJECT,
                    name,
                    "a Pauli channel",
                    noise,
                    "follow the circuit on a DensityMatrix, or approximate the noise by its Pauli twirl: noise.twirled()",
                ));
            }
            PairStep::Compare(Pauli::I, _) => {
                return complain("a comparison of X, Y or Z".into(), "I".into(), "the identity has one result");
            }
            PairStep::Compare(_, pair) => compared[*pair] = true,
            _ => {}
        }
    }
    let mut left = (0..pairs).filter(|k| !compared[*k]);
    match (left.next(), left.next()) {
        (Some(kept), None) => Ok(kept),
        (first, _) => {
            let count = if first.is_none() { 0 } else { compared.iter().filter(|c| !**c).count() };
            let hint = "measure all pairs but the one to keep";
            Err(QuantumError::new(OBJECT, "circuit", "one that leaves one pair unmeasured", count, hint))
        }
    }
}

/// The Pauli of one pair in an index: digit k in base 4, in the order I X Y Z.
const fn digit(index: usize, pair: usize) -> usize {
    (index >> (2 * pair)) & 3
}

fn joint(pairs: &[BellDiagonal]) -> Vec<f64> {
    let mut out = vec![1.0];
    for pair in pairs {
        let w = pair.weights();
        out = FLIP.iter().flat_map(|bell| out.iter().map(|rest| rest * w[*bell]).collect::<Vec<_>>()).collect();
    }
    out
}

/// Moves every weight to where the gate sends its Pauli word; phases do not matter.
fn permuted(weights: &[f64], gate: Gate, targets: &[usize]) -> Vec<f64> {
    let second = targets.get(1).copied();
    let image: Vec<(usize, usize)> = (0..16)
        .map(|k| {
            let image = gate.conjugate([Pauli::ALL[k & 3], Pauli::ALL[if second.is_some() { k >> 2 } else { 0 }]]);
            (image.paulis[0] as usize, image.paulis[1] as usize)
        })
        .collect();
    let mut out = vec![0.0; weights.len()];
    for (index, w) in weights.iter().enumerate() {
        let first = targets[0];
        let key = digit(index, first) + 4 * second.map_or(0, |pair| digit(index, pair));
        let (a, b) = image[key];
        let mut to = index & !(3 << (2 * first)) | a << (2 * first);
        if let Some(pair) = second {
            to = to & !(3 << (2 * pair)) | b << (2 * pair);
        }
        out[to] = *w;
    }
    out
}

/// Random Pauli words on these pairs: XOR of digits.
fn convolved(weights: &[f64], words: &[f64], targets: &[usize]) -> Vec<f64> {
    let spread = |word: usize| targets.iter().enumerate().map(|(k, pair)| digit(word, k) << (2 * pair)).sum::<usize>();
    let errors: Vec<(usize, f64)> = words.iter().enumerate().map(|(word, p)| (spread(word), *p)).collect();
    (0..weights.len()).map(|to| errors.iter().map(|(error, p)| p * weights[to ^ error]).sum()).collect()
}

/// Drops what the comparison would notice: words that do not commute with the measured Pauli.
fn compare(weights: &mut [f64], pauli: Pauli, pair: usize) {
    for (index, w) in weights.iter_mut().enumerate() {
        if !Pauli::ALL[digit(index, pair)].commutes_with(pauli) {
            *w = 0.0;
        }
    }
}
