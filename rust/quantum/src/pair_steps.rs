//! A bilateral circuit read from Stim's language: qubit k is pair k, carried out at both ends.

use crate::circuit::{Circuit, Instruction, Item, Operation, Target};
use crate::error::QuantumError;
use crate::noise::Noise;
use crate::pair_circuit::PairStep;
use crate::pauli::Pauli;

const OBJECT: &str = "BellDiagonal";

impl PairStep {
    /// The steps of a circuit: gates (conjugated at B), Pauli noise at both ends, `M`, `MX`, `MY` as comparisons; the argument
    /// of a measurement is the probability that one end's result is flipped.
    ///
    /// # Errors
    /// Resets, feedback, products, conditions, and gates that are no Clifford gates.
    pub fn from_circuit(circuit: &Circuit) -> Result<Vec<Self>, QuantumError> {
        let mut steps = Vec::new();
        circuit.walk(&mut |item| match item {
            Item::Instruction(instruction) => append(&mut steps, instruction),
            _ => Err(refused("IF")),
        })?;
        Ok(steps)
    }
}

fn append(steps: &mut Vec<PairStep>, instruction: &Instruction) -> Result<(), QuantumError> {
    let name = instruction.operation().name();
    let arguments = instruction.arguments();
    let p = instruction.argument();
    let noise = match instruction.operation() {
        Operation::Tick
        | Operation::QubitCoords
        | Operation::ShiftCoords
        | Operation::Detector
        | Operation::ObservableInclude => {
            return Ok(());
        }
        Operation::Gate(gate) => {
            for pairs in qubits(instruction)?.chunks_exact(gate.qubits()) {
                steps.push(PairStep::Gate(*gate, pairs.to_vec()));
            }
            return Ok(());
        }
        Operation::Measure(pauli) => {
            for pair in qubits(instruction)? {
                if p > 0.0 {
                    let flip = if *pauli == Pauli::Z { Pauli::X } else { Pauli::Z };
                    steps.push(PairStep::Noise(pauli_error(flip, p)?, vec![pair]));
                }
                steps.push(PairStep::Compare(*pauli, pair));
            }
            return Ok(());
        }
        Operation::PauliError(Pauli::I) | Operation::PairError => return Ok(()),
        Operation::PauliError(pauli) => pauli_error(*pauli, p)?,
        // Beyond full depolarization, which Stim allows, the share of I/d would exceed 1.
        Operation::Depolarize1 => exclusive(&[p / 3.0; 3])?,
        Operation::Depolarize2 => exclusive(&[p / 15.0; 15])?,
        Operation::PauliChannel1 => exclusive(arguments)?,
        Operation::PauliChannel2 => {
            // Stim counts the second target's Pauli fastest, this crate the first's.
            let at = |k: usize| arguments.get((k >> 2) + 4 * (k & 3) - 1).copied().unwrap_or(0.0);
            exclusive(&(1..16).map(at).collect::<Vec<_>>())?
        }
        _ => return Err(refused(name)),
    };
    for pairs in qubits(instruction)?.chunks_exact(noise.qubits()) {
        steps.push(PairStep::Noise(noise.clone(), pairs.to_vec()));
    }
    Ok(())
}

fn pauli_error(pauli: Pauli, p: f64) -> Result<Noise, QuantumError> {
    let mut words = vec![0.0; 4];
    words[pauli as usize] = p;
    words[0] = 1.0 - p;
    Noise::pauli(words)
}

/// The Pauli channel with these probabilities of everything but the identity.
fn exclusive(errors: &[f64]) -> Result<Noise, QuantumError> {
    let mut words = vec![(1.0 - errors.iter().sum::<f64>()).max(0.0)];
    words.extend_from_slice(errors);
    Noise::pauli(words)
}

fn qubits(instruction: &Instruction) -> Result<Vec<usize>, QuantumError> {
    let plain = |target: &Target| match target {
        Target::Qubit { index, inverted: false } => Ok(*index as usize),
        _ => Err(refused(&format!("{} {target}", instruction.operation().name()))),
    };
    instruction.targets().iter().map(plain).collect()
}

fn refused(name: &str) -> QuantumError {
    QuantumError::new(
        OBJECT,
        "circuit",
        "of Clifford gates, Pauli noise and M, MX, MY",
        name,
        "every step is carried out at both ends, and every measured pair is compared",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bell::BellDiagonal;

    #[test]
    fn double_selection_from_text() {
        let circuit: Circuit = "SQRT_X 0 1 2\nCX 0 1 2 1\nTICK\nM 1\nMX 2".parse().unwrap();
        let steps = PairStep::from_circuit(&circuit).unwrap();
        let pairs = [0.8, 0.9, 0.7].map(|f| BellDiagonal::werner(f).unwrap().dephase(0.1).unwrap());
        assert_eq!(BellDiagonal::distill_by_circuit(&pairs, &steps).unwrap(), pairs[0].double_select(&pairs[1], &pairs[2]));
    }

    #[test]
    fn noise_and_flipped_results() {
        let run = |text: &str| {
            let steps = PairStep::from_circuit(&text.parse().unwrap()).unwrap();
            BellDiagonal::distill_by_circuit(&[BellDiagonal::PHI_PLUS; 2], &steps).unwrap()
        };
        // One result of two is flipped.
        assert!((run("CX 0 1\nM(0.1) 1").0 - 0.82).abs() < 1e-15);
        assert!((run("H 1\nMX(0.1) 1").0 - 0.82).abs() < 1e-15);
        assert!((run("MY(0.1) 1").0 - 0.82).abs() < 1e-15);
        assert!((run("X_ERROR(0.1) 0\nM 1").1.qber_z() - 0.18).abs() < 1e-15);
        assert!((run("DEPOLARIZE1(0.75) 0\nM 1").1.fidelity() - 0.25).abs() < 1e-15);
        assert!((run("DEPOLARIZE2(0.9375) 0 1\nM 1").0 - 0.5).abs() < 1e-15);
        // IX is the first of the fifteen: X on the second.
        let text = format!("PAULI_CHANNEL_2(0.1{}) 0 1\nM 1", ", 0".repeat(14));
        let (p, pair) = run(&text);
        assert!((p - 0.82).abs() < 1e-15 && (pair.fidelity() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn what_has_no_meaning_at_both_ends() {
        for text in ["R 0", "M !1", "M 0\nCX rec[-1] 1", "MPP X0*X1", "E(0.1) X0", "MR 1"] {
            let error = PairStep::from_circuit(&text.parse().unwrap()).unwrap_err().to_string();
            assert!(error.contains("Clifford gates, Pauli noise"), "{error}");
        }
    }
}
