//! Noise on a pure state: one Kraus operator is drawn with its probability and applied, and the state normalized.
//!
//! Dalibard, Castin and Molmer, doi:10.1103/PhysRevLett.68.580. The average of |psi><psi| over runs is the channel. Every
//! call draws a fixed number of words: one, and for a depolarization that happens one more.

use ebit_random::Stream;
use num_complex::Complex64;

use super::{OBJECT, StateVector};
use crate::amplitudes::{Form, Step};
use crate::channel::{Branch, Channel, VectorAction};
use crate::error::QuantumError;
use crate::operator::{ONE, check_kraus};

impl StateVector {
    /// Draws one of the Kraus operators and applies it; returns which.
    ///
    /// # Errors
    /// Targets outside the register, a matrix of another size, or sum K^dagger K that is not I within 1e-9.
    pub fn apply_kraus(
        &mut self,
        kraus: &[Vec<Complex64>],
        targets: &[usize],
        stream: &mut Stream,
    ) -> Result<usize, QuantumError> {
        self.check_targets(targets)?;
        check_kraus(OBJECT, kraus, targets)?;
        let action = VectorAction::kraus(kraus, 1 << targets.len());
        Ok(self.take(&action, targets, stream))
    }

    /// Applies a prepared operation; returns which Kraus operator was drawn, 0 for a unitary.
    ///
    /// # Errors
    /// One prepared for a register of another size.
    pub fn apply_channel(&mut self, channel: &Channel, stream: &mut Stream) -> Result<usize, QuantumError> {
        channel.check_register(OBJECT, self.qubits)?;
        Ok(self.take(channel.vector(), channel.targets(), stream))
    }

    fn take(&mut self, action: &VectorAction, targets: &[usize], stream: &mut Stream) -> usize {
        match action {
            VectorAction::Unitary(form) => {
                self.act(form, targets);
                0
            }
            VectorAction::Trajectory(branches) => self.draw(branches, targets, stream),
            VectorAction::Depolarize(p) => usize::from(self.scatter(*p, targets, stream)),
        }
    }

    fn draw(&mut self, branches: &[Branch], targets: &[usize], stream: &mut Stream) -> usize {
        let reduced = self.reduced(targets);
        let d = 1usize << targets.len();
        // <K^dagger K> = Tr(G rho).
        let probability = |branch: &Branch| -> f64 {
            (0..d * d).map(|k| (branch.gram[k] * reduced[(k % d) * d + k / d]).re).sum::<f64>().max(0.0)
        };
        let probabilities: Vec<f64> = branches.iter().map(probability).collect();
        let mut left = stream.next_f64() * probabilities.iter().sum::<f64>();
        let mut chosen = 0;
        for (k, p) in probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            chosen = k;
            if left < *p {
                break;
            }
            left -= p;
        }
        let scale = 1.0 / probabilities[chosen].sqrt();
        let scaled: Vec<Complex64> = branches[chosen].matrix.iter().map(|x| x * scale).collect();
        self.act(&Form::of(&scaled, d), targets);
        chosen
    }

    fn scatter(&mut self, p: f64, targets: &[usize], stream: &mut Stream) -> bool {
        if !stream.bernoulli(p) {
            return false;
        }
        let word = stream.next_u64();
        for (k, target) in targets.iter().enumerate() {
            let (flip, phase) = (word >> (2 * k) & 1 == 1, word >> (2 * k + 1) & 1 == 1);
            let steps: &[Step] = match (flip, phase) {
                (false, false) => &[],
                (true, false) => &[Step::Exchange(0, 1)],
                (false, true) => &[Step::Scale(1, Complex64::new(-1.0, 0.0))],
                // Y up to a phase, which no state shows.
                (true, true) => &[Step::Scale(1, Complex64::new(-1.0, 0.0)), Step::Exchange(0, 1)],
            };
            crate::amplitudes::apply_steps(&mut self.data, steps, &[*target], self.threads);
        }
        true
    }

    /// With probability `p` replaces the targets together by white noise, as one Pauli word drawn evenly.
    ///
    /// # Errors
    /// `p` outside [0, 1], or targets outside the register.
    pub fn depolarize(&mut self, p: f64, targets: &[usize], stream: &mut Stream) -> Result<(), QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, "the weight of I/d; Stim's DEPOLARIZE1(q) has p = 4q/3")?;
        self.check_targets(targets)?;
        self.scatter(p, targets, stream);
        Ok(())
    }

    /// Flips the phase of each target with probability `p`.
    ///
    /// # Errors
    /// `p` outside [0, 1], or targets outside the register.
    pub fn dephase(&mut self, p: f64, targets: &[usize], stream: &mut Stream) -> Result<(), QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, "of a phase flip; 0.5 leaves no coherence")?;
        self.check_targets(targets)?;
        for target in targets {
            if stream.bernoulli(p) {
                self.steps(&[Step::Scale(1, -ONE)], &[*target])?;
            }
        }
        Ok(())
    }

    /// Each target falls from |1> to |0> with probability `gamma`.
    ///
    /// # Errors
    /// `gamma` outside [0, 1], or targets outside the register.
    pub fn amplitude_damp(&mut self, gamma: f64, targets: &[usize], stream: &mut Stream) -> Result<(), QuantumError> {
        self.amplitude_damp_towards(gamma, 0.0, targets, stream)
    }

    /// Each target exchanges energy with a bath with probability `gamma`: towards |1> with weight `excited`.
    ///
    /// # Errors
    /// `gamma` or `excited` outside [0, 1], or targets outside the register.
    pub fn amplitude_damp_towards(
        &mut self,
        gamma: f64,
        excited: f64,
        targets: &[usize],
        stream: &mut Stream,
    ) -> Result<(), QuantumError> {
        let gamma = QuantumError::probability(OBJECT, "gamma", gamma, "of a fall from |1> to |0>")?;
        let excited = QuantumError::probability(OBJECT, "excited_population", excited, "of the bath's |1>")?;
        self.check_targets(targets)?;
        let real = |x: f64| Complex64::new(x, 0.0);
        let keep = vec![ONE, real(0.0), real(0.0), real((1.0 - gamma).sqrt())];
        let fall = vec![real(0.0), real(gamma.sqrt()), real(0.0), real(0.0)];
        let action = VectorAction::kraus(&[keep, fall], 2);
        for target in targets {
            // Towards |1>: the same fall with |0> and |1> exchanged. A cold bath draws nothing for it.
            let up = excited > 0.0 && stream.bernoulli(excited);
            if up {
                self.steps(&[Step::Exchange(0, 1)], &[*target])?;
            }
            self.take(&action, &[*target], stream);
            if up {
                self.steps(&[Step::Exchange(0, 1)], &[*target])?;
            }
        }
        Ok(())
    }
}
